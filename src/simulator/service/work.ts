// One operation or happening being worked on: the state so far, and the blobs that nobody needs any more. What it leaves
// behind is immutable; only this holder changes, and it lives no longer than the call.
import type { StateValue } from 'xstate';
import type { Judgement } from '../../../machines/law.ts';
import { wordOf } from '../../../machines/law.ts';
import type { SessionSummary, UpdateSessionEvent } from '../../../machines/service/update-session.ts';
import type { ServiceMessage } from '../../../machines/vocabulary.ts';
import type { WireError } from '../../wire/errors.ts';
import { findingsOf, summaryOf } from './content.ts';
import { judgeFile, judgeSession, type Law } from './law.ts';
import { shownDigest, shownState } from './present.ts';
import {
  backingGone,
  fileNotReceived,
  manifestAfterDescriptor,
  missingOrInvalidFiles,
  notFound,
  warningNotIgnored,
  wrongState,
  wrongStateFor
} from './refusals.ts';
import type {
  AnySession,
  Context,
  ItemState,
  LibraryState,
  ServiceState,
  SessionFileState,
  SessionState,
  StoredFile
} from './state.ts';
import { find, put, without } from './table.ts';

export interface Work {
  state: ServiceState;
  readonly law: Law;
  readonly context: Context;
  readonly freed: string[];
}

export function libraryOf(work: Work, id: string): LibraryState {
  const library = find(work.state.libraries, id);
  if (library === undefined) throw notFound('library', id);
  return library;
}

export function itemOf(work: Work, id: string): ItemState {
  const item = find(work.state.items, id);
  if (item === undefined) throw notFound('library item', id);
  return item;
}

export function fileOf(item: ItemState, name: string): StoredFile {
  const file = item.files.find(other => other.name === name);
  if (file === undefined) throw notFound('file of the item', name);
  return file;
}

/** Writes a session back, and remembers when something will happen to it by itself. */
export function keep(work: Work, session: SessionState): void {
  const checks = session.files.flatMap(file => file.check?.at ?? []);
  const dueAt = Math.min(work.state.dueAt ?? Number.POSITIVE_INFINITY, session.dueAt, ...checks);
  work.state = { ...work.state, dueAt, sessions: put(work.state.sessions, session.id, session) };
}

export function replaceFile(session: SessionState, file: SessionFileState): SessionState {
  return { ...session, files: session.files.map(other => (other.name === file.name ? file : other)) };
}

/** Activity puts the end of an ACTIVE session off. */
export function touched<S extends Pick<AnySession, 'state' | 'expiresAt' | 'dueAt'>>(work: Work, session: S): S {
  if (wordOf(session.state) !== 'ACTIVE') return session;
  const expiresAt = work.context.at + work.state.settings.sessionTimeoutMs;
  return { ...session, expiresAt, dueAt: expiresAt };
}

/** When a session that has ended so goes away by itself. */
export function sweptAt(work: Work, { expiresAt }: AnySession, word: string): number {
  const { expiredGraceMs, endedKeptMs } = work.state.settings.rules;
  return word === 'expired' ? expiresAt + expiredGraceMs : work.context.at + endedKeptMs;
}

/** Asks the law; what it refuses is the error of the operation. */
export function judged(
  work: Work,
  session: SessionState,
  event: UpdateSessionEvent,
  about: { operation: string; file?: string }
): { readonly state: StateValue; readonly error?: undefined } | { readonly error: WireError } {
  const judgement = judgeSession(work.law, session.state, event);
  if (judgement.allowed) return { state: judgement.state };
  return { error: refused(work, session, judgement.refusal, about) };
}

/** The error for a refusal of the law. */
function refused(
  work: Work,
  session: SessionState,
  refusal: string,
  { operation, file = '' }: { operation: string; file?: string }
): WireError {
  switch (refusal) {
    case 'fileNotReceived': {
      const { name, status } = summary(work, session).notReceived[0]!;
      return fileNotReceived(name, status);
    }
    case 'missingOrInvalidFiles':
      return missingOrInvalid(work, session);
    case 'backingGone': {
      const library = libraryOf(work, itemOf(work, session.itemId).libraryId);
      return backingGone(library.name, library.id);
    }
    case 'manifestAfterDescriptor':
      return manifestAfterDescriptor(file);
    default: {
      const reason = session.errorMessage?.default_message ?? '';
      const state = shownState(session.state);
      return reason === '' ? wrongState(operation, state, reason) : wrongStateFor(operation, state, reason);
    }
  }
}

/** Why a session that was to be completed ends in ERROR instead. */
export function whyNotDone(work: Work, session: SessionState): WireError {
  const { missing, invalid, warnings } = summary(work, session);
  return missing.length + invalid.length > 0 ? missingOrInvalid(work, session) : warningNotIgnored(warnings);
}

function missingOrInvalid(work: Work, session: SessionState): WireError {
  const { missing, invalid } = findingsOf(work.state, session);
  return missingOrInvalidFiles(
    missing,
    invalid.map(file => file.name)
  );
}

export function summary(work: Work, session: SessionState): SessionSummary {
  return summaryOf(work.state, session, work.context.at);
}

/**
 * Brings a session into the state that the law gave, with all that follows from it: DONE publishes what was received, any
 * other end drops it.
 */
export function enter(work: Work, session: SessionState, state: StateValue, why?: ServiceMessage): void {
  const word = wordOf(state);
  if (word === 'gone') forget(work, session);
  else if (word === 'ACTIVE') keep(work, { ...session, state });
  else {
    const ended = { ...session, state, dueAt: sweptAt(work, session, word), ...(why && { errorMessage: why }) };
    const files = word === 'DONE' ? publish(work, ended) : ended.files.map(file => abandoned(work, file));
    keep(work, { ...ended, files });
  }
}

/** Frees what an entry holds for itself, and forgets its upload URL. */
export function release(work: Work, file: SessionFileState): void {
  work.freed.push(...ownBlobs(file));
  forgetUpload(work, file);
}

export function forgetUpload(work: Work, { transfer }: SessionFileState): void {
  if (transfer !== undefined) work.state = { ...work.state, transfers: without(work.state.transfers, transfer) };
}

export function ownBlobs({ stored, content, members = [] }: SessionFileState): string[] {
  return [...(content && !stored ? [content.blob] : []), ...members.map(member => member.blob)];
}

export function forgetToken(work: Work, { token }: { token?: string }): void {
  if (token !== undefined) work.state = { ...work.state, tokens: without(work.state.tokens, token) };
}

/** An entry of a session that ends without being published: its bytes go, a body on its way is heard no longer. */
function abandoned(work: Work, file: SessionFileState): SessionFileState {
  work.freed.push(...ownBlobs(file));
  const { content, members: _, check: __, ...rest } = file;
  const dropped: Judgement = judgeFile(work.law, file.state, { type: 'dropped', rules: work.state.settings.rules });
  const state = dropped.allowed ? { state: dropped.state, received: 0 } : {};
  return { ...rest, ...(file.stored && { content }), ...state };
}

function forget(work: Work, session: SessionState): void {
  for (const file of session.files) release(work, file);
  forgetToken(work, session);
  work.state = { ...work.state, sessions: without(work.state.sessions, session.id) };
}

/**
 * The item becomes what the session holds; its content version rises if anything changed. Answers the session's entries,
 * whose bytes are the item's from now on.
 */
function publish(work: Work, session: SessionState): SessionFileState[] {
  const item = itemOf(work, session.itemId);
  const entries = session.files.map(file => ({ ...file, stored: file.stored ?? storedOf(item, file) }));
  const files = entries.filter(file => file.keep).map(file => file.stored);
  const blobs = new Set(files.map(file => file.blob));
  const before = [...item.files, ...entries.map(file => file.stored)].map(file => file.blob);
  work.freed.push(...new Set(before.filter(blob => !blobs.has(blob))));
  const changed = files.length !== item.files.length || entries.some(file => file.source !== 'NONE');
  if (changed) {
    const versions = { contentVersion: item.contentVersion + 1, version: item.version + 1 };
    const next = { ...item, files, ...versions, modifiedAt: work.context.at };
    work.state = { ...work.state, items: put(work.state.items, item.id, next) };
  }
  return entries;
}

function storedOf(item: ItemState, { name, content, expected }: SessionFileState): StoredFile {
  const before = item.files.find(other => other.name === name)?.version ?? 0;
  const shown = shownDigest(content!.digests, expected.digest);
  return { ...content!, name, version: before + 1, ...(shown && { shown }) };
}
