// What is to be seen of a run while it goes on: the view that was asked for, and under -v its calls.
import { toMermaidPath } from '../diagram/path.ts';
import type { RunEvent } from '../events/records.ts';
import { DEFAULT_POLICY } from '../policy.ts';
import type { Clock } from '../ports.ts';
import type { Run } from '../run.ts';
import { ndjsonView } from '../view/ndjson.ts';
import { plainView } from '../view/plain.ts';
import { ttyView } from '../view/tty.ts';
import type { View } from '../view/view.ts';
import type { Context } from './output.ts';
import { stepOf } from './steps.ts';

export interface ShownRun {
  /** Resolves when the last line is written; with the run's path as Mermaid, if that was asked for. */
  end(): Promise<string | undefined>;
}

/**
 * @param how.together other runs are shown at the same time: lines say whose they are, and no block is drawn
 * @param how.elsewhere its progress is shown with that of others: only its calls are told from here
 * @param how.toldAfter the sentence of a failure comes on stderr after it, so that no view has to say it
 */
export function showRun(
  run: Run<unknown>,
  clock: Clock,
  context: Context,
  how: {
    readonly together: boolean;
    readonly path: boolean;
    readonly toldAfter?: boolean;
    readonly elsewhere?: boolean;
  }
): ShownRun {
  const { out } = context;
  const steps: RunEvent[] = [];
  let to = '';
  const timeline = run.timeline$.subscribe(event => {
    if (event.type === 'started') to = event.to;
    if (how.path && ((event.type === 'state' && event.path === '') || event.type === 'ended')) steps.push(event);
    const step = stepOf(event);
    if (step !== undefined && out.hears(step.level)) {
      out.log(step.level, `${how.together ? `${to} ` : ''}${step.text}`);
    }
  });
  const view = how.elsewhere ? undefined : viewOf(run, clock, context, how, () => to);
  const alone = !how.together && !how.elsewhere;
  if (alone) out.through(view && (line => view.log(line)));
  return {
    async end() {
      await view?.done;
      timeline.unsubscribe();
      if (how.elsewhere) return how.path ? toMermaidPath(steps) : undefined;
      out.through(undefined);
      // On one screen the report stands apart from what was drawn.
      if (out.progress === 'tty' && context.io.stdout.isTTY && !out.json) out.data('\n');
      return how.path ? toMermaidPath(steps) : undefined;
    }
  };
}

function viewOf(
  run: Run<unknown>,
  clock: Clock,
  { io, out }: Context,
  { together, toldAfter = false }: { readonly together: boolean; readonly toldAfter?: boolean },
  to: () => string
): View | undefined {
  const { stderr } = io;
  const write = (text: string): void => {
    stderr.write(text);
  };
  switch (out.progress) {
    case 'none':
      return undefined;
    case 'ndjson':
      return ndjsonView(run, {
        // Lines of several runs stand mixed: each says whose it is.
        write: line => write(`${JSON.stringify({ ...JSON.parse(line), run: run.id, to: to() })}\n`),
        clock
      });
    case 'tty':
      if (together) break;
      return ttyView(run, {
        write,
        clock,
        color: out.color.stderr,
        columns: () => stderr.columns,
        rows: () => stderr.rows
      });
  }
  const named = together ? (text: string): void => write(`${to()} ${text}`) : write;
  return plainView(run, { write: named, clock, attempts: DEFAULT_POLICY.maxAttempts, reason: !toldAfter });
}
