// Workers that are processes of their own: each a copy of this command that is told which seeds to play.
import { type ChildProcess, fork } from 'node:child_process';
import type { Share, Worker } from './crew.ts';
import { exploreSeed, type Played } from './explore.ts';

/** The option that makes a process one of them. */
export const AS_WORKER = '--as-worker';

export interface Crew {
  readonly workers: readonly Worker[];
  /** Ends them, whatever they are at. */
  dismiss(): void;
}

/** @param count how many; they run `program` */
export function crewOf(count: number, program: string): Crew {
  const processes = Array.from({ length: count }, () => fork(program, [AS_WORKER]));
  return {
    workers: processes.map(child => ({ play: share => answered(child, share) })),
    dismiss: () => {
      for (const child of processes) child.kill('SIGKILL');
    }
  };
}

/** What a worker does with its life. */
export function serve(): void {
  // Ctrl-C goes to all of them: whoever started it says when it ends.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (share: Share) => {
    playShare(share).then(played => process.send?.(played));
  });
}

/** Plays them one after the other. */
export async function playShare({ from, to }: Share): Promise<Played[]> {
  const played: Played[] = [];
  for (let seed = from; seed < to; seed++) played.push(await exploreSeed(seed));
  return played;
}

function answered(child: ChildProcess, share: Share): Promise<readonly Played[]> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: NodeJS.Signals | null): void => {
      reject(new Error(`the process that played the seeds ${share.from} to ${share.to - 1} died (${signal ?? code})`));
    };
    child.once('exit', died);
    child.once('message', played => {
      child.off('exit', died);
      resolve(played as readonly Played[]);
    });
    child.send(share);
  });
}
