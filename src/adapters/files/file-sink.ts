// A folder of this machine as the target of a download. A file grows as a hidden part beside its final name, which it gets
// only when all of it is on the disk; so whatever happens, what stands under a final name is whole.
import { constants, type Stats } from 'node:fs';
import { access, type FileHandle, link, lstat, open, rename, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failure } from '../../../machines/vocabulary.ts';
import { type Call, PortFailure, type Target } from '../../ports.ts';
import { codeOf, reasonOf, refused, shown } from './disk-words.ts';
import { fileSource } from './file-source.ts';
import { closed, writtenUnlessHung } from './hung.ts';
import { nameDanger, partName } from './safe-name.ts';

/**
 * A folder that is there already, as a target. Nothing is opened before it is used. Its calls throw `PortFailure`:
 * UNSAFE_NAME for a name that could do harm, ALREADY_EXISTS where something stands in the way, TARGET_UNWRITABLE for what
 * the disk says.
 *
 * @example `download(vcenter, { from: 'images/ubuntu', to: folderTarget('/srv/images') })`
 */
export function folderTarget(folder: string): Target {
  return new Folder(resolve(folder));
}

/** A part that was opened in this life of the run. */
interface Part {
  readonly path: string;
  handle?: FileHandle;
  /** Bytes in it. */
  size: number;
  kept: boolean;
}

class Folder implements Target {
  readonly place: string;
  readonly #parts = new Map<string, Part>();
  /** What is done to one file is done one after the other: an effect that was stopped may not have ended yet. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(place: string) {
    this.place = place;
  }

  find(name: string, run: string): Promise<{ size: number; parted: boolean } | undefined> {
    return this.#inTurn(name, async () => {
      const path = this.#final(name);
      await this.#check();
      const there = await this.#lookAt(name, path);
      if (there === undefined) return undefined;
      if (there.isFile()) {
        const part = await this.#lookAt(name, join(this.place, partName(name, run)));
        // A part with both names was just getting the final one: a crash can come between link and unlink.
        return { size: there.size, parted: part !== undefined && (part.ino !== there.ino || part.dev !== there.dev) };
      }
      throw refused('ALREADY_EXISTS', `${JSON.stringify(name)} in ${this.place} is no regular file: it is left alone`);
    });
  }

  openPart(name: string, run: string): Promise<{ size: number }> {
    return this.#inTurn(name, async () => {
      const path = join(this.place, partName(name, this.#safe(name, run)));
      const known = this.#parts.get(name);
      if (known?.handle !== undefined && known.path === path) return { size: known.size };
      const handle = await this.#open(name, path);
      const { size } = await handle.stat();
      this.#parts.set(name, { path, handle, size, kept: false });
      return { size };
    });
  }

  part(name: string): { write(chunk: Uint8Array, at: number): Promise<void> } {
    return { write: (chunk, at) => this.#inTurn(name, () => this.#write(name, chunk, at)) };
  }

  read(name: string, what: 'part' | 'kept'): ReturnType<typeof fileSource> {
    return this.#inTurn(name, async () => {
      const path = what === 'kept' ? this.#final(name) : this.#parts.get(name)?.path;
      if (path === undefined) throw this.#closed(name);
      try {
        return await fileSource(path);
      } catch (cause) {
        // an open part can be written to even when its folder is gone: it is noticed here
        await this.#check();
        if (what === 'kept') throw cause;
        throw refused('TARGET_UNWRITABLE', `the part of ${shown(name)} in ${this.place} is gone, or cannot be read`);
      }
    });
  }

  keep(name: string, replace: boolean, { signal }: Call = {}): Promise<void> {
    return this.#inTurn(name, async () => {
      const part = this.#parts.get(name);
      if (part?.handle === undefined) throw this.#closed(name);
      const path = this.#final(name);
      try {
        await part.handle.sync();
        await part.handle.close();
        part.handle = undefined;
        if (signal?.aborted) throw refused('CANCELED', `${JSON.stringify(name)} was called off`);
        if (replace) await rename(part.path, path);
        else await this.#renameUnlessThere(name, part, path);
        part.kept = true;
        await syncFolder(this.place);
      } catch (cause) {
        throw this.#fault(name, cause);
      }
    });
  }

  dropPart(name: string, run: string): Promise<{ kept: boolean }> {
    return this.#inTurn(name, async () => {
      const part = this.#parts.get(name);
      this.#parts.delete(name);
      try {
        await part?.handle?.close();
        await unlink(join(this.place, partName(name, this.#safe(name, run))));
      } catch (cause) {
        if (codeOf(cause) !== 'ENOENT') throw this.#fault(name, cause);
      }
      return { kept: part?.kept ?? false };
    });
  }

  async close(): Promise<void> {
    // Where something hangs, so would this.
    await closed({
      close: async () => {
        await Promise.all(this.#turns.values());
        await Promise.all([...this.#parts.values()].map(part => part.handle?.close()));
      }
    });
    this.#parts.clear();
  }

  async #write(name: string, chunk: Uint8Array, at: number): Promise<void> {
    const part = this.#parts.get(name);
    if (part?.handle === undefined || at > part.size) throw this.#closed(name);
    try {
      if (at < part.size) {
        await part.handle.truncate(at);
        part.size = at;
      }
      for (let done = 0; done < chunk.length; ) {
        const { bytesWritten } = await part.handle.write(chunk, done, chunk.length - done, at + done);
        done += bytesWritten;
        part.size = at + done;
      }
    } catch (cause) {
      throw this.#fault(name, cause);
    }
  }

  async #open(name: string, path: string): Promise<FileHandle> {
    const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);
    try {
      return await open(path, flags | constants.O_CREAT | constants.O_EXCL, 0o666);
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw this.#fault(name, cause);
    }
    const handle = await open(path, flags).catch(cause => {
      throw this.#fault(name, cause);
    });
    const { nlink } = await handle.stat();
    if (nlink === 1) return handle;
    await handle.close();
    throw refused('TARGET_UNWRITABLE', `the part of ${JSON.stringify(name)} in ${this.place} has a second name`);
  }

  /** A plain rename would replace what came there meanwhile; a link does not. Not every file system has links. */
  async #renameUnlessThere(name: string, part: Part, path: string): Promise<void> {
    const exists = () =>
      refused('ALREADY_EXISTS', `a file ${JSON.stringify(name)} has come to ${this.place} meanwhile`);
    try {
      await link(part.path, path);
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') throw exists();
      if (!NO_LINKS.has(codeOf(cause))) throw cause;
      const there = await lstat(path).catch(() => undefined);
      if (there !== undefined) throw exists();
      return rename(part.path, path);
    }
    part.kept = true;
    await unlink(part.path);
  }

  #lookAt(name: string, path: string): Promise<Stats | undefined> {
    return lstat(path).catch(cause => {
      if (codeOf(cause) === 'ENOENT') return undefined;
      throw this.#fault(name, cause);
    });
  }

  async #check(): Promise<void> {
    const said = (why: string): PortFailure => refused('TARGET_UNWRITABLE', `${this.place} ${why}`);
    const there = await stat(this.place).catch(cause => {
      throw said(`cannot be used: ${reasonOf(cause)}`);
    });
    if (!there.isDirectory()) throw said('is not a folder');
    await access(this.place, constants.W_OK).catch(cause => {
      throw said(`cannot be written to: ${reasonOf(cause)}`);
    });
  }

  #final(name: string): string {
    return join(this.place, this.#safe(name, name.normalize('NFC')));
  }

  /** The second, if the first is a name that may be used. */
  #safe(name: string, then: string): string {
    const danger = nameDanger(name);
    if (danger === undefined) return then;
    throw refused('UNSAFE_NAME', `the item holds a file that cannot be kept under its name, ${shown(name)}: ${danger}`);
  }

  #closed(name: string): PortFailure {
    return refused('TARGET_UNWRITABLE', `the part of ${shown(name)} is not open there`);
  }

  #fault(name: string, cause: unknown): PortFailure {
    if (cause instanceof PortFailure) return cause;
    const said = `${shown(name)} cannot be written to ${this.place}: ${reasonOf(cause)}`;
    return new PortFailure(failure('TARGET_UNWRITABLE', said), { cause });
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#turns.get(name) ?? Promise.resolve()).then(work);
    // The next one does not care how this one ended.
    this.#turns.set(
      name,
      mine.then(
        () => undefined,
        () => undefined
      )
    );
    return writtenUnlessHung(this.place, mine);
  }
}

/** A name is on the disk when its folder is. Not every system and file system can be asked for that. */
async function syncFolder(place: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(place, constants.O_RDONLY);
    await folder.sync();
  } catch (cause) {
    if (!NO_FOLDER_SYNC.has(codeOf(cause))) throw cause;
  } finally {
    await folder?.close();
  }
}

const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EACCES']);
const NO_FOLDER_SYNC = new Set(['EINVAL', 'EPERM', 'EISDIR', 'EACCES', 'ENOTSUP', 'EBADF']);
