// To which sessions a run may turn: its own, after it has asked for them, until it has begun to end them. Judged by calls and answers
// alone, over all lives of a run.
import { type Moment, sessionIn } from './course.ts';

/**
 * Once a run has begun to end a session of its own, only reads and `delete` go to it. A later life may hear that it is ACTIVE: what
 * failed may pass, so it goes on.
 */
export function nothingAfterOurEnd(course: readonly Moment[], theirs: ReadonlySet<string>): string[] {
  const ended = new Map<string, number>();
  const addresses = new Map<string, string>();
  const wrong: string[] = [];
  for (const moment of course) {
    if (moment.what === 'draw') continue;
    const { call, what } = moment;
    const { op, args, value } = call;
    const address = (args[0] as { uri?: string } | undefined)?.uri;
    const session = sessionIn(call) ?? addresses.get(String(address));
    if (what === 'back') {
      const told = value as { uploadUri?: string; downloadUri?: string } | undefined;
      const uri = told?.uploadUri ?? told?.downloadUri;
      if (uri !== undefined && session !== undefined) addresses.set(uri, session);
      const isActive =
        /^get(Download)?Session$/.test(op) && (value as { state?: string } | undefined)?.state === 'ACTIVE';
      if (isActive && moment.life > (ended.get(String(session)) ?? moment.life)) ended.delete(String(session));
      continue;
    }
    if (session === undefined || theirs.has(session)) continue;
    if (ended.has(session) && CHANGES.has(op)) wrong.push(`${op} went to a session that the run had begun to end`);
    if (ENDS.has(op)) ended.set(session, moment.life);
  }
  return wrong;
}
const ENDS = new Set([
  'cancelSession',
  'failSession',
  'deleteSession',
  'cancelDownload',
  'failDownload',
  'deleteDownloadSession'
]);
const CHANGES = new Set([
  'updateSession',
  'keepAlive',
  'complete',
  'addFile',
  'removeFile',
  'validate',
  'push',
  'keepDownloadAlive',
  'prepareFile',
  'fetch'
]);

/** What was written down is a hint: a life that goes on with a session asks for it before it changes anything there. */
export function askedFirst(course: readonly Moment[]): string[] {
  const known = new Set<string>();
  let here = new Set<string>();
  let asked = new Set<string>();
  let life = 0;
  const wrong: string[] = [];
  for (const moment of course) {
    if (moment.what === 'draw') continue;
    const { call, what } = moment;
    if (moment.life !== life) {
      for (const session of here) known.add(session);
      here = new Set();
      asked = new Set();
      life = moment.life;
    }
    const session = sessionIn(call);
    if (what === 'back' && session !== undefined && /^(get|list)/.test(call.op)) asked.add(session);
    if (what === 'back' && /^create(Download)?Session$/.test(call.op)) asked.add(String(call.value));
    if (what === 'back' || session === undefined) continue;
    const isOld = known.has(session) && !asked.has(session);
    if (isOld && GOES_ON.has(call.op))
      wrong.push(`${call.op} went to a session of an earlier life before it was asked for`);
    here.add(session);
  }
  return wrong;
}
const GOES_ON: ReadonlySet<string> = new Set(['addFile', 'removeFile', 'validate', 'complete', 'prepareFile']);

/** A session that was there before the run first asked for one is not its own. */
export function notOfOthers(course: readonly Moment[]): string[] {
  const before = new Set<string>();
  const wrong: string[] = [];
  let mayBeOurs = false;
  let life: number | undefined;
  let last: string | undefined;
  for (const moment of course) {
    if (moment.what === 'draw') continue;
    const { call, what } = moment;
    // A life that died when it had listed may have written down already that it asks for one: a later one cannot tell.
    if (moment.life !== life && /^list(Download)?Sessions$/.test(last ?? '')) mayBeOurs = true;
    life = moment.life;
    last = call.op;
    if (what === 'out' && /^create(Download)?Session$/.test(call.op)) mayBeOurs = true;
    if (what === 'back' && /^list(Download)?Sessions$/.test(call.op) && !mayBeOurs && call.failed === undefined)
      for (const id of call.value as readonly string[]) before.add(id);
    const session = sessionIn(call);
    if (what === 'out' && session !== undefined && before.has(session) && GOES_ON.has(call.op))
      wrong.push(`${call.op} went to a session that was there before this run asked for one`);
  }
  return wrong;
}

/** Once complete was sent, a session is ended only after somebody has asked what became of that. */
export function askedBeforeEnding(course: readonly Moment[]): string[] {
  const sent = new Set<string>();
  return course.flatMap(moment => {
    if (moment.what === 'draw') return [];
    const { call, what } = moment;
    const session = sessionIn(call);
    if (session === undefined) return [];
    if (call.op === 'complete' && what === 'out') sent.add(session);
    if (call.op === 'getSession' && what === 'back') sent.delete(session);
    const isEnd = call.op === 'cancelSession' || call.op === 'failSession';
    return isEnd && what === 'out' && sent.has(session) ? [`${call.op} went out before complete was asked about`] : [];
  });
}
