// One 512-byte header of a tar archive: ustar, the older v7 form, and GNU's way of writing large numbers.

export const BLOCK = 512;

export interface TarHeader {
  readonly name: string;
  /** Bytes of content that follow, before padding to a whole block. */
  readonly size: number;
  /** Type flag: '0' regular, '5' directory, 'x' extended header … */
  readonly type: string;
}

/** Reads a header; a text says what is wrong with it. */
export function parseHeader(block: Uint8Array): TarHeader | string {
  const stored = numberIn(block, 148, 8);
  if (stored === undefined || stored !== checksumOf(block)) return 'the header checksum does not match';
  const size = numberIn(block, 124, 12);
  if (size === undefined) return 'the size field is not a number of bytes';
  // POSIX writes `ustar` and a NUL; GNU writes `ustar` and a space, and puts other things where POSIX has the prefix.
  const magic = ascii(block, 257, 6);
  if (!MAGICS.includes(magic)) return 'the header is of no known kind of tar';
  const prefix = magic === 'ustar\0' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  if (prefix === undefined || name === undefined) return 'the name is not UTF-8';
  const flag = block[156] as number;
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type: flag === 0 ? '0' : String.fromCharCode(flag) };
}

/** POSIX, GNU, and what was before both. */
const MAGICS = ['ustar\0', 'ustar ', '\0\0\0\0\0\0'];

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0);
}

/** UTF-8 text up to the first NUL; `undefined` when it is not UTF-8. */
function text(block: Uint8Array, at: number, length: number): string | undefined {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return utf8(end < 0 ? field : field.subarray(0, end));
}

/** @returns `undefined` when the bytes are not UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function ascii(block: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...block.subarray(at, at + length));
}

/** A number in octal digits, or in base 256 when the first bit is set (GNU, star). Negative and unsafe ones are none. */
function numberIn(block: Uint8Array, at: number, length: number): number | undefined {
  const first = block[at] as number;
  if (first >= 0x80) {
    // 0x80 and zeros before a positive number; 0xff would begin a negative one.
    let value = first & 0x7f;
    for (const byte of block.subarray(at + 1, at + length)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const field = ascii(block, at, length);
  // Digits may be led by spaces and ended by a space or NUL; what follows the end is not looked at.
  const octal = /^ *([0-7]*)(?:[ \0].*)?$/s.exec(field)?.[1];
  return octal === undefined ? undefined : octal === '' ? 0 : Number.parseInt(octal, 8);
}

/** Sum of all bytes with the checksum field taken as spaces. */
function checksumOf(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at] as number;
  return sum;
}
