// Emits at once, then no oftener than every so often; the last change is never lost. Waits on the Clock port, so that it
// keeps virtual time too.
import type { Clock } from '../ports.ts';

export interface Pace {
  /** Something changed. */
  touch(): void;
  /** Drops what is pending. */
  stop(): void;
}

/** Without a reason of its own, each wait would cost an error with its stack. */
const OVER = 'over';

export interface PaceOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly beatMs: number;
  /** Says whether to emit again after `beatMs` even if nothing changes. */
  emit(): boolean;
}

export function createPace({ clock, everyMs, beatMs, emit }: PaceOptions): Pace {
  let lastAt = Number.NEGATIVE_INFINITY;
  let changeIsDue = false;
  let stopped = false;
  let pending = new AbortController();

  function now(): void {
    changeIsDue = false;
    pending.abort(OVER);
    lastAt = clock.now();
    // A subscriber may have touched or stopped it meanwhile.
    if (emit() && !changeIsDue && !stopped) wait(lastAt + beatMs);
  }

  function wait(at: number): void {
    pending.abort(OVER);
    const mine = new AbortController();
    pending = mine;
    clock.sleepUntil(at, mine.signal).then(
      () => {
        if (!mine.signal.aborted) now();
      },
      () => undefined
    );
  }

  return {
    touch() {
      if (changeIsDue || stopped) return;
      if (clock.now() - lastAt >= everyMs) return now();
      changeIsDue = true;
      wait(lastAt + everyMs);
    },
    stop() {
      stopped = true;
      pending.abort(OVER);
    }
  };
}
