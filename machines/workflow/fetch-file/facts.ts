// What the fetch of one file is told and what it knows: the machine's input, context and result. All of it is JSON.
import type { Digest, Failure } from '../../vocabulary.ts';
import type { DownloadPolicy, DownloadServer, FetchVerified } from '../download-facts.ts';

export interface FetchFileInput {
  readonly run: string;
  readonly index: number;
  /** Size and digest as far as the item's own list tells them. */
  readonly file: { readonly name: string; readonly size?: number; readonly digest?: Digest };
  readonly sessionId: string;
  readonly server: DownloadServer;
  readonly policy: DownloadPolicy;
  /** Whether what stands under the final name gives way. */
  readonly replace: boolean;
  /** Fetches that were made before. */
  readonly attempts: number;
  /** It has been fetched, into a part of so many bytes, and that is written down: only its name is still to give. */
  readonly naming?: number;
}

export interface FetchFileResult {
  readonly ok: boolean;
  readonly at: number;
  readonly attempts: number;
  readonly verified: FetchVerified;
  readonly size?: number;
  readonly digest?: Digest;
  readonly failure?: Failure;
  /** It is fetched, and must be known to be so before it gets its name: so many bytes are in its part. */
  readonly naming?: number;
}

export interface Context extends FetchFileInput {
  readonly at: number;
  readonly uri: string;
  /** Bytes in the part. */
  readonly received: number;
  /** What is in the part is wrong: it begins again. */
  readonly anew: boolean;
  /** It ends without its name. */
  readonly unnamed: boolean;
  /** The service was asked for its digest after the fetch. */
  readonly asked: boolean;
  /** Since when nothing has moved, and how much had moved then. */
  readonly waitingSince?: number;
  readonly moved: number;
  /** Why the service is asked for a link again. */
  readonly why?: Failure;
  readonly size?: number;
  readonly digest?: Digest;
  readonly failure?: Failure;
}
