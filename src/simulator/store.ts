// What lies in a directory across restarts: the service's state as one JSON file, replaced as a whole, and beside it the
// bytes, and the certificate of the HTTP door with its key. Saves are coalesced: while one is being written, all changes of that time wait for the next.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failure } from '../../machines/vocabulary.ts';
import { makeFolder } from '../folder.ts';
import { PortFailure } from '../ports.ts';
import { type Blobs, fileBlobs } from './blobs.ts';
import type { Certificate } from './http/certificate.ts';
import { type Owned, own } from './owner.ts';

export interface Store {
  /** What was last saved, or `undefined` in an empty directory. */
  readonly saved: unknown;
  /** How often it was opened before with something saved in it: what is drawn anew in each life must differ in each. */
  readonly restarts: number;
  readonly blobs: Blobs;
  /** Resolves when what `state` answers, asked now or later, would survive a crash. */
  save(state: () => unknown): Promise<void>;
  /** The certificate of all lives, made once; `caFile` is where clients find it. Its key is readable by the owner only. */
  certificate(make: () => Certificate): Certificate & { readonly caFile: string };
  /** Gives the directory up for others. Saves and bytes are the caller's to end first. */
  release(): void;
}

/** Version of the file's shape: another one is refused instead of guessed at. */
const VERSION = 2;

/** @throws `PortFailure` INVALID_SPEC when the directory cannot be used, is in use, or holds something else. */
export function openStore(directory: string): Store {
  const file = join(directory, 'state.json');
  try {
    makeFolder(directory);
  } catch (cause) {
    throw unusable(`the store ${directory} cannot be made`, cause);
  }
  const { release } = owned(directory);
  let found: ReturnType<typeof readState>;
  try {
    found = readState(file);
  } catch (cause) {
    release();
    throw cause;
  }
  const { state: saved, restarts } = found;
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const write = async (state: () => unknown) => {
    // asked for here, not when the save was wished: it is the newest state that is written
    const own = JSON.stringify(state());
    const text = `{"version":${VERSION},"restarts":${restarts},"sha256":"${digestOf(own)}","state":${own}}`;
    const handle = await open(`${file}.new`, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.new`, file);
    await syncDirectory(directory);
  };
  const begin = (state: () => unknown): Promise<void> => {
    const mine = write(state).finally(() => {
      if (writing === mine) writing = undefined;
    });
    writing = mine;
    return mine;
  };
  return {
    saved,
    restarts,
    blobs: fileBlobs(join(directory, 'blobs')),
    save: state => {
      if (writing === undefined) return begin(state);
      next ??= writing
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          return begin(state);
        });
      return next;
    },
    certificate: make => certificateIn(directory, make),
    release
  };
}

function owned(directory: string): Owned {
  let its: ReturnType<typeof own>;
  try {
    its = own(directory);
  } catch (cause) {
    throw unusable(`the store ${directory} cannot be written`, cause);
  }
  if (!('pid' in its)) return its;
  const message = `the store ${directory} is in use by another simulator (process ${its.pid})`;
  throw new PortFailure(failure('INVALID_SPEC', message, { next: 'end that one first, or give another directory' }));
}

function certificateIn(directory: string, make: () => Certificate): ReturnType<Store['certificate']> {
  const keyFile = join(directory, 'tls-key.pem');
  const caFile = resolve(directory, 'ca.pem');
  try {
    const kept = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(caFile, 'utf8') };
    if (new X509Certificate(kept.cert).checkPrivateKey(createPrivateKey(kept.key))) return { ...kept, caFile };
  } catch {
    // Not there, or no pair: made anew below.
  }
  const made = make();
  try {
    replaceFile(keyFile, made.key, 0o600);
    replaceFile(caFile, made.cert, 0o644);
  } catch (cause) {
    throw unusable(`the certificate cannot be kept in the store ${directory}`, cause);
  }
  return { ...made, caFile };
}

/** As a whole, and never readable by more than `mode` says. */
function replaceFile(file: string, text: string, mode: number): void {
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

function readState(file: string): { readonly state?: unknown; readonly restarts: number } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { restarts: 0 };
    throw unusable(`the store's file ${file} cannot be read`, cause);
  }
  try {
    const parsed = JSON.parse(text) as {
      version?: unknown;
      restarts?: unknown;
      sha256?: unknown;
      state?: unknown;
    } | null;
    if (parsed?.version === VERSION) {
      const { state, restarts, sha256 } = parsed;
      // Whatever stands in a state is relied on everywhere: it is taken as it was written, or not at all.
      if (sha256 !== digestOf(JSON.stringify(state)) || !Number.isSafeInteger(restarts)) throw changed(file);
      return { state, restarts: Number(restarts) + 1 };
    }
  } catch (cause) {
    if (cause instanceof PortFailure) throw cause;
    throw unusable(`the store's file ${file} is not JSON`, cause);
  }
  throw unusable(`the store's file ${file} is not a simulator's state of version ${VERSION}`);
}

function digestOf(text = ''): string {
  return createHash('sha256').update(text).digest('hex');
}

function changed(file: string): PortFailure {
  return unusable(`the store's file ${file} is not as the simulator wrote it`);
}

function unusable(message: string, cause?: unknown): PortFailure {
  return new PortFailure(failure('INVALID_SPEC', `${message}: give another directory, or empty this one`), { cause });
}

/** A rename survives a crash only once its directory does. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
