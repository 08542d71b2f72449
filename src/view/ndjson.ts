// Lines for programs: one JSON object each. Fields may be added; what is there keeps its meaning while `schema` is 1.
import { FAILURES } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../events/records.ts';
import { applyEvent, emptyModel } from '../observe/fold.ts';
import type { RunStreams } from '../observe/observer.ts';
import type { Progress } from '../observe/progress.ts';
import type { View, ViewOptions } from './view.ts';

export type LineType = 'status' | 'transition' | 'retry' | 'summary' | 'error' | 'log';

export function ndjsonView(streams: Pick<RunStreams, 'timeline$' | 'progress$'>, { write, clock }: ViewOptions): View {
  const { tell, summarize } = ndjsonTeller();
  let open = true;
  let latest: Progress | undefined;
  let settle: () => void = () => undefined;
  const done = new Promise<void>(resolve => {
    settle = resolve;
  });
  // The timeline first: a late subscriber hears what came before, then where it stands now.
  const timeline = streams.timeline$.subscribe(event => {
    for (const line of tell(event)) write(line);
  });
  const progress = streams.progress$.subscribe({
    next: value => {
      latest = value;
      write(statusLine(value));
    },
    complete: () => queueMicrotask(stop)
  });

  function stop(): void {
    if (!open) return;
    open = false;
    timeline.unsubscribe();
    progress.unsubscribe();
    // Last, when all bytes are counted.
    for (const line of summarize(latest)) write(line);
    settle();
  }

  return { done, log: message => write(ndjsonLine('log', clock.now(), { message })), stop };
}

/** @example `ndjsonLine('log', 0, { message: 'x' })` is `'{"schema":1,"type":"log","at":0,"message":"x"}\n'`. */
function ndjsonLine(type: LineType, at: number, fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ schema: 1, type, at, ...fields })}\n`;
}

function statusLine({ at, phase, files, total, retries, waits }: Progress): string {
  return ndjsonLine('status', at, {
    phase,
    total: { ...total, rate: Math.round(total.rate) },
    files: files.map(({ role: _, ...file }) => ({ ...file, rate: Math.round(file.rate) })),
    retries,
    waits
  });
}

interface Teller {
  /** The lines for one event after the other. */
  tell(event: RunEvent): string[];
  /** The lines for the end, once it has come. Bytes never pass through the events: they come with the last progress. */
  summarize(last: Progress | undefined): string[];
}

function ndjsonTeller(): Teller {
  const model = emptyModel();
  const tell = (event: RunEvent): string[] => {
    const retry = applyEvent(model, event);
    if (retry !== undefined) {
      const { at, failure, until, ...fields } = retry;
      const { code, message } = failure;
      return [ndjsonLine('retry', at, { ...fields, until, waitMs: until - at, code, message })];
    }
    if (event.type !== 'state') return [];
    const { type: _, at, ...fields } = event;
    return [ndjsonLine('transition', at, fields)];
  };
  const summarize = (last: Progress | undefined): string[] => {
    if (model.ended === undefined) return [];
    const { at, outcome, failure } = model.ended;
    const summary = {
      run: model.run,
      to: model.to,
      outcome,
      files: model.files.length,
      size: model.files.reduce((sum, { size }) => sum + size, 0),
      sent: last?.sentInAll ?? 0,
      accepted: last?.total.accepted ?? 0,
      retries: model.retries,
      durationMs: at - model.startedAt
    };
    const error =
      failure === undefined
        ? []
        : [
            ndjsonLine('error', at, { code: failure.code, message: failure.message, next: FAILURES[failure.code].next })
          ];
    return [...error, ndjsonLine('summary', at, summary)];
  };
  return { tell, summarize };
}
