// What every view has in common: where it writes, when it ends, and which one suits a terminal.
import type { Clock } from '../ports.ts';

export interface View {
  /** Resolves when the run is over and the last line is written. Never rejects. */
  readonly done: Promise<void>;
  /** Writes a line of somebody else's without harm to what the view shows. */
  log(line: string): void;
  /** Ends it at once and leaves the terminal as it was; allowed any number of times. */
  stop(): void;
}

export interface ViewOptions {
  /** Where the text goes: stderr in the command. */
  write(text: string): void;
  readonly clock: Clock;
}

export type Mode = 'tty' | 'plain' | 'ndjson' | 'none';

/**
 * The view for `--progress auto`. A terminal that cannot move its cursor gets lines.
 *
 * @example `modeFor('auto', true, { TERM: 'dumb' })` is `'plain'`.
 */
export function modeFor(asked: Mode | 'auto', isTty: boolean, env: Readonly<Record<string, string | undefined>>): Mode {
  if (asked !== 'auto') return asked;
  return isTty && env.TERM !== 'dumb' ? 'tty' : 'plain';
}

/** Whether to colour (https://no-color.org): any NO_COLOR that is not empty says no, and so does a dumb terminal. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/** Calls `tick` every so often on the clock until it is stopped; a view's own heart, so that countdowns move. */
export function everySoOften(clock: Clock, everyMs: number, tick: () => void): () => void {
  const stopped = new AbortController();
  const wait = (): void => {
    clock.sleepUntil(clock.now() + everyMs, stopped.signal).then(
      () => {
        if (stopped.signal.aborted) return;
        tick();
        wait();
      },
      () => undefined
    );
  };
  wait();
  return () => stopped.abort();
}
