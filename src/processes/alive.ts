// Whether a process is there, and still the same one: for those who leave something behind that only one may use.
import { readFileSync } from 'node:fs';

/** A process, told apart from a later one of the same number. */
export interface Owner {
  readonly pid: number;
  /** When the process started, in ticks since the machine did; only Linux tells. */
  readonly started?: string;
}

/** Whether the process is there, and still the same one. */
export function alive({ pid, started }: Owner): boolean {
  const now = startOf(pid);
  if (now !== undefined && started !== undefined) return now === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // A process of another user may not be asked, but it is there.
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function thisProcess(): Owner {
  const started = startOf(process.pid);
  return { pid: process.pid, ...(started !== undefined && { started }) };
}

/** Field 22 of /proc/PID/stat (proc(5)); a name in field 2 may hold anything, so it is counted from behind that. */
function startOf(pid: number): string | undefined {
  const stat = statOf(pid);
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  // A zombie uses nothing any more.
  return state === 'Z' ? 'ended' : fields[18];
}

function statOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}
