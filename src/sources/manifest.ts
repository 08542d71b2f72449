// An OVF manifest (.mf): one line a file, `SHA256(name)= hex` (DSP0243 2.1, section 6.3). Scanned from left to right, once.
import { type ChecksumAlgorithm, type Digest, failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { quoted } from '../tar/quoted.ts';
import { HEX_DIGITS, isChecksum } from './checksum.ts';

/**
 * Reads a manifest: file name → digest. Names lose their `./`. Throws `PortFailure` SOURCE_INVALID with the line number.
 *
 * @param from what the manifest is called in messages
 * @example `parseManifest('SHA1(a(1).ovf)= da39a3ee5e6b4b0d3255bfef95601890afd80709', 'a.mf').has('a(1).ovf')` is true.
 */
export function parseManifest(text: string, from: string): Map<string, Digest> {
  const digests = new Map<string, Digest>();
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const wrong = (fault: string): PortFailure =>
      new PortFailure(failure('SOURCE_INVALID', `${from} line ${index + 1}: ${fault}`));
    const open = line.indexOf('(');
    // A name may hold brackets, and a checksum never does: the last one ends the name.
    const close = line.lastIndexOf(')');
    if (open < 1 || close < open) throw wrong(`it is not of the form SHA256(name)= checksum, but ${quoted(line)}`);
    const algorithm = algorithmOf(line.slice(0, open).trim());
    if (algorithm === undefined) {
      throw wrong(
        `the algorithm ${quoted(line.slice(0, open).trim())} is none of ${Object.keys(HEX_DIGITS).join(', ')}`
      );
    }
    const rest = line.slice(close + 1).trimStart();
    const checksum = rest.slice(1).trim().toLowerCase();
    if (!rest.startsWith('=') || !isChecksum(algorithm, checksum)) {
      throw wrong(`after the name there must be "= " and ${HEX_DIGITS[algorithm]} hexadecimal digits (${algorithm})`);
    }
    const name = withoutDot(line.slice(open + 1, close));
    if (name === '') throw wrong('it names no file');
    if (digests.has(name)) throw wrong(`${quoted(name)} is listed twice`);
    digests.set(name, { algorithm, checksum });
  }
  return digests;
}

/** A name without the `./` that some packers write. @example `withoutDot('./a.vmdk')` is `'a.vmdk'`. */
export function withoutDot(name: string): string {
  let from = 0;
  while (name.startsWith('./', from)) from += 2;
  return name.slice(from);
}

/** `sha-256` and `SHA256` are one algorithm. */
function algorithmOf(word: string): ChecksumAlgorithm | undefined {
  const plain = word.toUpperCase().replace('-', '');
  return Object.hasOwn(HEX_DIGITS, plain) ? (plain as ChecksumAlgorithm) : undefined;
}
