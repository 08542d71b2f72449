// The run's log: every fact, transition, call and answer, as plain records. The journal keeps the durable ones; the
// timeline, the views and a recording see all of them. No credentials, upload URIs or bytes are ever in it.
import type { Failure } from '../../machines/vocabulary.ts';
import type { DownloadKnown, FetchKnown } from '../../machines/workflow/download-facts.ts';
import type { FileKnown, Known } from '../../machines/workflow/upload-facts.ts';

/** What resume starts from. Each is written down before the effect that depends on it (docs/architecture.md). */
export type Facts = Known;
export type DownloadFacts = DownloadKnown;
/** Facts that changed; null stands for one that is not so any more. Files by their index. */
export type FactsChange = Changed<Facts> &
  Changed<DownloadFacts> & { readonly files?: Readonly<Record<number, FileKnown | FetchKnown>> };
type Changed<F> = { readonly [K in Exclude<keyof F, 'files'>]?: F[K] | null };

export interface ListedFile {
  readonly name: string;
  /** Bytes; 0 or absent where nobody says. */
  readonly size?: number;
  readonly role: FileRole;
  /** The service fetches it by itself: nothing is sent from here. */
  readonly pull?: true;
}

/** `archive`: an OVA that the service takes apart. */
export type FileRole = 'manifest' | 'certificate' | 'descriptor' | 'disk' | 'plain' | 'archive';
/** `planned`: a dry run, and the real call would begin. */
export type Outcome = 'done' | 'upToDate' | 'failed' | 'canceled' | 'planned';

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
      readonly files: readonly ListedFile[];
      /** Absent: an upload. */
      readonly kind?: 'download';
    })
  /** What is to be fetched: a download learns it only from the service. */
  | (Base & { readonly type: 'listed'; readonly files: readonly ListedFile[] })
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
  | (Base & {
      readonly type: 'call';
      readonly path: string;
      readonly op: string;
      readonly about?: string;
      /** Of a fetch: the first byte that it asks for. */
      readonly from?: number;
    })
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
  | (Base & { readonly type: 'facts'; readonly changed: FactsChange })
  | (Base & { readonly type: 'ended'; readonly outcome: Outcome; readonly failure?: Failure });

/** Bytes beside the chart: how far each file is. */
export interface FileBytes {
  /** Handed to the network in the current attempt; of a download: bytes in the part. */
  readonly sent: number;
  /** What the service says it has; of a download: what is kept. */
  readonly accepted: number;
  /** Where the current attempt began, when it goes on from an earlier one. */
  readonly from?: number;
}
