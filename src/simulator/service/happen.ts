// What happens to the service outside its operations: a state and a happening in, a new state out, and what to answer to
// the body that it is about.
import type { WireError } from '../../wire/errors.ts';
import { Refusal } from '../../wire/errors.ts';
import { blobsInUse, judgedDownload, keepDownload } from './download-work.ts';
import type { Happening } from './happenings.ts';
import type { Law } from './law.ts';
import * as links from './links.ts';
import { attempted } from './operate.ts';
import type { Context, ServiceState } from './state.ts';
import { find, put, values } from './table.ts';
import { passTime } from './time.ts';
import * as transfers from './transfers.ts';
import { judged, keep, libraryOf, ownBlobs, type Work } from './work.ts';

export interface Effect {
  readonly state: ServiceState;
  /** What to answer to the body; without one, it is welcome. */
  readonly error?: WireError;
  /** Blobs that nothing refers to any more, those of a refused `received` among them. */
  readonly freed: readonly string[];
  /** For `begin`: what the later happenings of this body have to name. */
  readonly attempt?: number;
}

/**
 * Tells the service what happened.
 *
 * @example `happen(law, state, { type: 'begin', transfer }, context).attempt` is 1 for the first body at an upload URL.
 */
export function happen(law: Law, state: ServiceState, happening: Happening, context: Context): Effect {
  const { value, ...effect } = attempted(law, state, context, work => act(work, happening));
  const lost = happening.type === 'received' ? unclaimed(state, effect.state, happening) : [];
  return {
    ...effect,
    freed: [...new Set([...effect.freed, ...lost])],
    ...(typeof value === 'number' && { attempt: value })
  };
}

/** All blobs that the state refers to: whatever else lies in a store may go. */
export function blobsOf(state: ServiceState): string[] {
  const stored = values(state.items).flatMap(item => item.files.map(file => file.blob));
  const received = values(state.sessions).flatMap(session => session.files.flatMap(ownBlobs));
  return [...new Set([...stored, ...received, ...blobsInUse(state)])];
}

function act(work: Work, happening: Happening): { value?: unknown; error?: WireError } {
  switch (happening.type) {
    case 'begin':
      return { value: transfers.begin(work, happening) };
    case 'bytesArrived':
      transfers.bytesArrived(work, happening);
      break;
    case 'received':
      return { error: transfers.received(work, happening) };
    case 'dropped':
      transfers.dropped(work, happening);
      break;
    case 'transferFailed':
      transfers.transferFailed(work, happening);
      break;
    case 'restarted':
      transfers.restarted(work);
      break;
    case 'readBegins':
      links.readBegins(work, happening);
      break;
    case 'readEnds':
      links.readEnds(work, happening);
      break;
    case 'expire':
      expire(work, happening.session);
      break;
    case 'backingGone': {
      const library = libraryOf(work, happening.library);
      work.state = {
        ...work.state,
        libraries: put(work.state.libraries, library.id, { ...library, backingGone: true })
      };
      break;
    }
    case 'tick':
  }
  return {};
}

/** Puts the end of an ACTIVE session into the past, and lets time do the rest. */
function expire(work: Work, id: string): void {
  const past = { expiresAt: work.context.at - 1, dueAt: work.context.at - 1 };
  const session = find(work.state.sessions, id);
  if (session !== undefined) {
    const judgement = judged(work, session, { type: 'expire' }, { operation: 'expire' });
    if (judgement.error) throw new Refusal(judgement.error);
    keep(work, { ...session, ...past });
  }
  const download = find(work.state.downloads, id);
  if (download !== undefined) {
    judgedDownload(work, download, { type: 'expire' });
    keepDownload(work, { ...download, ...past });
  }
  passTime(work);
}

/** Blobs of a body that the service did not take. */
function unclaimed(
  before: ServiceState,
  after: ServiceState,
  body: Extract<Happening, { type: 'received' }>
): string[] {
  // With members, the archive's own blob is known by its ranges only, which are the members' blobs.
  const given = (body.members ?? [body]).map(part => part.blob);
  const session = find(before.transfers, body.transfer)?.session ?? '';
  const files = find(after.sessions, session)?.files ?? [];
  const claimed = new Set(files.flatMap(file => file.stored?.blob ?? ownBlobs(file)));
  return given.filter(blob => !claimed.has(blob));
}
