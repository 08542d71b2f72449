// A block on the terminal, redrawn in place. The cursor is hidden meanwhile and always given back.
import type { RunStreams } from '../observe/observer.ts';
import type { Progress } from '../observe/progress.ts';
import { blockOf } from './block.ts';
import { everySoOften, type View, type ViewOptions } from './view.ts';

export interface TtyOptions extends ViewOptions {
  /** Asked before each drawing: a terminal may be resized. 80 × 24 unless told. */
  columns?(): number | undefined;
  rows?(): number | undefined;
  readonly color: boolean;
}

const [HIDE, SHOW, CLEAR_BELOW, CLEAR_LINE] = ['\x1b[?25l', '\x1b[?25h', '\x1b[0J', '\x1b[0K'];

export function ttyView(streams: Pick<RunStreams, 'progress$'>, options: TtyOptions): View {
  const { write, clock, color } = options;
  let latest: Progress | undefined;
  let height = 0;
  let open = true;
  let settle: () => void = () => undefined;
  const done = new Promise<void>(resolve => {
    settle = resolve;
  });

  function draw(): void {
    // What failed before it could begin has nothing to draw.
    if (latest === undefined || latest.to === '' || !open) return;
    const lines = blockOf(latest, {
      // A terminal that was never told its size says 0.
      columns: options.columns?.() || 80,
      rows: options.rows?.() || 24,
      color,
      now: clock.now()
    });
    write(`${height === 0 ? HIDE : up(height)}${lines.map(line => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`);
    height = lines.length;
  }

  function stop(): void {
    if (!open) return;
    open = false;
    stopTicking();
    subscription.unsubscribe();
    if (height > 0) write(SHOW);
    settle();
  }

  const stopTicking = everySoOften(clock, 1000, () => {
    // Only a countdown moves by itself.
    if (latest !== undefined && latest.waits.length > 0) draw();
  });
  const subscription = streams.progress$.subscribe({
    next: progress => {
      latest = progress;
      draw();
    },
    // Deferred: a run that is already over completes before there is a subscription to end.
    complete: () => queueMicrotask(stop)
  });

  return {
    done,
    log(line) {
      write(height > 0 && open ? `${up(height)}${CLEAR_BELOW}${line}\n` : `${line}\n`);
      if (height > 0 && open) {
        height = 0;
        draw();
      }
    },
    stop
  };
}

function up(lines: number): string {
  return `\x1b[${lines}A\r`;
}
