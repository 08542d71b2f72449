// What a request is in, and what its answer is to be in: the dialect by path and server, XML where it is wanted and known.
import type { IncomingHttpHeaders } from 'node:http';
import type { ServerProfile } from '../../ports.ts';
import { wantedBy } from '../../wire/media.ts';
import type { Dialect, OperationName } from '../../wire/operations.ts';
import { dialectOf } from '../../wire/requests.ts';

export interface Language {
  readonly dialect: Dialect;
  readonly as: 'json' | 'xml';
  /** Errors do not name themselves beside their type. */
  readonly unnamed: boolean;
  /** Whether the server speaks the dialect at all; if not, its errors are still answered in it. */
  readonly spoken: boolean;
}

/** Whether the server is too old for the operation: an update session can be changed since 6.7 U1, as are its previews. */
export function isTooNew(op: OperationName, profile: ServerProfile): boolean {
  return op === 'session.update' && !profile.previews;
}

/** A server of 6.0 takes its dialect under /rest and bare; every other one takes /rest, and /api since 7.0 U2. */
export function languageOf(profile: ServerProfile, url: string, headers: IncomingHttpHeaders): Language {
  const seeming = dialectOf(url);
  const preview = profile.dialect === '2014';
  const dialect = preview && seeming === 'rest' ? '2014' : seeming;
  const spoken = dialect === 'api' ? profile.dialect === 'api' : (dialect === '2014') === preview;
  const xml = dialect !== 'api' && profile.encodings?.includes('xml') === true;
  return { dialect, as: xml ? wantedBy(headers.accept) : 'json', unnamed: profile.unnamedErrors === true, spoken };
}
