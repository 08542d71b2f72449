// Digests made in a worker thread while the same bytes are sent. Chunks are copied into a few slots of shared memory: the
// copy costs a tenth of the hashing, nothing is allocated per chunk, and it does not matter what becomes of the chunk.
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { type ChecksumAlgorithm, type Digest, failure } from '../../machines/vocabulary.ts';
import { type Hasher, type Hashing, PortFailure } from '../ports.ts';

/** A hasher that holds a thread. */
export interface WorkerHasher extends Hasher {
  /** Ends the thread; a digest that is still being made fails. The next `start` begins a new thread. */
  close(): Promise<void>;
}

/**
 * A hasher with one worker thread for all files. The thread begins with the first file that is not small, and does not keep
 * the process alive. `update` answers `undefined` when there is room for another chunk at once, a promise when there is not;
 * the caller waits for it before it goes on, and must not change the chunk until then.
 *
 * @example `const hashing = workerHasher().start(['SHA256']); hashing.update(bytes); await hashing.digest()`
 */
export function workerHasher(options: { readonly slots?: number; readonly slotBytes?: number } = {}): WorkerHasher {
  const { slots = 4, slotBytes = 1024 * 1024 } = options;
  let thread: HashThread | undefined;
  const running = (): HashThread => {
    if (thread === undefined || thread.ended) thread = new HashThread(slots, slotBytes);
    return thread;
  };
  return {
    start: algorithms => new FileHashing(algorithms, running),
    close: async () => thread?.close()
  };
}

/** Files up to this size are hashed at once: a thread would take longer to be told. */
const SMALL_BYTES = 64 * 1024;

/** One file. Its first bytes are kept back until it shows that it is not small. */
class FileHashing implements Hashing {
  readonly #algorithms: readonly ChecksumAlgorithm[];
  readonly #running: () => HashThread;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #job: { readonly thread: HashThread; readonly id: number } | undefined;
  #over = false;

  constructor(algorithms: readonly ChecksumAlgorithm[], running: () => HashThread) {
    this.#algorithms = algorithms;
    this.#running = running;
  }

  update(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#over || this.#algorithms.length === 0 || chunk.length === 0) return undefined;
    if (this.#job) return this.#job.thread.feed(this.#job.id, chunk);
    if (this.#keptBytes + chunk.length <= SMALL_BYTES) {
      // A copy: the memory of the chunk may be filled again as soon as this returns.
      this.#kept.push(chunk.slice());
      this.#keptBytes += chunk.length;
      return undefined;
    }
    const thread = this.#running();
    this.#job = { thread, id: thread.begin(this.#algorithms.map(nodeName)) };
    const bytes = this.#keptBytes === 0 ? chunk : Buffer.concat([...this.#kept, chunk]);
    this.#kept = [];
    return thread.feed(this.#job.id, bytes);
  }

  async digest(): Promise<Digest[]> {
    if (this.#over) throw ended('the digest was asked for after its end');
    this.#over = true;
    const checksums = this.#job ? await this.#job.thread.end(this.#job.id) : this.#hashKept();
    return this.#algorithms.map((algorithm, index) => ({ algorithm, checksum: checksums[index] as string }));
  }

  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#kept = [];
    this.#job?.thread.drop(this.#job.id);
  }

  #hashKept(): string[] {
    return this.#algorithms.map(algorithm => {
      const hash = createHash(nodeName(algorithm));
      for (const bytes of this.#kept) hash.update(bytes);
      return hash.digest('hex');
    });
  }
}

/** Bytes on their way into the slots; without bytes: the end of the file. */
interface Feed {
  readonly job: number;
  readonly bytes?: Uint8Array;
  done: number;
  readonly settle: { resolve(): void; reject(reason: unknown): void };
}
interface Wanted {
  resolve(checksums: string[]): void;
  reject(reason: unknown): void;
}

/** The thread, its slots, and who waits for them. */
class HashThread {
  ended = false;
  readonly #worker: Worker;
  readonly #memory: SharedArrayBuffer;
  readonly #slotBytes: number;
  readonly #free: number[];
  #feeds: Feed[] = [];
  readonly #wanted = new Map<number, Wanted>();
  #jobs = 0;

  constructor(slots: number, slotBytes: number) {
    this.#memory = new SharedArrayBuffer(slots * slotBytes);
    this.#slotBytes = slotBytes;
    this.#free = Array.from({ length: slots }, (_, slot) => slot);
    this.#worker = new Worker(new URL('./hash-worker.mjs', import.meta.url), {
      workerData: { memory: this.#memory, slotBytes },
      name: 'shelver-hash',
      // Options of the program are not its own: --input-type, as `node -e` has it, would keep it from starting.
      execArgv: []
    });
    this.#worker.on('message', (message: { slot: number } | { job: number; digests: string[] }) => {
      if ('slot' in message) {
        this.#free.push(message.slot);
        this.#fill();
      } else {
        this.#wanted.get(message.job)?.resolve(message.digests);
        this.#wanted.delete(message.job);
      }
      this.#keepAlive();
    });
    this.#worker.on('error', cause => this.#end(cause));
    this.#worker.on('exit', () => this.#end());
    this.#worker.unref();
  }

  begin(algorithms: readonly string[]): number {
    this.#jobs += 1;
    this.#worker.postMessage({ job: this.#jobs, algorithms });
    return this.#jobs;
  }

  feed(job: number, bytes: Uint8Array): Promise<void> | undefined {
    if (this.ended) return Promise.reject(ended('the hashing thread ended'));
    const { promise, ...settle } = withResolvers();
    // A caller may have gone away when the thread ends.
    promise.catch(() => undefined);
    const feed: Feed = { job, bytes, done: 0, settle };
    this.#feeds.push(feed);
    this.#fill();
    if (feed.done === bytes.length) return undefined;
    this.#keepAlive();
    return promise;
  }

  end(job: number): Promise<string[]> {
    if (this.ended) return Promise.reject(ended('the hashing thread ended'));
    return new Promise((resolve, reject) => {
      this.#wanted.set(job, { resolve, reject });
      // Behind the bytes that still wait for a slot.
      this.#feeds.push({ job, done: 0, settle: { resolve: () => undefined, reject } });
      this.#fill();
      this.#keepAlive();
    });
  }

  drop(job: number): void {
    const mine = this.#feeds.filter(feed => feed.job === job);
    this.#feeds = this.#feeds.filter(feed => feed.job !== job);
    for (const feed of mine) feed.settle.resolve();
    if (!this.ended) this.#worker.postMessage({ job, drop: true });
    this.#keepAlive();
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
    this.#end();
  }

  /** Copies waiting bytes into free slots, first come, first served. */
  #fill(): void {
    for (let feed = this.#feeds[0]; feed; feed = this.#feeds[0]) {
      const { job, bytes } = feed;
      if (bytes === undefined) {
        this.#worker.postMessage({ job, end: true });
      } else {
        const slot = this.#free.pop();
        if (slot === undefined) return;
        const part = bytes.subarray(feed.done, feed.done + this.#slotBytes);
        new Uint8Array(this.#memory, slot * this.#slotBytes, part.length).set(part);
        this.#worker.postMessage({ job, slot, length: part.length });
        feed.done += part.length;
        if (feed.done < bytes.length) continue;
      }
      this.#feeds.shift();
      feed.settle.resolve();
    }
  }

  /** The thread holds the process only while somebody waits for it. */
  #keepAlive(): void {
    if (this.#feeds.length > 0 || this.#wanted.size > 0) this.#worker.ref();
    else this.#worker.unref();
  }

  #end(cause?: unknown): void {
    this.ended = true;
    const failed = ended('the hashing thread ended before its digest was made', cause);
    for (const feed of this.#feeds.splice(0)) feed.settle.reject(failed);
    for (const wanted of this.#wanted.values()) wanted.reject(failed);
    this.#wanted.clear();
  }
}

function withResolvers(): { promise: Promise<void>; resolve(): void; reject(reason: unknown): void } {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function ended(message: string, cause?: unknown): PortFailure {
  return new PortFailure(failure('INTERNAL', message), { cause });
}

/** `SHA256` → `sha256`. */
function nodeName(algorithm: ChecksumAlgorithm): string {
  return algorithm.toLowerCase();
}
