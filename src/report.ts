// What happened, for every outcome, JSON-safe.
import type { Digest, Failure } from '../machines/vocabulary.ts';
import type { FileRole, Outcome } from './events/records.ts';

/** How a file of the item was held against the source after DONE; `notKept`: the service does not keep it (manifest, certificate). */
export type Verified = 'digest' | 'size' | 'notReported' | 'notKept' | 'no';

export interface FileReport {
  readonly name: string;
  readonly size: number;
  readonly role: FileRole;
  readonly outcome: 'ready' | 'unchanged' | 'failed' | 'notSent';
  readonly verified: Verified;
  /** The digest that was compared, when one was. */
  readonly digest?: Digest;
  readonly attempts: number;
  /** Bytes handed to the network over all attempts. */
  readonly sent: number;
  /** Bytes the service has taken for good. */
  readonly accepted: number;
}

export interface Report {
  readonly v: 1;
  readonly run: string;
  readonly outcome: Outcome;
  readonly server: string;
  readonly library?: { readonly id: string; readonly name: string };
  readonly item?: {
    readonly id: string;
    readonly name: string;
    readonly made: boolean;
    readonly contentVersion?: string;
  };
  readonly sessionId?: string;
  /** The states of the upload machine, in order. */
  readonly path: readonly string[];
  readonly files: readonly FileReport[];
  readonly sent: number;
  readonly accepted: number;
  readonly retries: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failure?: Failure;
  /** What is less than certain, or was left on the server: never silent. */
  readonly notes: readonly string[];
}
