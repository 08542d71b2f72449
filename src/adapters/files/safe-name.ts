// Which names a server may give to files on this machine. They come from elsewhere, so all that could lead out of the
// folder, hide, or mean a device is refused, on every system alike.
import { createHash } from 'node:crypto';

const LONGEST_BYTES = 255;
/** Devices of Windows, whatever extension follows (Naming Files, Paths, and Namespaces, Microsoft Learn). */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
/** What Windows takes for something else than a letter of the name. */
const WINDOWS = /[<>:"|?*]/;
/** Marks that turn the writing direction: `gpj.exe` may look like `exe.jpg`. */
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * Why a name cannot be a file of the folder, in words; `undefined` when it can.
 *
 * @example `nameDanger('../x')` is `'it holds a "/"'`, `nameDanger('disk1.vmdk')` is `undefined`.
 */
export function nameDanger(name: string, system: string = process.platform): string | undefined {
  if (name === '') return 'it is empty';
  const separator = ['/', '\\'].find(each => name.includes(each));
  if (separator !== undefined) return `it holds a "${separator}"`;
  if (name.startsWith('.')) return 'it begins with a dot';
  if (/\p{Cc}/u.test(name)) return 'it holds a control character';
  if (/\p{Surrogate}/u.test(name)) return 'it is not valid Unicode';
  if (TURNING.test(name)) return 'it holds a mark that turns the writing direction';
  if (/^[a-z]:/i.test(name)) return 'it begins like a drive';
  if (DEVICE.test(name)) return 'it names a device of Windows';
  if (/[. ]$/.test(name) || name.startsWith(' ')) return 'it begins with a blank, or ends with a blank or a dot';
  if (system === 'win32' && WINDOWS.test(name)) return 'it holds a character that Windows does not allow';
  if (Buffer.byteLength(name.normalize('NFC')) > LONGEST_BYTES) return `it is longer than ${LONGEST_BYTES} bytes`;
  return undefined;
}

/** The name of the part of a file: hidden, told by its run, and never the name of a file that a server may give. */
export function partName(name: string, run: string): string {
  const tail = `.${run}.part`;
  const room = LONGEST_BYTES - 1 - Buffer.byteLength(tail);
  const whole = name.normalize('NFC');
  if (Buffer.byteLength(whole) <= room) return `.${whole}${tail}`;
  const mark = `~${createHash('sha256').update(whole).digest('hex').slice(0, 16)}`;
  let short = '';
  for (const letter of whole) {
    if (Buffer.byteLength(short + letter) > room - mark.length) break;
    short += letter;
  }
  return `.${short}${mark}${tail}`;
}
