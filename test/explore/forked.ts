// Workers that are processes of their own: each a copy of this command that is told what to play.
import { type ChildProcess, fork } from 'node:child_process';
import type { Share, Worker } from './crew.ts';

/** The option that makes a process one of them. */
export const AS_WORKER = '--as-worker';

export interface Crew<T> {
  readonly workers: readonly Worker<T>[];
  /** Ends them, whatever they are at. */
  dismiss(): void;
}

/** @param count how many; they run `program` with these words. */
export function crewOf<T>(count: number, program: string, words: readonly string[] = []): Crew<T> {
  const processes = Array.from({ length: count }, () => fork(program, [AS_WORKER, ...words]));
  return {
    workers: processes.map(child => ({ play: share => answered(child, share) })),
    dismiss: () => {
      for (const child of processes) child.kill('SIGKILL');
    }
  };
}

/** What a worker does with its life. */
export function serve(play: Worker<unknown>['play']): void {
  // Ctrl-C goes to all of them: whoever started it says when it ends.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (share: Share) => {
    play(share).then(played => process.send?.(played));
  });
}

function answered<T>(child: ChildProcess, share: Share): Promise<readonly T[]> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: NodeJS.Signals | null): void => {
      reject(new Error(`the process that played ${share.from} to ${share.to - 1} died (${signal ?? code})`));
    };
    child.once('exit', died);
    child.once('message', played => {
      child.off('exit', died);
      resolve(played as readonly T[]);
    });
    child.send(share);
  });
}
