// Bytes on their way out: who may read at a download URL, and what the service makes of a body that was read to its end.
import { Refusal, wireError } from '../../wire/errors.ts';
import { enterDownload, keepDownload, replaceFile } from './download-work.ts';
import type { Happening } from './happenings.ts';
import { judgeDownload, judgeDownloadFile } from './law.ts';
import type { DownloadFileState, DownloadState, ServiceState } from './state.ts';
import { find } from './table.ts';
import type { Work } from './work.ts';

type Of<T extends Happening['type']> = Extract<Happening, { type: T }>;

/** What whoever sends the bytes has to know. */
export interface Link {
  readonly sessionId: string;
  readonly fileName: string;
  readonly size: number;
  readonly blob: string;
}

/** What a download URL leads to; undefined when there is no such URL (any more). */
export function findLink(state: ServiceState, link: string): Link | undefined {
  const found = target(state, link);
  if (found === undefined) return undefined;
  const { session, file } = found;
  return { sessionId: session.id, fileName: file.name, size: file.stored.size, blob: file.stored.blob };
}

/** A client begins to read: its session lives on. That bytes flow does not put its end off, for that is keep-alive. */
export function readBegins(work: Work, { link }: Of<'readBegins'>): void {
  const { session, file } = target(work.state, link) ?? {};
  if (session === undefined || file === undefined) throw noSuchLink();
  const judgement = judgeDownload(work.law, session.state, { type: 'file.read' });
  const own = judgeDownloadFile(work.law, file.state, { type: 'read' });
  if (!judgement.allowed || !own.allowed) throw noSuchLink();
  enterDownload(work, replaceFile(session, { ...file, state: own.state }), judgement.state);
}

/** The last byte goes out: from now on the service tells size and checksum. */
export function readEnds(work: Work, { link }: Of<'readEnds'>): void {
  const found = target(work.state, link);
  if (found === undefined) throw noSuchLink();
  keepDownload(work, replaceFile(found.session, { ...found.file, downloaded: true }));
}

function target(state: ServiceState, link: string): { session: DownloadState; file: DownloadFileState } | undefined {
  const place = find(state.links, link);
  const session = place && find(state.downloads, place.session);
  const file = session?.files.find(other => other.link === link);
  return session && file && { session, file };
}

function noSuchLink(): Refusal {
  return new Refusal(wireError('NOT_FOUND', 'shelver.simulator.no_such_download', 'There is no such download.'));
}
