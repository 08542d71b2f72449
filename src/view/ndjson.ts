// Lines for programs: one JSON object each. Fields may be added; what is there keeps its meaning while `schema` is 1.
import { FAILURES } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../events/records.ts';
import { applyEvent, emptyModel } from '../observe/fold.ts';
import type { RunStreams } from '../observe/observer.ts';
import type { Progress } from '../observe/progress.ts';
import type { View, ViewOptions } from './view.ts';

export type LineType = 'status' | 'transition' | 'retry' | 'summary' | 'error' | 'log';

export function ndjsonView(streams: Pick<RunStreams, 'timeline$' | 'progress$'>, { write, clock }: ViewOptions): View {
  const tell = ndjsonTeller();
  let open = true;
  let settle: () => void = () => undefined;
  const done = new Promise<void>(resolve => {
    settle = resolve;
  });
  // The timeline first: a late subscriber hears what came before, then where it stands now.
  const timeline = streams.timeline$.subscribe(event => {
    for (const line of tell(event)) write(line);
  });
  const progress = streams.progress$.subscribe({
    next: value => write(statusLine(value)),
    complete: () => queueMicrotask(stop)
  });

  function stop(): void {
    if (!open) return;
    open = false;
    timeline.unsubscribe();
    progress.unsubscribe();
    settle();
  }

  return { done, log: message => write(ndjsonLine('log', clock.now(), { message })), stop };
}

/** @example `ndjsonLine('log', 0, { message: 'x' })` is `'{"schema":1,"type":"log","at":0,"message":"x"}\n'`. */
export function ndjsonLine(type: LineType, at: number, fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ schema: 1, type, at, ...fields })}\n`;
}

export function statusLine({ at, phase, files, total, retries, waits }: Progress): string {
  return ndjsonLine('status', at, {
    phase,
    total: { ...total, rate: Math.round(total.rate) },
    files: files.map(({ role: _, ...file }) => ({ ...file, rate: Math.round(file.rate) })),
    retries,
    waits
  });
}

/** Gives the lines for one event after the other. */
export function ndjsonTeller(): (event: RunEvent) => string[] {
  const model = emptyModel();
  return event => {
    const retry = applyEvent(model, event);
    if (retry !== undefined) {
      const { at, failure, until, ...fields } = retry;
      const { code, message } = failure;
      return [ndjsonLine('retry', at, { ...fields, until, waitMs: until - at, code, message })];
    }
    if (event.type === 'state') {
      const { type: _, at, ...fields } = event;
      return [ndjsonLine('transition', at, fields)];
    }
    if (event.type !== 'ended') return [];
    const { at, outcome, failure } = event;
    const total = (key: 'size' | 'accepted'): number => model.files.reduce((sum, file) => sum + file[key], 0);
    const summary = {
      run: model.run,
      to: model.to,
      outcome,
      files: model.files.length,
      size: total('size'),
      sent: model.sentInAll,
      accepted: total('accepted'),
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
}
