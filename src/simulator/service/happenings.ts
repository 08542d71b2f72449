// What happens to the service outside its operations: bytes come, go and break off, time passes.
import type { Digest } from '../../../machines/vocabulary.ts';

export type Happening =
  /** A body begins. The result tells its `attempt`, which the later happenings of this body name. */
  | { readonly type: 'begin'; readonly transfer: string }
  /** So many bytes of the body have come. */
  | { readonly type: 'bytesArrived'; readonly transfer: string; readonly attempt?: number; readonly received: number }
  | ({ readonly type: 'received'; readonly transfer: string; readonly attempt?: number } & Received & {
        /** The members of an unpacked archive. With them, the archive's own blob is not kept. */
        readonly members?: readonly (Received & { readonly name: string })[];
        /** What is wrong with the bytes themselves, for example an archive that cannot be read. */
        readonly fault?: string;
      })
  /** The body broke off. */
  | { readonly type: 'dropped'; readonly transfer: string; readonly attempt?: number }
  /** The server itself failed while it stored or checked the file, or could not fetch it. */
  | { readonly type: 'transferFailed'; readonly transfer: string; readonly message: string }
  /** A client begins to read at a download URL. */
  | { readonly type: 'readBegins'; readonly link: string }
  /** The last byte of the file goes out. */
  | { readonly type: 'readEnds'; readonly link: string }
  /** The session, for update or download, expires now. */
  | { readonly type: 'expire'; readonly session: string }
  /** Time has passed. */
  | { readonly type: 'tick' }
  /** The service was stopped and started: no body is on its way any more. */
  | { readonly type: 'restarted' }
  /** The library's content is deleted from its storage behind the service's back. */
  | { readonly type: 'backingGone'; readonly library: string };

export interface Received {
  readonly size: number;
  /** By every algorithm that `findTransfer` asked for. */
  readonly digests: readonly Digest[];
  readonly blob: string;
  /** The whole content, where `findTransfer` asked for it. */
  readonly text?: string;
}
