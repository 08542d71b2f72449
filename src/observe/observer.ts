// The run's streams. The runner tells the observer every event and byte count; whoever wants to know subscribes. Nothing
// is computed while nobody does. The streams end with the run and never fail: failure is a value in the report.
import { Observable, ReplaySubject } from 'rxjs';
import type { Failure } from '../../machines/vocabulary.ts';
import { phaseOf } from '../events/phase.ts';
import type { FileBytes, Outcome, RunEvent } from '../events/records.ts';
import type { Clock } from '../ports.ts';
import { applyBytes, applyEvent, emptyModel } from './fold.ts';
import { createPace } from './pace.ts';
import { type Progress, toProgress } from './progress.ts';
import { createRate, type Rate } from './rate.ts';

export type StateTag = 'transferring' | 'waiting' | 'settled';

export interface RunState {
  readonly at: number;
  /** As the machine names it: `holding.transferring`. */
  readonly state: string;
  /** What a person follows: `transferring`. */
  readonly phase: string;
  readonly tags: readonly StateTag[];
  readonly outcome?: Outcome;
  readonly failure?: Failure;
}

export interface RunStreams {
  /** Replays the current state. */
  readonly state$: Observable<RunState>;
  /** At most ten a second, the last always; replays. */
  readonly progress$: Observable<Progress>;
  /** Every event, in order. A late subscriber first gets the last `keep` of those that it missed. */
  readonly timeline$: Observable<RunEvent>;
}

export interface Observer extends RunStreams {
  event(event: RunEvent): void;
  /** `file` is its name. Called for each chunk. */
  bytes(file: string, bytes: FileBytes): void;
  /** The run is over: last values, then completion. What is told afterwards is not heard. */
  end(): void;
}

export interface ObserverOptions {
  readonly clock: Clock;
  /** How often a push may be tried, to show `attempt 2/5`. */
  readonly attempts?: number;
  /** Events that the timeline holds for late subscribers; 10 000 unless told. */
  readonly keep?: number;
}

const EVERY_MS = 100;
/** Without news, a rate still has to fall: it is told anew this often, until it is 0. */
const BEAT_MS = 1000;

export function createObserver({ clock, attempts, keep = 10_000 }: ObserverOptions): Observer {
  const model = emptyModel();
  const totalRate = createRate();
  const rates = new Map<string, Rate>();
  const states = new ReplaySubject<RunState>(1);
  const progress = new ReplaySubject<Progress>(1);
  const timeline = new ReplaySubject<RunEvent>(keep);
  let shown: { readonly state: string; readonly waits: boolean; readonly outcome?: Outcome } | undefined;
  let stale = true;
  let ended = false;
  const pace = createPace({ clock, everyMs: EVERY_MS, beatMs: BEAT_MS, emit });

  function emit(): boolean {
    const value = toProgress(model, rates, totalRate, clock.now(), attempts);
    stale = false;
    progress.next(value);
    return value.total.rate > 0 && progress.observed;
  }

  function changed(): void {
    stale = true;
    if (progress.observed) pace.touch();
  }

  function tellState(at: number): void {
    const { state, ended: end } = model;
    const waits = model.waits.size > 0;
    const outcome = end?.outcome;
    if (shown?.state === state && shown.waits === waits && shown.outcome === outcome) return;
    if (state === '' && end === undefined) return;
    shown = { state, waits, outcome };
    const phase = phaseOf(state);
    const tags: StateTag[] = end !== undefined ? ['settled'] : phase === 'transferring' ? ['transferring'] : [];
    if (waits) tags.push('waiting');
    states.next({
      at,
      state,
      phase,
      tags,
      ...(end && { outcome: end.outcome, ...(end.failure && { failure: end.failure }) })
    });
  }

  return {
    event(event) {
      if (ended) return;
      applyEvent(model, event);
      timeline.next(event);
      tellState(event.at);
      changed();
    },
    bytes(file, bytes) {
      if (ended) return;
      const more = applyBytes(model, file, bytes);
      if (more > 0) {
        const now = clock.now();
        totalRate.add(more, now);
        const rate = rates.get(file) ?? createRate();
        rates.set(file, rate);
        rate.add(more, now);
      }
      changed();
    },
    end() {
      if (ended) return;
      ended = true;
      pace.stop();
      emit();
      for (const stream of [states, progress, timeline]) stream.complete();
    },
    state$: states.asObservable(),
    progress$: new Observable(subscriber => {
      const subscription = progress.subscribe(subscriber);
      if (stale && !ended) pace.touch();
      return subscription;
    }),
    timeline$: timeline.asObservable()
  };
}

/**
 * The streams of a log that comes from elsewhere: a recording, another process.
 *
 * @param events ends with the run; if it fails, the streams end all the same.
 */
export function observe(events: Observable<RunEvent>, options: ObserverOptions): RunStreams {
  const observer = createObserver(options);
  events.subscribe({
    next: event => observer.event(event),
    error: () => observer.end(),
    complete: () => observer.end()
  });
  return observer;
}
