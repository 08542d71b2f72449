// Which names a file of an item may have. The service keeps an item's files in one flat folder of a datastore.
import { extname } from 'node:path';
import { hasControl, quoted } from '../tar/quoted.ts';

/** Longest file name in bytes of UTF-8 that common datastores (VMFS, NFS, ext4 behind NFS) keep. */
const MAX_NAME_BYTES = 255;

/**
 * What is wrong with a file name, in words; `undefined` when nothing is.
 *
 * @example `nameFault('disks/a.vmdk')` is `'"disks/a.vmdk" holds a "/": the files of an item have no folders'`.
 */
export function nameFault(name: string): string | undefined {
  const shown = quoted(name);
  if (name.trim() === '') return 'a file name must not be empty';
  if (name === '.' || name === '..') return `${shown} is a folder, not a file name`;
  const separator = name.includes('/') ? '/' : name.includes('\\') ? '\\' : undefined;
  if (separator !== undefined) return `${shown} holds a "${separator}": the files of an item have no folders`;
  if (hasControl(name)) return `${shown} holds a control character`;
  if (/\p{Surrogate}/u.test(name)) return `${shown} is not valid Unicode`;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `${shown} is longer than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

/** The extension in lower case. @example `extensionOf('Ubuntu.OVA')` is `'.ova'`. */
export function extensionOf(name: string): string {
  return extname(name).toLowerCase();
}

/** The name without its extension. @example `stemOf('ubuntu-24.04.ova')` is `'ubuntu-24.04'`. */
export function stemOf(name: string): string {
  return name.slice(0, name.length - extname(name).length);
}
