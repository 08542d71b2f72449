// What is to be seen of many items while they go up: all of them in one block, or a line for each that has ended.
import type { Clock } from '../ports.ts';
import type { Report } from '../report.ts';
import { renderItems } from '../view/items-report.ts';
import { itemsLines, itemsProgress } from '../view/items.ts';
import { ttyView } from '../view/tty.ts';
import type { Job } from './jobs.ts';
import { type Context, widthOf } from './output.ts';

export interface ShownItems extends ReturnType<typeof itemsLines> {
  /** Resolves when the last line is written. */
  close(): Promise<void>;
}

/** Above this, a person reads a table, not a report an item. */
const MANY = 10;

export function areMany(things: readonly unknown[]): boolean {
  return things.length > MANY;
}

/**
 * `undefined`: each run tells of itself, or nobody wants to know.
 *
 * @param names `library/item` of each
 * @param to where they all are
 */
export function showItems(
  names: readonly string[],
  to: string,
  clock: Clock,
  { io, out }: Context
): ShownItems | undefined {
  if (!areMany(names) || (out.progress !== 'tty' && out.progress !== 'plain')) return undefined;
  const write = (text: string): void => {
    io.stderr.write(text);
  };
  if (out.progress === 'plain') {
    const lines = itemsLines({ names, to, clock, write });
    return { ...lines, close: async () => lines.close() };
  }
  const items = itemsProgress({ names, to, clock });
  const view = ttyView(items, {
    write,
    clock,
    color: out.color.stderr,
    columns: () => io.stderr.columns,
    rows: () => io.stderr.rows
  });
  out.through(line => view.log(line));
  return {
    begin: items.begin,
    end: items.end,
    async close() {
      items.close();
      await view.done;
      out.through(undefined);
      // On one screen the table stands apart from what was drawn.
      if (io.stdout.isTTY && !out.json) out.data('\n');
    }
  };
}

interface Ended {
  readonly job: Job;
  readonly report?: Report;
  readonly path?: string;
  readonly notBegun?: 'signal' | 'deadline' | 'failFast';
}
const WHY = { signal: 'canceled', deadline: 'the deadline passed', failFast: 'another item failed' };

/** One table for all of them; under `--json` the object says it. */
export function tellItems(ended: readonly Ended[], tookMs: number, context: Context): void {
  const { out } = context;
  const items = ended.map(({ job: { to }, report, notBegun }) => ({
    name: `${to.library}/${to.item}`,
    report,
    notBegun: notBegun && WHY[notBegun]
  }));
  const late = items.filter(({ report }) => report === undefined);
  if (late.length > 0) out.log('warning', `not begun: ${late.length} of ${items.length} items (${late[0]?.notBegun})`);
  if (out.json) return;
  const paths = ended.flatMap(({ path }, index) =>
    path === undefined ? [] : [`\n%% ${items[index]?.name}\n${path}\n`]
  );
  out.data(`${renderItems(items, tookMs, { columns: widthOf(context) })}${paths.join('')}`);
}
