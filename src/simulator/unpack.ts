// What the service does with an .ova: the archive goes, its members stay. They are ranges of the bytes that came in.
import { createHash } from 'node:crypto';
import type { Digest } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { indexTar } from '../tar/index-tar.ts';
import { type Blobs, rangeOf } from './blobs.ts';

export interface Member {
  readonly name: string;
  readonly size: number;
  readonly digests: readonly Digest[];
  readonly blob: string;
  /** Of descriptors, manifests and certificates. */
  readonly text?: string;
}

/** What the service reads of descriptors, manifests and certificates, in bytes. */
const TEXT_CAP = 8 * 1024 * 1024;
const PIECE = 1024 * 1024;

/** Whether the service reads what a file of this name says. */
function isText(name: string): boolean {
  return /\.(ovf|mf|cert)$/i.test(name);
}

/** The members of an archive, or what is wrong with it. */
export async function unpack(blobs: Blobs, blob: string, size: number, name: string): Promise<Member[] | string> {
  if (!blobs.holds(blob)) {
    return 'it cannot be unpacked, being more than the simulator may hold in memory (give it a store)';
  }
  const read = async (offset: number, length: number): Promise<Uint8Array> =>
    (await blobs.read(blob, offset, length)) ?? new Uint8Array();
  try {
    const { entries } = await indexTar(read, size, name);
    const members: Member[] = [];
    for (const entry of entries) {
      members.push({
        name: entry.name.slice(entry.name.lastIndexOf('/') + 1),
        size: entry.size,
        blob: rangeOf(blob, entry.offset, entry.size),
        ...(await contentOf(read, entry))
      });
    }
    return members;
  } catch (cause) {
    if (cause instanceof PortFailure) return cause.message;
    throw cause;
  }
}

async function contentOf(
  read: (offset: number, length: number) => Promise<Uint8Array>,
  entry: { readonly name: string; readonly offset: number; readonly size: number }
): Promise<{ digests: readonly Digest[]; text?: string }> {
  const sha1 = createHash('SHA1');
  const sha256 = createHash('SHA256');
  const texts: Uint8Array[] | undefined = isText(entry.name) && entry.size <= TEXT_CAP ? [] : undefined;
  for (let done = 0; done < entry.size; done += PIECE) {
    const piece = await read(entry.offset + done, Math.min(PIECE, entry.size - done));
    sha1.update(piece);
    sha256.update(piece);
    texts?.push(piece);
  }
  return {
    digests: [
      { algorithm: 'SHA1', checksum: sha1.digest('hex') },
      { algorithm: 'SHA256', checksum: sha256.digest('hex') }
    ],
    ...(texts !== undefined && { text: Buffer.concat(texts).toString('utf8') })
  };
}
