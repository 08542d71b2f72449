// Bytes on their way into a session: what begins, comes, ends and breaks off at an upload URL, and what the service finds
// when a body is complete.
import { wordOf } from '../../../machines/law.ts';
import type { Digest, ServiceMessage } from '../../../machines/vocabulary.ts';
import { Refusal, type WireError, wireError } from '../../wire/errors.ts';
import { contentOf, isOvf, keepsInStorage, roleOf } from './content.ts';
import { DESCRIPTOR_LIMIT } from './descriptor.ts';
import type { Happening } from './happenings.ts';
import { judgeFile, judgeSession } from './law.ts';
import { fetchFailed, importError, pullError, withReferences } from './pulled-files.ts';
import { message, wrongState } from './refusals.ts';
import type { ServiceState, SessionFileState, SessionState } from './state.ts';
import { find, values } from './table.ts';
import {
  enter,
  forgetUpload,
  judged,
  keep,
  ownBlobs,
  release,
  replaceFile,
  summary,
  touched,
  type Work,
  whyNotDone
} from './work.ts';

type Of<T extends Happening['type']> = Extract<Happening, { type: T }>;

/** What whoever receives the bytes has to know. */
export interface Transfer {
  readonly sessionId: string;
  readonly fileName: string;
  /** As announced, in bytes. */
  readonly size?: number;
  readonly digest?: Digest;
  /** The digests to make. */
  readonly algorithms: readonly string[];
  /** `received` shall carry the text, if it has at most this many bytes. */
  readonly textLimit?: number;
  /** `received` shall carry the members of the archive. */
  readonly unpack: boolean;
}

/** Whose bytes an upload URL takes; undefined when there is no such URL (any more). */
export function findTransfer(state: ServiceState, transfer: string): Transfer | undefined {
  const place = find(state.transfers, transfer);
  if (place === undefined) return undefined;
  const session = find(state.sessions, place.session)!;
  const file = session.files.find(other => other.name === place.file)!;
  const { size, digest } = file.expected;
  const ovf = isOvf(state, session);
  const role = roleOf(file.name);
  return {
    sessionId: session.id,
    fileName: file.name,
    ...(size !== undefined && { size }),
    ...(digest && { digest }),
    algorithms: [...new Set([digest?.algorithm ?? 'SHA1', 'SHA1'])],
    ...(ovf && ['descriptor', 'manifest', 'certificate'].includes(role) && { textLimit: DESCRIPTOR_LIMIT }),
    unpack: ovf && role === 'archive'
  };
}

/** A body begins: answers which body of this URL it is. */
export function begin(work: Work, { transfer }: Of<'begin'>): number {
  const { session, file } = target(work, transfer);
  const state = step(work, file, { type: 'begin' });
  const { error: _, ...rest } = emptied(work, file);
  const attempt = file.attempt + 1;
  keep(work, touched(work, replaceFile(session, { ...rest, state, attempt, received: 0 })));
  return attempt;
}

export function bytesArrived(work: Work, { transfer, attempt, received }: Of<'bytesArrived'>): void {
  const { session, file } = target(work, transfer, attempt);
  const state = step(work, file, { type: 'bytesArrived' });
  keep(work, touched(work, replaceFile(session, { ...file, state, received })));
}

/** A body is complete: the checks begin, and end at once unless the rules give them time. */
export function received(work: Work, happening: Of<'received'>): WireError | undefined {
  const { session, file } = target(work, happening.transfer, happening.attempt);
  const state = step(work, file, { type: 'received' });
  const { mismatch, validatingMs } = work.state.settings.rules;
  const fault = faultOf(file, happening);
  const members = happening.members?.map(member => ({ ...contentOf(member.name, member), name: member.name }));
  const next = {
    ...file,
    state,
    received: happening.size,
    ...(members ? { members } : { content: contentOf(file.name, happening) }),
    check: { at: work.context.at + validatingMs, ...(fault && { fault }) }
  };
  keep(work, touched(work, replaceFile(session, next)));
  if (validatingMs > 0) return undefined;
  conclude(work, session.id, file.name);
  if (fault === undefined || mismatch === 'acceptThenError') return undefined;
  return { error_type: 'INVALID_ARGUMENT', messages: [fault] };
}

/** A body broke off: nothing of it is kept. One that was overtaken is not heard. */
export function dropped(work: Work, { transfer, attempt }: Of<'dropped'>): void {
  const place = find(work.state.transfers, transfer);
  const session = place && find(work.state.sessions, place.session);
  const file = session?.files.find(other => other.transfer === transfer);
  if (session === undefined || file === undefined || isStale(file, attempt)) return;
  breakOff(work, session.id, file);
}

/** No body is on its way any more. */
export function restarted(work: Work): void {
  for (const session of values(work.state.sessions)) {
    for (const file of session.files) breakOff(work, session.id, file);
  }
}

/** The server's own failure: the file is lost, and the session with it. */
export function transferFailed(work: Work, { transfer, message: cause }: Of<'transferFailed'>): void {
  const { session, file } = target(work, transfer);
  const state = step(work, file, { type: 'transferFailed' });
  const { name } = file;
  const error =
    file.source === 'PULL'
      ? pullError(work, session, file, fetchFailed(name, cause))
      : message('transfer_failed', `Error transferring file ${name}. Reason: ${cause}`, name, cause);
  keep(work, replaceFile(session, { ...emptied(work, file), state, error }));
  settle(work, session.id, file, error);
}

/** The checks of a received file end. */
export function conclude(work: Work, id: string, name: string): void {
  const session = find(work.state.sessions, id)!;
  const file = session.files.find(other => other.name === name)!;
  const found = file.check?.fault;
  const fault = found && file.source === 'PULL' ? pullError(work, session, file, found) : found;
  const judgement = judgeFile(work.law, file.state, { type: fault ? 'mismatched' : 'verified' });
  const state = judgement.allowed ? judgement.state : file.state;
  if (fault) keep(work, replaceFile(session, { ...emptied(work, file), state, error: fault }));
  else if (file.members) keep(work, unpacked(work, session, file, state));
  else keep(work, withReferences(work, replaceFile(session, { ...checked(file), state }), file));
  const fatal = file.source === 'PULL' || work.state.settings.rules.mismatch === 'sessionError';
  settle(work, id, file, fatal ? fault : undefined);
}

/** What the session makes of a file that ended: a `complete` may have waited for it. */
function settle(work: Work, id: string, file: SessionFileState, why: ServiceMessage | undefined): void {
  const session = find(work.state.sessions, id)!;
  const failed = why && file.source === 'PULL' ? importError(work, session, why) : why;
  const pulled = { type: 'pullSettled', summary: summary(work, session) } as const;
  const waited = file.source === 'PULL' ? judgeSession(work.law, session.state, pulled) : undefined;
  if (waited?.allowed) {
    const ends = wordOf(waited.state) === 'ERROR';
    enter(work, session, waited.state, ends ? (failed ?? whyNotDone(work, session).messages[0]) : undefined);
  } else if (failed) {
    const judgement = judgeSession(work.law, session.state, { type: 'transferFailed' });
    if (judgement.allowed) enter(work, session, judgement.state, failed);
  }
}

/** The file behind an upload URL whose session takes bytes; an overtaken body has no such URL any more. */
function target(work: Work, transfer: string, attempt?: number): { session: SessionState; file: SessionFileState } {
  const place = find(work.state.transfers, transfer);
  const session = place && find(work.state.sessions, place.session);
  const file = session?.files.find(other => other.transfer === transfer);
  if (session === undefined || file === undefined || isStale(file, attempt)) throw noSuchUpload();
  const source = file.source === 'PULL' ? 'PULL' : 'PUSH';
  if (judged(work, session, { type: 'file.receive', source }, { operation: 'upload' }).error) throw noSuchUpload();
  return { session, file };
}

function isStale(file: SessionFileState, attempt: number | undefined): boolean {
  return attempt !== undefined && attempt !== file.attempt;
}

function noSuchUpload(): Refusal {
  return new Refusal(wireError('NOT_FOUND', 'shelver.simulator.no_such_upload', 'There is no such upload.'));
}

function step(work: Work, file: SessionFileState, event: Parameters<typeof judgeFile>[2]) {
  const judgement = judgeFile(work.law, file.state, event);
  if (judgement.allowed) return judgement.state;
  throw new Refusal(wrongState(event.type, wordOf(file.state), file.error?.default_message ?? ''));
}

function breakOff(work: Work, id: string, file: SessionFileState): void {
  const judgement = judgeFile(work.law, file.state, { type: 'dropped', rules: work.state.settings.rules });
  if (!judgement.allowed) return;
  const failed = wordOf(judgement.state) === 'ERROR';
  const error = message('transfer_broken', `The transfer of the file ${file.name} broke off.`, file.name);
  const session = find(work.state.sessions, id)!;
  keep(work, replaceFile(session, { ...file, state: judgement.state, received: 0, ...(failed && { error }) }));
  // The service gives a pull up only once, and the session with it; a client may send again.
  if (failed && file.source === 'PULL') settle(work, id, file, error);
}

function checked({ check: _, ...file }: SessionFileState): SessionFileState {
  return file;
}

function emptied(work: Work, file: SessionFileState): SessionFileState {
  work.freed.push(...ownBlobs(file));
  const { content: _, members: __, ...rest } = checked(file);
  return rest;
}

/** The archive's members stand in its place; an entry of the same name as a member gives way. */
function unpacked(work: Work, session: SessionState, archive: SessionFileState, state: SessionFileState['state']) {
  const members = archive.members!;
  const names = new Set([archive.name, ...members.map(member => member.name)]);
  for (const file of session.files.filter(file => names.has(file.name) && file !== archive)) release(work, file);
  forgetUpload(work, archive);
  const { source } = archive;
  const entries = members.map(({ name, ...content }) => ({
    name,
    source,
    state,
    attempt: 0,
    expected: {},
    received: content.size,
    content,
    keep: keepsInStorage(work.state, session, name)
  }));
  return { ...session, files: [...session.files.filter(file => !names.has(file.name)), ...entries] };
}

function faultOf(
  { name, expected: { size, digest } }: SessionFileState,
  got: Of<'received'>
): ServiceMessage | undefined {
  if (got.fault !== undefined) {
    return message('unusable_content', `The file ${name} cannot be used: ${got.fault}.`, name, got.fault);
  }
  if (size !== undefined && size !== got.size) {
    const text = `The file ${name} was announced with ${size} bytes, but ${got.size} were received.`;
    return message('size_mismatch', text, name, String(size), String(got.size));
  }
  if (digest === undefined) return undefined;
  const found = got.digests.find(({ algorithm }) => algorithm === digest.algorithm)?.checksum ?? 'none';
  if (found.toLowerCase() === digest.checksum) return undefined;
  const text = `The ${digest.algorithm} checksum of the file ${name} is ${found}, but ${digest.checksum} was announced.`;
  return message('checksum_mismatch', text, name, digest.algorithm, digest.checksum, found);
}
