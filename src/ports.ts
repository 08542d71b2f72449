// The page of ports: everything that this library asks of the world outside. Adapters and the simulator fill them.
// A port call answers once or throws a `PortFailure`; it does not loop, retry or decide.
import type { ChecksumAlgorithm, Digest, Failure } from '../machines/vocabulary.ts';
import type { SessionOwner } from '../machines/workflow/calls.ts';
import type { Call, ContentLibrary } from './content-library.ts';

export type {
  AddFile,
  Call,
  ContentLibrary,
  ServerProfile,
  WarningBehavior
} from './content-library.ts';

/** How a port says that a call failed: the failure as data, the true cause beside it. */
export class PortFailure extends Error {
  override readonly name = 'PortFailure';
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** Something that can be read from its beginning any number of times. */
export interface ByteSource {
  readonly size: number;
  /**
   * Tells these bytes from those that the same source may have later, as a time of modification does. A run that is taken up
   * again compares it.
   */
  readonly version?: string;
  /**
   * Reads the bytes, in order, all of `size`. Throws `PortFailure` SOURCE_UNREADABLE or SOURCE_CHANGED when there are fewer
   * or more bytes than `size`, or the file changed while it was read. With `reuse` the reader promises to be done with a
   * chunk (sent, hashed) when it asks for the next one, so that the source may fill the same memory again: memory stays
   * flat. A source may ignore it.
   */
  read(signal?: AbortSignal, reuse?: boolean): AsyncIterable<Uint8Array>;
}

/** Random access to one file: `length` bytes from `offset`, all of them. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

/** A file that can be read at any place, so that its parts are sources of their own. Nothing stays open between reads. */
export interface SeekableSource extends ByteSource {
  /** The bytes from `start` up to `end` (exclusive) as a source. */
  range(start: number, end: number): ByteSource;
  /** Opens the file for some random reads, and closes it again. */
  reading<T>(use: (read: ReadAt) => Promise<T>): Promise<T>;
}

/** The files of the machine that runs this. */
export interface Files {
  /** Throws `PortFailure` SOURCE_UNREADABLE when there is no regular file that can be read. */
  open(path: string): Promise<SeekableSource>;
  /** Whether there is something at the path. */
  exists(path: string): Promise<boolean>;
}

export interface PushRequest extends Call {
  /** Absolute. */
  readonly uri: string;
  readonly source: ByteSource;
  /** Digests to make of the bytes while they are read. */
  readonly hash: readonly ChecksumAlgorithm[];
  /** Called often, with the bytes of this attempt handed to the network so far. */
  onSent?(bytes: number): void;
}
export interface Pushed {
  readonly sent: number;
  readonly digests: readonly Digest[];
}

/** Something that takes bytes, in order, each at its place in the whole. */
export interface ByteSink {
  /** Resolves when the sink is done with the chunk's memory. A lower `at` than before means that the bytes begin again. */
  write(chunk: Uint8Array, at: number): Promise<void>;
}

/**
 * A folder that a download fills, by the names that the server gave. What is not complete is a part, told by the run that
 * makes it, and never stands under a final name. Throws `PortFailure` TARGET_UNWRITABLE, ALREADY_EXISTS or UNSAFE_NAME.
 */
export interface Target {
  /** What the folder is called, for people. */
  readonly place: string;
  /**
   * What stands under the final name; `parted`: whether a part of this run is beside it that is not that file itself. Where
   * that is not told, what stands there is never taken for the run's own without comparing it. UNSAFE_NAME: nothing may ever
   * stand there.
   */
  find(
    name: string,
    run: string,
    call?: Call
  ): Promise<{ readonly size: number; readonly parted?: boolean } | undefined>;
  /** Makes the part of this run, or opens it again; says how many bytes it holds. */
  openPart(name: string, run: string, call?: Call): Promise<{ readonly size: number }>;
  /** Where the bytes of an open part go. A write at 0 begins it anew. */
  part(name: string): ByteSink;
  /** The bytes of the open part, or of what stands under the final name. */
  read(name: string, what: 'part' | 'kept', call?: Call): Promise<ByteSource>;
  /** Gives the part its final name, once all of it would survive a crash. Not done when it is called off before that moment. */
  keep(name: string, replace: boolean, call?: Call): Promise<void>;
  /** Takes the part of the run away, if there is one; says whether the file had been kept before. */
  dropPart(name: string, run: string, call?: Call): Promise<{ readonly kept: boolean }>;
  /** Releases what is held open; parts stay where they are. */
  close(): Promise<void>;
}

export interface FetchRequest extends Call {
  /** Absolute. */
  readonly uri: string;
  /** The first byte wanted; the server may not allow it. Where the file ends there, nothing comes, and all is there. */
  readonly from: number;
  readonly sink: ByteSink;
  /** Called often, with the bytes of this attempt received so far. */
  onReceived?(bytes: number): void;
}
export interface Fetched {
  /** Bytes of this attempt. */
  readonly received: number;
  /** Whether `from` was honoured; if not, the bytes began at 0 again. */
  readonly resumed: boolean;
}

export interface ProbeRequest extends Call {
  /** http or https, absolute. It may hold a secret: nothing that is thrown repeats more than host and path. */
  readonly uri: string;
  /** Fingerprint of the one certificate to believe: SHA-256 or SHA-1. */
  readonly thumbprint?: string;
  /** PEM of certificate authorities to believe besides those that the connection believes. */
  readonly ca?: string;
  /** `http://host:port` of a proxy to go through. */
  readonly proxy?: string;
}
/** What can be seen of a source from here. */
export interface Probed {
  /** Where redirects led to. */
  readonly uri: string;
  /** Bytes, where it tells. */
  readonly size?: number;
  /** The certificate that it showed, if it has one. */
  readonly certificate?: { readonly pem: string; readonly thumbprint: string };
}

/** Looks at a source that the service is to fetch, without reading it. */
export interface SourceProbe {
  /** Throws `PortFailure` SOURCE_UNREADABLE, TLS_UNTRUSTED, TLS_PIN_MISMATCH, INVALID_SPEC or CANCELED. */
  probe(request: ProbeRequest): Promise<Probed>;
}

/** The data plane. */
export interface ByteTransfer {
  /**
   * One PUT. A failure tells `sent`, and `digests` if the source was read to its end; it is `ambiguous` when the server
   * may have it all.
   */
  push(request: PushRequest): Promise<Pushed>;
  /** One GET. Resolves when all that the server announced was written to the sink. */
  fetch(request: FetchRequest): Promise<Fetched>;
}

/** Makes digests of chunks beside the main thread. */
export interface Hasher {
  start(algorithms: readonly ChecksumAlgorithm[]): Hashing;
}
export interface Hashing {
  /**
   * Takes a chunk; settles (at once, if undefined) when it is done with its memory and there is room for the next one.
   */
  update(chunk: Uint8Array): Promise<void> | undefined;
  digest(): Promise<Digest[]>;
  /** Frees what is held; allowed at any time, any number of times. */
  dispose(): void;
}

/** Time and waiting. */
export interface Clock {
  /** Milliseconds since 1970. Never less than before, also when somebody sets the wall clock back. */
  now(): number;
  /** Resolves at or after the instant; rejects with the signal's reason. */
  sleepUntil(at: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** In [0, 1). */
  next(): number;
  uuid(): string;
}

/** What all retries of a process share. Nothing is kept of it, and it reads no time. */
export interface RetryBudget {
  /** Takes `cost` tokens and says true, or says false and takes none. With `spare`, so many must stay for others. */
  draw(cost: number, spare?: number): boolean;
  /** Puts tokens back, up to what it held at first. */
  refund(tokens: number): void;
}

/** One entry of the run's durable log. */
export interface JournalRecord {
  /** Version of `data`: 1. Another one was written by another shelver, and is not read (src/events/reading.ts). */
  readonly v: number;
  readonly run: string;
  readonly at: number;
  readonly type: string;
  readonly data: unknown;
}

/** Where facts are written down before anything that depends on them is done. */
export interface Journal {
  /** Resolves when the records would survive a crash. */
  append(records: readonly JournalRecord[]): Promise<void>;
  read(run: string): Promise<JournalRecord[]>;
  /** To which runs the sessions belong; one that no run has written down is not among them. Absent: nobody knows. */
  ownersOf?(sessions: readonly string[]): Promise<readonly SessionOwner[]>;
}

/** All that a run needs. `connect()` and `simulator` make one; a test makes its own. */
export interface Ports {
  readonly library: ContentLibrary;
  readonly bytes: ByteTransfer;
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
  readonly hasher: Hasher;
  readonly budget: RetryBudget;
  /** Absent: sources that the service is to fetch are not looked at before. */
  readonly probe?: SourceProbe;
  /** Where paths of sources lead. Absent: to the disk of this machine. */
  readonly disk?: Files;
  /** What the server is called in reports and the journal: never with credentials. */
  readonly serverName: string;
  /** As whom the calls are made: sessions are seen by their own user only. */
  readonly userName?: string;
}
