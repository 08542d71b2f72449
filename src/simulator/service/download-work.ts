// What becomes of a download session: the law is asked, time passes, links come and go. The item's bytes stay as they were
// when the session was created for as long as it is ACTIVE, whatever an update makes of the item meanwhile.
import type { StateValue } from 'xstate';
import { wordOf } from '../../../machines/law.ts';
import type { DownloadSessionEvent } from '../../../machines/service/download-session.ts';
import type { ServiceMessage } from '../../../machines/vocabulary.ts';
import { Refusal } from '../../wire/errors.ts';
import { visibleSession } from './any-session.ts';
import { judgeDownload, judgeDownloadFile } from './law.ts';
import { shownState } from './present.ts';
import { message, wrongState } from './refusals.ts';
import type { DownloadFileState, DownloadState, ServiceState } from './state.ts';
import { find, put, values, without } from './table.ts';
import { forgetToken, itemOf, libraryOf, sweptAt, touched, type Work } from './work.ts';

export function downloadOf(work: Work, id: string): DownloadState {
  return visibleSession(work, work.state.downloads, 'download', id);
}

/** Writes a session back, and remembers when something will happen to it by itself. */
export function keepDownload(work: Work, session: DownloadState): void {
  const dueAt = Math.min(work.state.dueAt ?? Number.POSITIVE_INFINITY, dueOf(session));
  work.state = { ...work.state, dueAt, downloads: put(work.state.downloads, session.id, session) };
}

/** When something happens to the session or one of its files by itself. */
export function dueOf(session: DownloadState): number {
  const steps = session.files.flatMap(({ preparing }) => (preparing ? [preparing.beginsAt ?? preparing.endsAt] : []));
  return Math.min(session.dueAt, ...steps);
}

/** Asks the law; what it refuses is the error of the operation. */
export function judgedDownload(
  work: Work,
  session: DownloadState,
  event: DownloadSessionEvent,
  operation: string = event.type
): StateValue {
  const judgement = judgeDownload(work.law, session.state, event);
  if (judgement.allowed) return judgement.state;
  const reason = session.errorMessage?.default_message ?? '';
  throw new Refusal(wrongState(operation, shownState(session.state), reason));
}

/** Brings a session into the state that the law gave: any end of it takes its links along. */
export function enterDownload(work: Work, session: DownloadState, state: StateValue, why?: ServiceMessage): void {
  const word = wordOf(state);
  if (word === 'ACTIVE') {
    keepDownload(work, touched(work, { ...session, state }));
    return;
  }
  const files = session.files.map(file => withdrawn(work, file));
  release(work, session);
  if (word === 'gone') {
    forgetToken(work, session);
    work.state = { ...work.state, downloads: without(work.state.downloads, session.id) };
    return;
  }
  keepDownload(work, {
    ...session,
    files,
    state,
    dueAt: sweptAt(work, session, word),
    ...(why && { errorMessage: why })
  });
}

/** The blobs that ACTIVE sessions stand on: nobody frees them meanwhile. */
export function blobsInUse(state: ServiceState): string[] {
  return values(state.downloads)
    .filter(session => wordOf(session.state) === 'ACTIVE')
    .flatMap(session => session.files.map(({ stored }) => stored.blob));
}

/** Lets everything happen to a session that is due before the work's instant. */
export function passDownloadTime(work: Work, id: string): void {
  const { at } = work.context;
  for (const { name, preparing } of find(work.state.downloads, id)!.files) {
    if (preparing) prepareOn(work, id, name);
  }
  for (let session = find(work.state.downloads, id); session && session.dueAt < at && age(work, session); ) {
    session = find(work.state.downloads, id);
  }
}

/** Does of the preparation of a file what is due by now. */
export function prepareOn(work: Work, id: string, name: string): void {
  const { at } = work.context;
  const session = find(work.state.downloads, id)!;
  let file = session.files.find(other => other.name === name)!;
  const { beginsAt, endsAt } = file.preparing!;
  if (beginsAt !== undefined && beginsAt <= at) {
    file = { ...file, state: stepped(work, file, 'begin'), preparing: { endsAt } };
  }
  if (endsAt <= at) file = prepared(work, session, file);
  keepDownload(work, replaceFile(session, file));
}

export function replaceFile(session: DownloadState, file: DownloadFileState): DownloadState {
  return { ...session, files: session.files.map(other => (other.name === file.name ? file : other)) };
}

/** The next state of a file; what the law has no place for leaves it as it is. */
function stepped(work: Work, file: DownloadFileState, type: 'begin' | 'prepared' | 'failed' | 'withdraw') {
  const judgement = judgeDownloadFile(work.law, file.state, { type });
  return judgement.allowed ? judgement.state : file.state;
}

/** The preparation ends: there is a link, or the reason why there is none. */
function prepared(work: Work, session: DownloadState, before: DownloadFileState): DownloadFileState {
  const { preparing: _, ...file } = before;
  const library = libraryOf(work, itemOf(work, session.itemId).libraryId);
  if (library.backingGone) {
    const text = `The file ${file.name} cannot be read: the storage of the library ${library.name} does not exist.`;
    return { ...file, state: stepped(work, file, 'failed'), error: message('not_readable', text, file.name) };
  }
  const state = stepped(work, file, 'prepared');
  const link = work.context.uuid();
  work.state = { ...work.state, links: put(work.state.links, link, { session: session.id, file: file.name }) };
  return { ...file, state, link };
}

function withdrawn(work: Work, file: DownloadFileState): DownloadFileState {
  const { link, preparing: _, ...rest } = file;
  if (link !== undefined) work.state = { ...work.state, links: without(work.state.links, link) };
  return { ...rest, state: stepped(work, file, 'withdraw') };
}

/** Bytes that were kept for this session alone may go. */
function release(work: Work, session: DownloadState): void {
  if (wordOf(session.state) !== 'ACTIVE') return;
  const kept = new Set(find(work.state.items, session.itemId)?.files.map(({ blob }) => blob));
  work.freed.push(...session.files.map(({ stored }) => stored.blob).filter(blob => !kept.has(blob)));
}

/** One step of ageing, if the law has one. */
function age(work: Work, session: DownloadState): boolean {
  for (const type of ['expire', 'sweep'] as const) {
    const judgement = judgeDownload(work.law, session.state, { type });
    if (judgement.allowed) {
      enterDownload(work, session, judgement.state, type === 'expire' ? EXPIRED : undefined);
      return true;
    }
  }
  return false;
}

const EXPIRED = message('session_expired', 'The download session has expired.');
