// The run's log: every fact, transition, call and answer, as plain records. The journal keeps the durable ones; the
// timeline, the views and a recording see all of them. No credentials, upload URIs or bytes are ever in it.
import type { Digest, Failure } from '../../machines/vocabulary.ts';

/** What resume starts from. Each is written down before the effect that depends on it (docs/architecture.md). */
export interface Facts {
  readonly itemId?: string;
  /** Whether this run made the item, so that it may take it away again. */
  readonly itemMade?: boolean;
  /** Which session of this run: rises when an expired one is cleared away. */
  readonly generation: number;
  /** This generation's create was sent. */
  readonly opened: boolean;
  readonly sessionId?: string;
  /** `complete` was sent. */
  readonly asked: boolean;
  /** Why the run shall be canceled. */
  readonly wish?: string;
  readonly failure?: Failure;
  readonly files: Readonly<Record<string, FileFacts>>;
}
export interface FileFacts {
  readonly outcome: 'todo' | 'ready' | 'failed';
  readonly attempts: number;
  readonly digests?: readonly Digest[];
}

export type FileRole = 'manifest' | 'certificate' | 'descriptor' | 'disk' | 'plain';
export type Outcome = 'done' | 'upToDate' | 'failed' | 'canceled';

interface Base {
  readonly at: number;
}
export type RunEvent =
  | (Base & {
      readonly type: 'started';
      readonly run: string;
      readonly server: string;
      /** Library and item as the caller named them. */
      readonly to: string;
      readonly files: readonly { readonly name: string; readonly size: number; readonly role: FileRole }[];
    })
  /** A machine entered a state. `path` is '' for the upload itself, `file:0`, `lease`, `file:0/pushing` … for children. */
  | (Base & {
      readonly type: 'state';
      readonly path: string;
      readonly machine: string;
      readonly state: string;
      readonly file?: string;
    })
  /** A machine of the tree began or ended its life (children are reaped). */
  | (Base & { readonly type: 'gone'; readonly path: string })
  /** One port call goes out; `op` is the port's method, `about` what it is about (a file name, a session id). */
  | (Base & { readonly type: 'call'; readonly path: string; readonly op: string; readonly about?: string })
  | (Base & {
      readonly type: 'answer';
      readonly path: string;
      readonly op: string;
      readonly about?: string;
      readonly failure?: Failure;
    })
  /** A wait begins; it ends at `until`, and this is why. */
  | (Base & { readonly type: 'waiting'; readonly path: string; readonly until: number; readonly why?: string })
  /** Facts that changed: what the journal keeps. */
  | (Base & { readonly type: 'facts'; readonly changed: Partial<Facts> })
  | (Base & { readonly type: 'ended'; readonly outcome: Outcome; readonly failure?: Failure });

/** Bytes beside the chart: how far each file is. */
export interface FileBytes {
  /** Handed to the network in the current attempt. */
  readonly sent: number;
  /** What the service says it has. */
  readonly accepted: number;
}
