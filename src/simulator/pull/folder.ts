// Sources of `file:` and `ds:`: files of one folder, which nothing in a URI leads out of.
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { PullFailure } from './failure.ts';
import type { PullSource } from './source.ts';

const PIECE = 256 * 1024;

/** @throws `PullFailure` for a place outside the folder, and for what is no file. */
export async function openInFolder(folder: string | undefined, uri: string): Promise<PullSource> {
  const place = await placeIn(folder, uri);
  let handle: FileHandle;
  try {
    // What is not a plain file must not make the opening wait, as a pipe would.
    handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    throw nothingThere();
  }
  const info = await handle.stat();
  if (!info.isFile()) {
    await handle.close();
    throw nothingThere();
  }
  return { size: info.size, chunks: chunksOf(handle), close: () => handle.close() };
}

/** The file goes: it was moved into the library. One that is gone already is no trouble. */
export async function removeFromFolder(folder: string | undefined, uri: string): Promise<void> {
  await rm(await placeIn(folder, uri), { force: true });
}

/**
 * The part of a URI after the volume: `ds:///vmfs/volumes/{volume}/a/b.iso` and `file:///a/b.iso` both are a/b.iso.
 *
 * @throws `PullFailure` where a part of it is no plain name.
 */
export function partsOf(uri: string): string[] {
  // a storage URI of this service ends with the server that it is of
  const plain = uri.replace(/^(ds:[^?#]*)\?serverId=[^&#]*$/i, '$1');
  const [, scheme = '', host = '', path = ''] = /^([a-z]+):\/\/([^/?#]*)\/([^?#]*)$/i.exec(plain) ?? [];
  const local = scheme.toLowerCase() === 'file' ? ['', 'localhost'].includes(host.toLowerCase()) : host === '';
  const volume = scheme.toLowerCase() === 'ds' ? /^vmfs\/volumes\/[^/]*\/?/.exec(path)?.[0] : undefined;
  const place = path.slice(volume?.length ?? 0);
  if (place !== '' && local) return place.split('/').map(plainName);
  throw new PullFailure('the address is no file of this service', { problem: 'INVALID_URL' });
}

function plainName(part: string): string {
  let name: string;
  try {
    name = decodeURIComponent(part);
  } catch {
    name = '';
  }
  if (name !== '' && name !== '.' && name !== '..' && !/[/\\\p{Cc}]/u.test(name)) return name;
  throw new PullFailure('the address leads out of the folder', { problem: 'INVALID_URL' });
}

async function placeIn(folder: string | undefined, uri: string): Promise<string> {
  const parts = partsOf(uri);
  if (folder === undefined) throw nothingThere();
  let root: string;
  let place: string;
  try {
    root = await realpath(folder);
    place = await realpath(join(root, ...parts));
  } catch {
    throw nothingThere();
  }
  if (place.startsWith(join(root, sep))) return place;
  throw new PullFailure('the address leads out of the folder', { problem: 'INVALID_URL' });
}

function nothingThere(): PullFailure {
  return new PullFailure('there is no such file', { problem: 'INVALID_URL' });
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(PIECE), 0, PIECE);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
