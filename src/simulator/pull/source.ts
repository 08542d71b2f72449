// What a PULL reads from: a source by its URI, whatever its scheme.
import { requestSource } from '../http/pull-request.ts';
import type { Endpoint } from '../service/state.ts';
import { openInFolder } from './folder.ts';
import type { PullPolicy } from './options.ts';

export interface PullSource {
  /** As the source announces it, in bytes. */
  readonly size?: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): Promise<void> | void;
}

/** @throws `PullFailure`; what `signal` was aborted with. */
export async function openSource(policy: PullPolicy, endpoint: Endpoint, signal: AbortSignal): Promise<PullSource> {
  const imagined = Object.hasOwn(policy.sources, endpoint.uri) ? policy.sources[endpoint.uri] : undefined;
  if (imagined !== undefined) return imaginedSource(Buffer.from(imagined));
  const local = ['file', 'ds'].includes(schemeOf(endpoint.uri));
  return local ? openInFolder(policy.folder, endpoint.uri) : requestSource(policy, endpoint, signal);
}

/** In lower case; '' where there is none. */
export function schemeOf(uri: string): string {
  return uri.slice(0, Math.max(uri.indexOf(':'), 0)).toLowerCase();
}

const PIECE = 64 * 1024;

function imaginedSource(bytes: Uint8Array): PullSource {
  return {
    size: bytes.length,
    chunks: (async function* () {
      for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
    })(),
    close: () => undefined
  };
}
