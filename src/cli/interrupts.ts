// Ctrl-C and its like: the first asks for an orderly end, the second is obeyed at once.
import { exitOfSignal, Interrupted } from './exit.ts';
import type { Io, Signal } from './io.ts';

export interface Interrupts {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Which one it was. */
  readonly caught: Signal | undefined;
  /** Rejects with `Interrupted` at the first signal; never resolves. */
  readonly rejected: Promise<never>;
  /** Signals are again what they were before. */
  stop(): void;
}

/** @param told is called once, at the first signal; `again` at the second, just before the end */
export function listenForInterrupts(
  io: Io,
  told: (signal: Signal) => void = () => undefined,
  again: () => void = () => undefined
): Interrupts {
  const abort = new AbortController();
  let caught: Signal | undefined;
  const off = io.onSignal?.(signal => {
    if (caught !== undefined) {
      again();
      io.exit?.(exitOfSignal(signal));
      return;
    }
    caught = signal;
    told(signal);
    abort.abort(new Interrupted(signal));
  });
  const rejected = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason), { once: true });
  });
  // Nobody has to wait for it.
  rejected.catch(() => undefined);
  return {
    signal: abort.signal,
    get caught() {
      return caught;
    },
    rejected,
    stop: () => off?.()
  };
}
