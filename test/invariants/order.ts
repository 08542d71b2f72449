// What must have been heard before a call goes out. Judged by calls and answers alone, over all lives of a run.
import type { SessionFile } from '../../machines/vocabulary.ts';
import { type Moment, sessionIn } from './course.ts';
import type { Witnessed } from './witness.ts';

/** A file of the job, as the service takes it: manifest and certificate (0), descriptor (1), the rest (2). */
export interface Ranked {
  readonly name: string;
  readonly rank: number;
  /** Its members take its place in the session. */
  readonly isArchive?: boolean;
}

/** What was heard of a file of a session since it was last added. */
interface Heard {
  ready: boolean;
  /** It waits for its bytes, and none have been sent. */
  waits: boolean;
  pushed: boolean;
}

/**
 * `complete` only when the service has said READY of all that was sent; what a package is told by (manifest, certificate, then the
 * descriptor) before what it tells of; and no second add of a file that waits for its bytes.
 *
 * @param reportsReady where the service does not say READY, a push that went well has to do
 */
export function filesInOrder(course: readonly Moment[], files: readonly Ranked[], reportsReady: boolean): string[] {
  const wrong: string[] = [];
  const heard = new Map<string, Map<string, Heard>>();
  const addresses = new Map<string, { session: string; name: string }>();
  const rankOf = new Map(files.map(({ name, rank }) => [name, rank]));
  const archives = new Set(files.flatMap(({ name, isArchive }) => (isArchive ? [name] : [])));
  const everAdded = addedIn(course);
  const of = (session: string): Map<string, Heard> => {
    const its = heard.get(session) ?? new Map<string, Heard>();
    heard.set(session, its);
    return its;
  };
  const listen = (session: string, file: SessionFile, isOwn: boolean): void => {
    if (file.uploadUri !== undefined) addresses.set(file.uploadUri, { session, name: file.name });
    const its = of(session).get(file.name);
    if (its === undefined) return;
    if (file.status === 'READY') its.ready = true;
    const isThere = file.sourceType === 'PUSH' && file.uploadUri !== undefined;
    // What the watch sees by the way, the one that adds need not have heard.
    if (isOwn) its.waits = isThere && file.status === 'WAITING_FOR_TRANSFER' && !its.pushed;
  };
  let life = 0;
  for (const moment of course) {
    if (moment.what === 'draw') continue;
    if (moment.life !== life) {
      // What an earlier life had heard of an add, a later one may not know.
      for (const its of heard.values()) for (const file of its.values()) file.waits = false;
      life = moment.life;
    }
    const { call, what } = moment;
    const { op, args, value, failed } = call;
    const session = sessionIn(call) ?? '';
    if (what === 'out' && op === 'addFile') {
      const { name } = args[1] as { name: string };
      if (of(session).get(name)?.waits) wrong.push(`${name} was added a second time, although it waits for its bytes`);
      const rank = rankOf.get(name) ?? 2;
      for (const before of files) {
        if (before.rank >= rank || !everAdded.has(`${session}/${before.name}`)) continue;
        if (of(session).get(before.name)?.ready !== true)
          wrong.push(`${name} was added before ${before.name} was READY`);
      }
      of(session).set(name, { ready: false, waits: false, pushed: false });
    }
    if (what === 'out' && op === 'complete') {
      for (const [name, { ready }] of of(session))
        if (!ready && !archives.has(name)) wrong.push(`complete went out before ${name} was READY`);
    }
    const its = addresses.get(String((args[0] as { uri?: string } | undefined)?.uri));
    if (op === 'push' && its !== undefined) {
      const file = of(its.session).get(its.name);
      if (file !== undefined) file.waits = false;
      if (file !== undefined) file.pushed = true;
      if (file !== undefined && what === 'out') file.ready = false;
      if (file !== undefined && what === 'back' && failed === undefined && !reportsReady) file.ready = true;
    }
    if (what === 'out' || failed !== undefined) continue;
    if (op === 'addFile' || op === 'getFile') listen(session, value as SessionFile, true);
    if (op === 'listFiles') for (const file of value as readonly SessionFile[]) listen(session, file, false);
  }
  return wrong;
}

function addedIn(course: readonly Moment[]): ReadonlySet<string> {
  return new Set(
    course.flatMap(moment =>
      moment.what === 'out' && moment.call.op === 'addFile'
        ? [`${moment.call.args[0]}/${(moment.call.args[1] as { name: string }).name}`]
        : []
    )
  );
}

/** What may have acted without an answer is not made again before somebody has asked what became of it. */
export function noneRepeatedBlindly(course: readonly Moment[]): string[] {
  const wrong: string[] = [];
  const open = new Map<string, Set<string>>();
  const doubts = new Map<string, number>();
  let life = 0;
  course.forEach((moment, index) => {
    if (moment.what === 'draw') return;
    const { call, what } = moment;
    if (moment.life !== life) {
      // A process that died has not heard what became of its creates; what it added, the next one adds again.
      for (const key of open.keys()) if (!key.startsWith('addFile')) doubts.set(key, index);
      open.clear();
      for (const key of doubts.keys()) if (key.startsWith('addFile')) doubts.delete(key);
      life = moment.life;
    }
    const key = CREATES[call.op]?.(call);
    if (key !== undefined) {
      if (what === 'out') {
        if (doubts.has(key)) wrong.push(`${call.op} was repeated, although the one before may have acted`);
        open.set(key, new Set());
      } else {
        open.delete(key);
        if (call.inDoubt) doubts.set(key, index);
        else doubts.delete(key);
      }
      return;
    }
    if (what === 'out' || (call.failed !== undefined && !TELLING.has(call.failed))) return;
    for (const [doubted] of doubts) if (ANSWERS[call.op]?.(call, doubted)) doubts.delete(doubted);
  });
  return wrong;
}

const CREATES: Readonly<Record<string, (call: Witnessed) => string>> = {
  createItem: () => 'createItem',
  createSession: ({ args }) => `createSession ${(args[0] as { itemId: string }).itemId}`,
  createDownloadSession: ({ args }) => `createDownloadSession ${(args[0] as { itemId: string }).itemId}`,
  addFile: ({ args }) => `addFile ${args[0]}/${(args[1] as { name: string }).name}`
};
const ANSWERS: Readonly<Record<string, (call: Witnessed, doubted: string) => boolean>> = {
  findItems: (_, doubted) => doubted === 'createItem',
  listSessions: (_, doubted) => doubted.startsWith('createSession'),
  listDownloadSessions: (_, doubted) => doubted.startsWith('createDownloadSession'),
  getFile: ({ args }, doubted) => doubted === `addFile ${args[0]}/${args[1]}`,
  listFiles: ({ args }, doubted) => doubted.startsWith(`addFile ${args[0]}/`)
};

/** Refusals that say as much as an answer: there is no such thing. */
const TELLING: ReadonlySet<string> = new Set(['INVALID_ARGUMENT', 'NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE']);

/**
 * A create that may have acted keeps its token, another one gets another; and no two kinds share one.
 *
 * @param mayGo others may have taken the item away, or its name: where the service shows it no more, it is made anew
 */
export function tokens(course: readonly Moment[], mayGo = false): string[] {
  const wrong: string[] = [];
  const used = new Map<string, Set<string>>();
  const answered = new Set<string>();
  const last = new Map<string, string>();
  let newest = '';
  let heard: string | undefined;
  let life = 0;
  for (const moment of course) {
    if (moment.what === 'draw') continue;
    const { call, what } = moment;
    const { op } = call;
    // What an earlier life heard last, it may not have handed on; whatever else was answered is over.
    if (moment.life !== life) answered.delete(newest);
    else if (heard !== undefined) last.delete(heard);
    heard = undefined;
    life = moment.life;
    // What was taken away again is made anew, with a token of its own.
    if (op === 'deleteItem' || (mayGo && what === 'back' && isNotThere(call))) last.clear();
    if (sessionIn(call) !== undefined) {
      last.delete('createSession');
      last.delete('createDownloadSession');
    }
    if (CREATES[op] === undefined || op === 'addFile') continue;
    const token = (call.args[1] as { token?: string } | undefined)?.token;
    if (token === undefined) continue;
    if (what === 'back') {
      if (call.failed === undefined) answered.add(token);
      if (call.failed === undefined) heard = op;
      newest = token;
      continue;
    }
    if (answered.has(token)) wrong.push(`${op} went out with the token of one that was answered`);
    const before = last.get(op);
    if (before !== undefined && before !== token) wrong.push(`${op} was repeated with another token`);
    last.set(op, token);
    used.set(token, (used.get(token) ?? new Set()).add(op));
  }
  for (const ops of used.values()) if (ops.size > 1) wrong.push(`${[...ops].join(' and ')} share a token`);
  return wrong;
}

/** The service knows no item of this id, or of this name. */
function isNotThere({ op, value, failed }: Witnessed): boolean {
  if (op === 'getItem' || op === 'listItemFiles') return failed === 'NOT_FOUND';
  return op === 'findItems' && failed === undefined && (value as readonly unknown[]).length === 0;
}

/** An item that the run made goes away again only when it was seen to be empty. */
export function onlyEmptyRemoved(course: readonly Moment[]): string[] {
  const seen = new Map<string, number>();
  return course.flatMap(moment => {
    if (moment.what === 'draw') return [];
    const { call, what } = moment;
    const item = String(call.args[0]);
    if (call.op === 'listItemFiles' && what === 'back' && call.failed === undefined)
      seen.set(item, (call.value as readonly unknown[]).length);
    if (call.op !== 'deleteItem' || what !== 'out' || seen.get(item) === 0) return [];
    return [`an item was deleted that ${seen.has(item) ? 'holds files' : 'nobody had looked into'}`];
  });
}
