// What the item holds against what is to be sent: which sources are worth reading for it, and what is the same.
import type { ItemFile } from '../../vocabulary.ts';
import { check } from '../check.ts';
import { type Check, type FileKnown, isNotKept, type UploadContext, type UploadInput } from '../upload-facts.ts';
import { extras } from './reading.ts';

/**
 * A file is read for a comparison unless its manifest already says that it differs: only the bytes say that it is the same.
 * What the service is to fetch is not read here at all: the digest that the caller gives is all there is to compare.
 */
export function mustHash(file: UploadInput['files'][number], held: readonly ItemFile[]): boolean {
  if (file.pull === true) return false;
  const its = held.find(other => other.name === file.name);
  if (its?.digest === undefined || (its.size ?? file.size) !== file.size) return false;
  return file.digest?.algorithm !== its.digest.algorithm || file.digest.checksum === its.digest.checksum.toLowerCase();
}

/** Of a package all files are sent or none, so reading a source twice is worth it only while nothing else says that it differs. */
export function worthReading(input: UploadInput, held: readonly ItemFile[]): boolean {
  if (input.itemType !== 'ovf') return true;
  return input.files.every(
    file => isNotKept(file) || held.some(its => its.name === file.name && (its.size ?? file.size) === file.size)
  );
}

export function checks({ input, files, lost }: UploadContext, held: readonly ItemFile[]): Check[] {
  return input.files.map((file, index) => check(input.server, file, files[index] as FileKnown, held, !lost));
}

/**
 * The same after the session. Somebody else may have made it DONE before all was sent: of what was not, an equal size, or its
 * name, says nothing.
 */
export function checksAfterwards(context: UploadContext, held: readonly ItemFile[]): Check[] {
  return checks(context, held).map((its, index) => {
    const { outcome } = context.files[index] as FileKnown;
    const isThere = outcome === 'ready' || outcome === 'unchanged';
    return isThere || its.verified === 'digest' || its.verified === 'notKept' ? its : { ...its, verified: 'no' };
  });
}

/** Files that the item holds already, by digest. Of an ovf package all files or none: its manifest must precede its descriptor. */
export function unchanged(context: UploadContext): readonly FileKnown[] {
  const { input, files, held } = context;
  const isPackage = input.itemType === 'ovf';
  const same = checks(context, held).map(
    ({ verified }) => verified === 'digest' || (isPackage && verified === 'notKept')
  );
  if (isPackage && same.includes(false)) return files;
  return files.map((file, index) => (same[index] ? { ...file, outcome: 'unchanged' } : file));
}

/**
 * What was to go, and is still there: a removal may be refused in words that mean as well that there was nothing to remove. What the
 * service fetches may bring files of the same names along: then a file is the one that was to go while its version says so.
 */
export function stayed({ input, held }: UploadContext, now: readonly ItemFile[]): string[] {
  if (input.ifExists !== 'replace') return [];
  const maybeBrought = input.files.some(({ pull }) => pull === true);
  return extras(input, held).filter(name => {
    const is = now.find(file => file.name === name);
    if (is === undefined || !maybeBrought) return is !== undefined;
    return is.version !== undefined && is.version === held.find(file => file.name === name)?.version;
  });
}
