// What is special about a file that the service fetches itself: how its failure is told, and what its descriptor brings along.
import type { ServiceMessage } from '../../../machines/vocabulary.ts';
import { isFileName } from './arguments.ts';
import { keepsInStorage } from './content.ts';
import { itemFolder } from './datastore.ts';
import { beginning } from './law.ts';
import { message } from './refusals.ts';
import type { SessionFileState, SessionState } from './state.ts';
import { put } from './table.ts';
import { itemOf, type Work } from './work.ts';

/** Why a PULL failed, as the file tells it; `reason` is the cause. */
export function pullError(
  work: Work,
  session: SessionState,
  { name }: SessionFileState,
  reason: ServiceMessage
): ServiceMessage {
  const folder = itemFolder(work.state.settings.serverGuid, itemOf(work, session.itemId));
  const to = `${folder}${encodeURIComponent(name)}`;
  return { ...reason, default_message: `Error transferring file ${name} to ${to}. Reason: ${reason.default_message}` };
}

/** The same as the session tells it. */
export function importError(work: Work, session: SessionState, why: ServiceMessage): ServiceMessage {
  const { name } = itemOf(work, session.itemId);
  return { ...why, default_message: `The import of library item ${name} has failed. ${why.default_message}` };
}

/** Why a source could not be fetched. */
export function fetchFailed(name: string, cause: string): ServiceMessage {
  return message('transfer_failed', cause, name, cause);
}

/**
 * The session with an entry for every file that a fetched descriptor references, to be fetched from beside it. What a client
 * gave of its own stays; what the item has from before is replaced.
 */
export function withReferences(work: Work, session: SessionState, descriptor: SessionFileState): SessionState {
  const { endpoint, content } = descriptor;
  if (endpoint === undefined || !URL.canParse('x', endpoint.uri)) return session;
  const given = new Set(session.files.filter(file => file.source !== 'NONE').map(file => file.name));
  const { maxFilesPerSession } = work.state.settings.rules;
  const names = (content?.descriptor?.references ?? []).filter(name => isFileName(name) && !given.has(name));
  const entries: SessionFileState[] = [];
  for (const name of names.slice(0, Math.max(0, maxFilesPerSession - session.files.length))) {
    const transfer = work.context.uuid();
    work.state = { ...work.state, transfers: put(work.state.transfers, transfer, { session: session.id, file: name }) };
    entries.push({
      name,
      source: 'PULL',
      state: beginning(work.law.updateFile),
      transfer,
      attempt: 0,
      expected: {},
      endpoint: { ...endpoint, uri: new URL(encodeURIComponent(name), endpoint.uri).href },
      received: 0,
      keep: keepsInStorage(work.state, session, name)
    });
  }
  const fetched = new Set(entries.map(entry => entry.name));
  return { ...session, files: [...session.files.filter(file => !fetched.has(file.name)), ...entries] };
}
