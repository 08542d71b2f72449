// One world of the explorer and all that goes wrong in it, as JSON: drawn from a seed, played, and made smaller when it fails.

import type { ProfileName } from '../../src/servers/profiles.ts';
import type { Fault, Rules } from '../../src/simulator/index.ts';
import type { IfExists, OnBusy } from '../../src/spec.ts';

export interface Plan {
  /** Also the seed of chance inside the world: latencies, jitter, ids. */
  readonly seed: number;
  readonly job: UploadJob | DownloadJob;
  readonly server: {
    readonly profile: ProfileName;
    readonly rules: Partial<Rules>;
    readonly sessionTimeoutMs?: number;
    readonly bandwidth?: number;
    /** False: it does not keep client tokens, as vcsim. */
    readonly tokens?: false;
    /** It writes checksums in capitals, or tells none of what it holds. */
    readonly digests?: 'capitals' | 'none';
  };
  /** Tokens of the retry budget of each life; absent: as many as the policy has. */
  readonly budget?: number;
  /** What the item `images/item` holds before, by name; absent: there is no such item. */
  readonly shelf?: readonly Content[];
  readonly line: {
    readonly latencyMs: readonly [from: number, to: number];
    /** A call that the client gives up still reaches the server. */
    readonly landsWhenGivenUp: boolean;
    /** The first fetch ends after so many bytes, as if that were all. */
    readonly cutsFetchAt?: number;
  };
  /** How far the client's wall clock is ahead of the server's. */
  readonly skewMs: number;
  readonly faults: readonly Fault[];
  readonly events: readonly Happening[];
  /** Each ends one life of the client. */
  readonly crashes: readonly Crash[];
  /** The last life takes the run up only to end it. */
  readonly cleanUp: boolean;
}

export interface UploadJob {
  readonly kind: 'upload';
  readonly files: readonly Content[];
  /** The package is given by the path of its descriptor, or of an archive of its files; absent: as sources. */
  readonly as?: 'ovf' | 'ova';
  readonly ifExists: IfExists;
  readonly parallel: number;
  readonly deadlineMs?: number;
  readonly onBusy?: OnBusy;
  readonly force?: true;
  /** What the service warns of does not end the upload. */
  readonly acceptWarnings?: true;
}
export interface DownloadJob {
  readonly kind: 'download';
  /** What stands in the folder before. */
  readonly folder: readonly Content[];
  readonly ifExists: 'fail' | 'skip' | 'replace';
  readonly parallel: number;
  readonly deadlineMs?: number;
}

/** One file: its bytes follow from name, size and `salt`. */
export interface Content {
  readonly name: string;
  readonly size: number;
  readonly salt: number;
  /** Absent: the client has the bytes. `told`: it knows their digest as well; `wrong`: it was told another one. */
  readonly pull?: 'plain' | 'told' | 'wrong';
  /**
   * A descriptor references these, a certificate signs this manifest, an archive holds these; a manifest tells the digests of
   * these, of the first a wrong one where `wrong`.
   */
  readonly about?: readonly Content[];
  readonly wrong?: boolean;
}

/** What happens when the client does something for the n-th time, all lives counted. */
export type Happening = {
  /** Which interaction with the world sets it off, from 1. */
  readonly at: number;
  /** Only interactions of this name are counted: a method of the ports. */
  readonly call?: string;
  /** How long after it; 0: just before it. */
  readonly afterMs: number;
} & Event;
export type Event =
  | { readonly do: 'cancel' }
  /** The wall clock of the client's machine is set (negative: back); a process that runs does not notice. */
  | { readonly do: 'setClock'; readonly byMs: number }
  /** The client stands still (its machine sleeps), and the world goes on. */
  | { readonly do: 'suspend'; readonly forMs: number }
  /** The journal cannot be written from now on. */
  | { readonly do: 'breakJournal' }
  | { readonly do: 'expireSessions' }
  /** Another client, of the same user or another one. */
  | { readonly do: 'rival'; readonly user: 'same' | 'other'; readonly act: RivalAct };

export type RivalAct =
  /** `whose`: the journal knows its run, and whether somebody works on that; absent: it does not. */
  | { readonly kind: 'hold'; readonly forMs: number; readonly whose?: 'alive' | 'gone' | 'elsewhere' }
  | { readonly kind: 'end'; readonly by: 'cancel' | 'fail' | 'complete' | 'delete' }
  | { readonly kind: 'removeFile' }
  | { readonly kind: 'deleteItem' }
  | { readonly kind: 'renameItem' }
  | { readonly kind: 'makeItem' }
  | { readonly kind: 'fill'; readonly content: Content };

export interface Crash {
  /** The interaction of this life at which it ends, from 1. */
  readonly at: number;
  /** Only interactions of this name are counted. */
  readonly call?: string;
  /** Whether that interaction still reaches the world: never, before the client dies, or so much later. */
  readonly lands: 'never' | 'before' | number;
  /** How long nobody is there afterwards. */
  readonly downMs: number;
}

/** Whether what is uploaded is a package: with a descriptor, or an archive of one. */
export function isPackage({ files }: UploadJob): boolean {
  return files.some(({ name }) => /\.(ovf|ova)$/.test(name));
}
