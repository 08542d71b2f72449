// What holds at the end of every upload, whatever went wrong on the way. It believes only the server's own state, the
// witness at the ports, and the bytes that the test made; it shares no code with what it checks.
import { createHash } from 'node:crypto';
import type { Failure } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { Progress } from '../../src/observe/progress.ts';
import type { Report } from '../../src/report.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { isItemTold, knownSessions, untoldSessions } from './left.ts';
import { wordIn } from './standing.ts';
import { journal, silence } from './told.ts';
import type { Witness } from './witness.ts';

export interface Evidence {
  readonly simulator: Simulator;
  readonly witness: Witness;
  readonly report: Report;
  readonly events: readonly RunEvent[];
  readonly progress: readonly Progress[];
  /** What the sources hold, by name. */
  readonly truth: ReadonlyMap<string, Uint8Array>;
  /** How the server was before the run. */
  readonly before: Standing;
  /** The same when the run had ended. What a server does even later, no report can tell. */
  readonly atEnd: Standing;
  /** What must never be told: passwords, tokens. Upload URIs are known to the witness. */
  readonly secrets: readonly string[];
  /** Whether the run was asked to end, by whatever way. */
  readonly canceled: boolean;
  readonly parallel: number;
  readonly retryAfterCapMs: number;
}

export interface Standing {
  readonly active: readonly string[];
  readonly items: ReadonlyMap<string, { readonly name: string; readonly version: number; readonly files: string }>;
}

/** The server's own truth, read past its operations. */
export function standingOf({ state }: Simulator): Standing {
  const sessions = state.sessions.flatMap(bucket => Object.values(bucket));
  const items = state.items.flatMap(bucket => Object.values(bucket));
  return {
    active: sessions.filter(({ state: its }) => wordIn(its) === 'ACTIVE').map(({ id }) => id),
    items: new Map(
      items.map(({ id, name, contentVersion, files }) => [
        id,
        { name, version: contentVersion, files: JSON.stringify(files.map(file => [file.name, file.digests])) }
      ])
    )
  };
}

/** What everybody sees, as one text: for the witness to look at. */
export function visibleIn(simulator: Simulator): string {
  return JSON.stringify([...standingOf(simulator).items].map(([id, { version, files }]) => [id, version, files]));
}

const NONE: ReadonlySet<string> = new Set();

/** Every broken promise in a sentence; none: all is well. */
export async function broken(evidence: Evidence): Promise<string[]> {
  return [
    ...ending(evidence),
    ...(await content(evidence)),
    ...leftOvers(evidence),
    ...versions(evidence),
    ...unseen(evidence),
    ...bytes(evidence),
    ...silence(evidence),
    ...patience(evidence),
    ...afterTheEnd(evidence),
    ...journal(evidence)
  ];
}

export function ending({ report, events, canceled }: Evidence): string[] {
  const wrong: string[] = [];
  const good = report.outcome === 'done' || report.outcome === 'upToDate';
  if (good !== (report.failure === undefined)) wrong.push(`${report.outcome} with failure ${report.failure?.code}`);
  if ((report.outcome === 'canceled') !== (report.failure?.code === 'CANCELED'))
    wrong.push(`${report.outcome} with failure ${report.failure?.code}`);
  if (report.outcome === 'canceled' && !canceled) wrong.push('canceled, and nobody asked for it');
  if (report.failure?.code === 'INTERNAL') wrong.push(`a defect: ${report.failure.message}`);
  const ends = events.filter(event => event.type === 'ended');
  if (ends.length !== 1 || events.at(-1) !== ends[0]) wrong.push('the log does not end with its one end');
  if (ends[0]?.outcome !== report.outcome) wrong.push(`the log ends ${ends[0]?.outcome}, the report ${report.outcome}`);
  const back = events.findIndex((event, index) => event.at < (events[index - 1]?.at ?? 0));
  if (back >= 0) wrong.push(`event ${back} (${events[back]?.type}) is older than the one before it`);
  return wrong;
}

/** S1: done ⇒ the session is DONE or deleted, and the item holds what the sources hold. */
export async function content({ simulator, report, truth }: Evidence): Promise<string[]> {
  const skipped = report.notes.some(note => note.includes('skip'));
  if ((report.outcome !== 'done' && report.outcome !== 'upToDate') || skipped) return [];
  const wrong: string[] = [];
  const sessions = simulator.state.sessions.flatMap(bucket => Object.values(bucket));
  const session = sessions.find(({ id }) => id === report.sessionId);
  if (session !== undefined && wordIn(session.state) !== 'DONE')
    wrong.push(`${report.outcome}, and the session is ${wordIn(session.state)}`);
  const item = simulator.contents(String(report.item?.id));
  for (const [name, expected] of truth) {
    const held = item?.files.find(file => file.name === name);
    if (/\.(mf|cert)$/.test(name)) continue;
    const read = await held?.read();
    if (read === undefined) wrong.push(`${report.outcome}, and the item does not hold ${name}`);
    else if (Buffer.compare(read, expected) !== 0) wrong.push(`${report.outcome}, and ${name} is not what was sent`);
  }
  for (const file of report.files) {
    if (report.outcome !== 'done') continue;
    if (file.verified === 'no' || file.outcome === 'failed') wrong.push(`done, and ${file.name} is ${file.outcome}`);
    const bytes = truth.get(file.name);
    const made = bytes && file.digest && createHash(file.digest.algorithm).update(bytes).digest('hex');
    if (made !== undefined && made !== file.digest?.checksum) wrong.push(`the digest told of ${file.name} is wrong`);
  }
  return wrong;
}

/** S2: nothing of ours stays open, and what we made and could not fill goes away again, or the report names it. */
export function leftOvers({ report, witness, before, atEnd: now }: Evidence): string[] {
  const open = now.active.filter(id => !before.active.includes(id));
  const wrong = [
    ...[...before.items]
      .filter(([id]) => !now.items.has(id))
      .map(([, { name }]) => `the item ${name} was there before, and is gone`),
    ...untoldSessions(open, knownSessions(witness), report)
  ];
  const made = [...now.items].filter(([id]) => !before.items.has(id) && !isItemTold(id, report));
  if (report.outcome === 'done' || report.outcome === 'upToDate') {
    const more = made.map(([id]) => id).filter(id => id !== report.item?.id);
    if (more.length > 0) wrong.push(`there are items besides the one of the report: ${more.join(', ')}`);
    return wrong;
  }
  // What was published, and lost its files to somebody else on the way, is told as that.
  if (report.failure?.code === 'NOT_VERIFIED') return wrong;
  const empty = made.filter(([, { files }]) => files === '[]');
  return [...wrong, ...empty.map(([, { name }]) => `the item ${name} was made, and stands there empty`)];
}

/**
 * S8: one step of the content version, or none.
 *
 * @param besides items that others have changed: nobody can tell whose step was whose
 */
export function versions({ simulator, report, before }: Evidence, besides: ReadonlySet<string> = NONE): string[] {
  const wrong: string[] = [];
  for (const [id, { name, version, files }] of standingOf(simulator).items) {
    if (besides.has(id)) continue;
    const was = before.items.get(id);
    const steps = version - (was?.version ?? 1);
    // Where complete had been sent and nobody could be asked any more, the report says that this is not known.
    const unknown = report.notes.some(note => note.includes('what became of it is not known'));
    const mayStep =
      id === report.item?.id && (report.outcome === 'done' || report.failure?.code === 'NOT_VERIFIED' || unknown);
    if (steps > (mayStep ? 1 : 0))
      wrong.push(`${name} has gone ${steps} versions on, and the run is ${report.outcome}`);
    if (mayStep && report.outcome === 'done' && steps !== 1) wrong.push(`done, and ${name} has gone ${steps} on`);
    if (steps === 0 && files !== (was?.files ?? '[]')) wrong.push(`the files of ${name} changed without a version`);
  }
  return wrong;
}

/**
 * Nothing shows before complete: no call before the first `complete` saw another content than there was.
 *
 * @param besides items that others have changed
 */
export function unseen({ witness, before }: Evidence, besides: ReadonlySet<string> = NONE): string[] {
  const asked = witness.calls.findIndex(({ op }) => op === 'complete');
  const early = witness.calls.slice(0, asked < 0 ? undefined : asked + 1);
  for (const { seen, op } of early) {
    if (seen === '') continue;
    for (const [id, version, files] of JSON.parse(seen) as [string, number, string][]) {
      const was = before.items.get(id);
      if (besides.has(id)) continue;
      if (files !== (was?.files ?? '[]') || version !== (was?.version ?? 1))
        return [`content showed before complete: when ${op} went out`];
    }
  }
  return [];
}

/** S3, S4: one live push a file, no more than allowed in all; counts within bounds, and never back within an attempt. */
export function bytes({ report, progress, witness, parallel }: Evidence): string[] {
  const wrong: string[] = [];
  const { perFile, all } = witness.livePushes;
  if (perFile > 1) wrong.push(`${perFile} pushes of one file at once`);
  if (all > parallel) wrong.push(`${all} pushes at once, and ${parallel} are allowed`);
  for (const { name, accepted, sent, size, pulledFrom } of report.files) {
    if (accepted > size) wrong.push(`${name}: ${accepted} of ${size} bytes accepted`);
    if (pulledFrom !== undefined) {
      if (sent !== 0) wrong.push(`${name}: ${sent} bytes sent of what the server fetched`);
    } else if (sent < 0 || sent < (report.outcome === 'done' ? accepted : 0))
      wrong.push(`${name}: ${sent} bytes sent, ${accepted} accepted`);
  }
  const last = new Map<string, { attempt: number; accepted: number; sent: number }>();
  for (const { name, accepted, sent, size, attempt } of progress.flatMap(({ files }) => files)) {
    const was = last.get(name);
    if (accepted > size || sent > size)
      wrong.push(`${name}: progress told ${sent} sent and ${accepted} accepted of ${size}`);
    if (was?.attempt === attempt && (accepted < was.accepted || sent < was.sent))
      wrong.push(`${name}: progress went back within attempt ${attempt}`);
    last.set(name, { attempt, accepted, sent });
  }
  return wrong;
}

/** S5: the same call, or the question about it, comes no earlier than the server asked for. Cleaning up may be shorter. */
export function patience({ events, retryAfterCapMs }: Evidence): string[] {
  const wrong: string[] = [];
  const due = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'answer') {
      const asked = (event.failure as Failure | undefined)?.retryAfterMs;
      const place = event.path.split('/').slice(0, -1).join('/');
      if (asked === undefined) due.delete(place);
      else due.set(place, event.at + Math.min(asked, retryAfterCapMs, CLEANUP.test(place) ? 2_000 : asked));
    }
    // Once its lease is gone a session is not worked in any more, or the question about it has been answered since.
    if (event.type === 'gone' && event.path === 'lease') due.clear();
    // A file of the next session is another one to the server.
    if (event.type === 'gone' && event.path.startsWith('file:'))
      for (const place of due.keys()) if (place.startsWith(`${event.path}/`)) due.delete(place);
    if (event.type === 'call') {
      const place = event.path.split('/').slice(0, -1).join('/');
      // A question right after a doubtful answer goes to another operation of the service.
      if (event.at < (due.get(place) ?? 0) && event.path.endsWith('/call')) wrong.push(`${event.path} came too early`);
    }
  }
  return wrong;
}
const CLEANUP = /^(end|delete|close|judge|judgeAgain|find|prove(Owner|Open|Idle)Found|findMade|lookIn|removeItem)$/;

/** S6: after an answer has told of a session's end, only reads and delete go to it. */
export function afterTheEnd({ witness }: Pick<Evidence, 'witness'>): string[] {
  const over = new Map<string, { until: number; ended: number }>();
  const wrong: string[] = [];
  for (const { op, value, until = 0, ended = 0 } of witness.calls) {
    const info = value as { id?: string; state?: string } | undefined;
    if (op !== 'getSession' || info?.id === undefined || info.state === 'ACTIVE') continue;
    if (ended < (over.get(info.id)?.ended ?? Number.POSITIVE_INFINITY)) over.set(info.id, { until, ended });
  }
  for (const { op, args, from, began } of witness.calls) {
    const end = over.get(String(args[0]));
    // What goes out in the same instant may have been on its way before the answer was read; ending a session may not.
    const after = ENDS.has(op) ? began > (end?.ended ?? 0) : from > (end?.until ?? 0);
    if (end !== undefined && after && CHANGES.has(op)) wrong.push(`${op} went to a session that was known to be over`);
  }
  return wrong;
}
const ENDS = new Set(['complete', 'cancelSession', 'failSession']);
const CHANGES = new Set([
  'updateSession',
  'keepAlive',
  'complete',
  'cancelSession',
  'failSession',
  'addFile',
  'removeFile',
  'validate'
]);
