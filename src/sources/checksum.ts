// The checksum algorithms that the service knows (ChecksumInfo.ChecksumAlgorithm, vSphere API 8.0), and how a checksum looks.
import type { ChecksumAlgorithm, Digest } from '../../machines/vocabulary.ts';

/** Length of a checksum in hexadecimal digits. */
export const HEX_DIGITS: Readonly<Record<ChecksumAlgorithm, number>> = { SHA1: 40, MD5: 32, SHA256: 64, SHA512: 128 };

export const ALGORITHMS = ['SHA1', 'MD5', 'SHA256', 'SHA512'] as const satisfies readonly ChecksumAlgorithm[];

/** Whether the text is a checksum of the algorithm in lower-case hexadecimal. */
export function isChecksum(algorithm: ChecksumAlgorithm, text: string): boolean {
  return text.length === HEX_DIGITS[algorithm] && /^[0-9a-f]+$/.test(text);
}

/** What is wrong with a digest that a caller gives, in words; `undefined` when nothing is. */
export function digestFault(what: string, digest: unknown): string | undefined {
  const { algorithm: name, checksum } =
    typeof digest === 'object' && digest !== null ? (digest as Digest) : ({} as Partial<Digest>);
  const algorithm = ALGORITHMS.find(each => each === name);
  if (algorithm === undefined) return `${what}.algorithm must be one of ${ALGORITHMS.join(', ')}`;
  if (typeof checksum === 'string' && isChecksum(algorithm, checksum)) return undefined;
  return `${what}.checksum must be ${HEX_DIGITS[algorithm]} lower-case hexadecimal digits (${algorithm})`;
}
