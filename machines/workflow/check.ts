// How a file of an item is held against its source: by digest, by size, or not at all where the service does not report either.
import type { Digest, ItemFile } from '../vocabulary.ts';
import { type Check, type FileKnown, isNotKept, type Server } from './upload-facts.ts';
import type { FileSpec } from './upload-file.ts';

/**
 * How one file of the item stands against what was read from its source, or is known of it.
 *
 * @param held what the item holds
 * @param done the session is known to have ended well: then the service itself has held what it fetched against the digest
 *   that it was given (AddSpec.checksum_info, vSphere API 8.0), and the item has what the session had
 */
export function check(
  server: Server,
  file: FileSpec,
  known: FileKnown,
  held: readonly ItemFile[],
  done: boolean
): Check {
  if (file.role === 'archive') return { verified: held.some(isDescriptor) ? 'notReported' : 'no' };
  const its = held.find(({ name }) => name === file.name);
  if (its === undefined) return { verified: isNotKept(file) ? 'notKept' : 'no' };
  const told = server.reportsSize && file.size !== undefined ? its.size : undefined;
  if (told !== undefined && told !== file.size) return { verified: 'no' };
  // What the session had is in the item only if the session ended well.
  const reported = server.reportsDigest ? (its.digest ?? (done ? known.reported : undefined)) : undefined;
  const digest = [...known.digests, ...(file.digest === undefined ? [] : [file.digest])].find(
    ours => ours.algorithm === reported?.algorithm
  );
  if (digest !== undefined)
    return { verified: digest.checksum === reported?.checksum.toLowerCase() ? 'digest' : 'no', digest };
  const kept = file.pull === true && done && server.reportsDigest ? keptAs(known.reported, its.digest) : 'unknown';
  if (kept === 'no') return { verified: 'no', digest: known.reported };
  if (done && known.outcome === 'ready' && file.pull === true && takesDigest(server, file) && kept !== 'otherwise')
    return { verified: 'digest', digest: file.digest };
  return { verified: told === undefined ? 'notReported' : 'size' };
}

/** Whether the service holds the bytes against the digest when they arrive. */
export function takesDigest(server: Server, { digest }: FileSpec): boolean {
  return digest !== undefined && (server.algorithms as readonly string[]).includes(digest.algorithm);
}

/** What an archive leaves in the item, whatever else is in it. */
export function isDescriptor({ name }: ItemFile): boolean {
  return /\.ovf$/i.test(name);
}

/**
 * Whether the item shows what the session showed of a fetched file when it was READY: somebody else may have named the file
 * anew since, with bytes that nobody compared. `otherwise`: by an algorithm that tells neither.
 */
function keptAs(ready: Digest | undefined, its: Digest | undefined): 'unknown' | 'yes' | 'no' | 'otherwise' {
  if (ready === undefined || its === undefined) return 'unknown';
  if (ready.algorithm !== its.algorithm) return 'otherwise';
  return ready.checksum.toLowerCase() === its.checksum.toLowerCase() ? 'yes' : 'no';
}
