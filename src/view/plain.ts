// Lines for logs and pipes: one a change of state, and one every ten seconds while bytes go.
import { phaseOf } from '../events/phase.ts';
import type { ListedFile, Outcome, RunEvent } from '../events/records.ts';
import { applyEvent, emptyModel } from '../observe/fold.ts';
import type { RunStreams } from '../observe/observer.ts';
import type { Progress } from '../observe/progress.ts';
import { everySoOften, type View, type ViewOptions } from './view.ts';
import { clockOf, harmless, isLeft, percentOf, rateOf, sizeOf, sizesOf, spanOf, verbsOf, withReason } from './words.ts';

export interface PlainOptions extends ViewOptions {
  /** How often a push may be tried, to print `attempt 2/5`. */
  readonly attempts?: number;
  /** Whether the last line says why it failed; true unless somebody else does. */
  readonly reason?: boolean;
}

const EVERY_MS = 10_000;
/** States that say little by themselves. */
const WORDS: Readonly<Record<string, string>> = { pulling: 'the server fetches it' };
/** The last states say what the end says again. */
const OUTCOMES: ReadonlySet<string> = new Set([
  'done',
  'upToDate',
  'failed',
  'canceled',
  'planned'
] satisfies Outcome[]);

export function plainView(streams: Pick<RunStreams, 'timeline$' | 'progress$'>, options: PlainOptions): View {
  const { write, clock } = options;
  const tell = teller(options.attempts, options.reason);
  let latest: Progress | undefined;
  let open = true;
  let settle: () => void = () => undefined;
  const done = new Promise<void>(resolve => {
    settle = resolve;
  });
  const stopTicking = everySoOften(clock, EVERY_MS, () => {
    // Before it has started there is nothing to count.
    if (latest !== undefined && latest.files.length > 0) write(`${progressLine(latest, clock.now())}\n`);
  });
  const progress = streams.progress$.subscribe(value => {
    latest = value;
  });
  const timeline = streams.timeline$.subscribe({
    next: event => {
      for (const line of tell(event)) write(`${line}\n`);
    },
    complete: () => queueMicrotask(stop)
  });

  function stop(): void {
    if (!open) return;
    open = false;
    stopTicking();
    progress.unsubscribe();
    timeline.unsubscribe();
    settle();
  }

  return { done, log: line => write(`${line}\n`), stop };
}

/** Gives the lines for one event after the other. */
function teller(attempts?: number, reason = true): (event: RunEvent) => string[] {
  const model = emptyModel();
  /** For what each machine has been said to wait, so that a long wait of many looks is one line. */
  const told = new Map<string, string>();
  return event => {
    const before = phaseOf(model.state);
    const states = new Map(event.type === 'state' ? model.files.map(file => [file.name, file.state]) : []);
    const retry = applyEvent(model, event);
    const since = `[${clockOf(event.at - model.startedAt)}]`;
    if (retry !== undefined) {
      const about = retry.file === undefined ? retry.op : `${retry.file}: ${retry.op}`;
      return [
        harmless(`${since} ${about} failed, again in ${spanOf(retry.until - retry.at)}: ${retry.failure.message}`)
      ];
    }
    if (event.type === 'started') {
      const what = event.kind === 'download' ? '' : `: ${counted(event)}`;
      return [harmless(`${since} ${event.to} on ${event.server}${what}`)];
    }
    if (event.type === 'listed') return [harmless(`${since} ${counted(event)}`)];
    if (event.type === 'call' && (event.op === 'push' || event.op === 'fetch')) {
      const file = event.about === undefined ? undefined : model.byName.get(event.about);
      if (file === undefined || file.attempt < 2) return [];
      const of = attempts === undefined || file.attempt > attempts ? '' : `/${attempts}`;
      return [harmless(`${since} ${file.name}: attempt ${file.attempt}${of}`)];
    }
    if (event.type === 'waiting' && event.why !== undefined) {
      if (told.get(event.path) === event.why) return [];
      told.set(event.path, event.why);
      return [harmless(`${since} waits ${spanOf(event.until - event.at)}: ${event.why}`)];
    }
    if (event.type === 'ended') {
      return [harmless(`${since} ${withReason(event.outcome, reason ? event.failure?.message : undefined)}`)];
    }
    const phase = phaseOf(model.state);
    const changed = model.files.filter(file => states.has(file.name) && states.get(file.name) !== file.state);
    return [
      ...(event.type === 'state' && phase !== before && !OUTCOMES.has(phase) ? [harmless(`${since} ${phase}`)] : []),
      ...changed.map(file => harmless(`${since} ${file.name}: ${WORDS[file.state] ?? file.state}`))
    ];
  };
}

/** @example `[0:10] 50%: 32.0 MiB sent, 31.0 MiB accepted of 64.0 MiB, 12.3 MiB/s, 0:03 left` */
function progressLine({ total, startedAt, waits, kind }: Progress, now: number): string {
  const [moving, there] = verbsOf(kind);
  const [sent, accepted, of] = sizesOf([total.sent, total.accepted, total.size]);
  const rate = rateOf(total.rate);
  const percent = percentOf(Math.max(total.sent, total.accepted), total.size, total.accepted);
  return [
    `[${clockOf(now - startedAt)}] ${
      total.unsized
        ? `${sizeOf(total.sent)} ${moving}, ${sizeOf(total.accepted)} ${there}`
        : `${percent}: ${sent} ${moving}, ${accepted} ${there} of ${of}`
    }`,
    ...(rate === '' ? [] : [rate]),
    ...(isLeft(total.etaMs, total.rate) ? [`${clockOf(total.etaMs)} left`] : []),
    ...waits.map(wait => `waiting ${spanOf(wait.until - now)}`).slice(0, 1)
  ].join(', ');
}

function counted({ files }: { readonly files: readonly ListedFile[] }): string {
  const [size] = sizesOf([files.reduce((sum, file) => sum + (file.size ?? 0), 0)]);
  const unknown = files.filter(file => file.size === undefined).length;
  const more = unknown === 0 ? `, ${size}` : unknown === files.length ? ', size unknown' : `, ${size} and more`;
  const fetched = files.some(file => file.pull === true);
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}${more}${fetched ? '; the server fetches' : ''}`;
}
