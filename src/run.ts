// One run, from what is wanted (an upload, src/upload.ts, or a download, src/download.ts) to what happened: how it is begun and
// canceled, and what is found out before its loop (src/drive.ts) can turn.
import type { Observable } from 'rxjs';
import { failure } from '../machines/vocabulary.ts';
import type { RetryPolicy } from '../machines/workflow/calls.ts';
import { Drive, type Life } from './drive.ts';
import { asFailure } from './effects/perform.ts';
import type { Errand, Faulted, Outcomes, Wanted } from './errand.ts';
import type { RunEvent } from './events/records.ts';
import { type Cancel, Inbox } from './inbox.ts';
import { earlierLife } from './logbook.ts';
import { createObserver, type RunState } from './observe/observer.ts';
import type { Progress } from './observe/progress.ts';
import { endOfPatience } from './patience.ts';
import { DEFAULT_POLICY } from './policy.ts';
import { type Clock, PortFailure, type Ports } from './ports.ts';

export interface RunOptions {
  /** Aborting it cancels the run: what it has made on the way is taken away again, and the report says `canceled`. */
  readonly signal?: AbortSignal;
  /** A UUID for the run; drawn when absent. One that the journal knows as unfinished is taken up again. */
  readonly run?: string;
  /**
   * Takes an unfinished run up only to end it, for this reason: what it made on the way is taken away, as after a cancel.
   * One that is DONE already is finished.
   */
  readonly cleanUp?: string;
  /**
   * Only finds out what would happen: sources are read, the server is asked, nothing is changed or written down. The report says
   * `planned` where the same call would begin, and what it would do; or how it would fail, as far as that is known before.
   * With `run`: what taking that one up would do.
   */
  readonly dryRun?: boolean;
}

/** An upload or a download that goes on. Its streams complete with it and never error: failure is a value in the report. */
export interface Run<R> extends AsyncDisposable {
  readonly id: string;
  /** The current state; replays. */
  readonly state$: Observable<RunState>;
  /** Sent and accepted bytes, per file and in total; at most ten a second; replays. */
  readonly progress$: Observable<Progress>;
  /** Every transition, call, answer and wait, from the beginning, as plain records. */
  readonly timeline$: Observable<RunEvent>;
  /** Asks the run to end, and to leave the server as it was. `report` tells how that went. */
  cancel(reason: string): void;
  /** Resolves once, for every outcome. */
  readonly report: Promise<R>;
}
/** @param want may throw: what is wrong with the call is in the report, too */
export function begin<R extends Outcomes>(
  ports: Ports,
  options: RunOptions & { readonly policy?: Partial<RetryPolicy> },
  faulted: Faulted<R>,
  want: (run: string) => Wanted<R>
): Run<R> {
  const id = options.run ?? ports.random.uuid();
  const { maxAttempts: attempts } = { ...DEFAULT_POLICY, ...options.policy };
  const observer = createObserver({ clock: ports.clock, attempts });
  const inbox = new Inbox();
  const cancel = (reason: string): void => inbox.put({ kind: 'cancel', reason });
  const aborted = (): void => cancel(String(options.signal?.reason ?? 'aborted'));
  if (options.signal?.aborted) aborted();
  options.signal?.addEventListener('abort', aborted, { once: true });

  const { dryRun = false } = options;
  const life: Life<R> = { ports, faulted, id, dryRun, observer, inbox, startedAt: ports.clock.now() };
  const report = prepare(life, options, want).finally(() => {
    options.signal?.removeEventListener('abort', aborted);
    observer.end();
  });
  return {
    id,
    state$: observer.state$,
    progress$: observer.progress$,
    timeline$: observer.timeline$,
    cancel,
    report,
    async [Symbol.asyncDispose]() {
      cancel('disposed');
      await report;
    }
  };
}

/** From what is wanted to what it contains; then the run itself. Whoever cancels is not kept waiting by a slow source. */
async function prepare<R extends Outcomes>(
  its: Life<R>,
  { run: known, cleanUp }: RunOptions,
  want: (run: string) => Wanted<R>
): Promise<R> {
  const { ports, faulted, inbox, id, dryRun, startedAt, observer } = its;
  const ended = new AbortController();
  let preparing: Promise<Errand<R>> | undefined;
  let began = false;
  let notes: readonly string[] = [];
  try {
    const wanted = want(id);
    if (wanted.deadlineMs !== undefined)
      limit(ports.clock, startedAt, wanted.what, wanted.deadlineMs, inbox, ended.signal);
    if (dryRun && cleanUp !== undefined) throw new PortFailure(failure('INVALID_SPEC', 'a dry run cannot clean up'));
    const cut = endOfPatience(inbox, ports.clock, ended.signal);
    // A run whose id was drawn just now has no earlier life.
    if (known !== undefined) notes = [unbegun(known)];
    const earlier = known === undefined ? undefined : await unless(cut, earlierLife(ports, id, cleanUp));
    if (earlier === undefined) notes = [];
    preparing = wanted.prepare(ended.signal, earlier);
    // What an earlier life has left is to be taken away, however early the cancel comes: only the machine can do that.
    const errand = await unless(earlier === undefined ? inbox.canceled : cut, preparing);
    began = true;
    return await new Drive(its, errand, earlier, cut).run();
  } catch (cause) {
    const failed = asFailure(cause);
    const report = faulted(id, ports.serverName, failed, startedAt, ports.clock.now());
    observer.event({ type: 'ended', at: report.endedAt, outcome: report.outcome, failure: report.failure });
    return failed.code === 'CANCELED' ? { ...report, notes } : report;
  } finally {
    ended.abort();
    const closed = preparing?.then(errand => errand.close()).catch(() => undefined);
    if (began) await closed;
  }
}

/** The work, unless the wish to end comes before it is done. */
function unless<T>(wish: Promise<Cancel>, work: Promise<T>): Promise<T> {
  const canceled = wish.then(({ fault, reason }) => {
    throw new PortFailure(fault ?? failure('CANCELED', `canceled: ${reason}`));
  });
  return Promise.race([work, canceled]);
}

function limit(
  clock: Clock,
  startedAt: number,
  what: string,
  deadlineMs: number,
  inbox: Inbox,
  signal: AbortSignal
): void {
  clock.sleepUntil(startedAt + deadlineMs, signal).then(
    () => inbox.give(failure('DEADLINE', `the ${what} was not finished within ${secondsOf(deadlineMs)} s`)),
    () => undefined
  );
}

/** An earlier life of it may have left something, and nobody has looked. */
function unbegun(run: string): string {
  return `nothing was begun: go on with the run (shelver resume ${run}), or end it (shelver cleanup ${run})`;
}

/** In whole seconds where it is more than one: nobody gave the part of it that logging in has taken. */
function secondsOf(ms: number): number {
  return ms < 1_000 ? ms / 1_000 : Math.ceil(ms / 1_000);
}
