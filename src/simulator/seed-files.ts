// Files that items begin with: their bytes are kept and looked at as if a client had sent them.
import { createHash } from 'node:crypto';
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import type { Blobs } from './blobs.ts';
import { fileNameOf } from './service/arguments.ts';
import type { LibraryOption, SeededFile, SeedFile } from './service/initial-state.ts';

/**
 * Keeps the bytes of all files of a library.
 *
 * @throws `PortFailure` INVALID_SPEC for a name that no file can have.
 */
export function seeded(library: LibraryOption, blobs: Blobs, uuid: () => string): LibraryOption<SeededFile> {
  const { items = [] } = library;
  return {
    ...library,
    items: items.map(item => ({ ...item, files: item.files?.map(file => received(file, blobs, uuid())) }))
  };
}

function received(file: SeedFile, blobs: Blobs, blob: string): SeededFile {
  const bytes = file.base64 === undefined ? Buffer.from(file.text ?? '') : Buffer.from(file.base64, 'base64');
  blobs.put(blob, bytes);
  const digests = ['SHA1', 'SHA256'].map(algorithm => ({
    algorithm,
    checksum: createHash(algorithm).update(bytes).digest('hex')
  }));
  return { name: nameOf(file), size: bytes.length, digests, blob, text: bytes.toString('utf8') };
}

function nameOf(file: SeedFile): string {
  try {
    return fileNameOf({ ...file });
  } catch (cause) {
    throw new PortFailure(failure('INVALID_SPEC', `libraries: ${(cause as Error).message}`), { cause });
  }
}
