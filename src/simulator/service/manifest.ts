// What the service reads in the manifest of an OVF: which digest each file has to have. It looks at what it can compare, and
// takes the rest as it is; which lines a real service stumbles over is not documented.
import type { Digest } from '../../../machines/vocabulary.ts';
import { isSignatureOf } from './certificate.ts';
import type { Content } from './state.ts';

export interface ManifestFacts {
  /** As it came: what a signature is over. */
  readonly text: string;
  readonly digests: readonly (Digest & { readonly name: string })[];
}

interface Part {
  readonly name: string;
  readonly content?: Content;
}

/** A manifest may have this many characters; a longer one is not looked at. */
const LIMIT = 1024 * 1024;
/** Hexadecimal digits of a checksum. */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ['MD5', 32],
  ['SHA1', 40],
  ['SHA256', 64],
  ['SHA512', 128]
]);

/** Lines of the form `SHA256(name)= hex`; the others are passed over. Never throws. */
export function readManifest(text: string | undefined): ManifestFacts | undefined {
  if (text === undefined || text.length > LIMIT) return undefined;
  const digests = text.split('\n').flatMap(line => {
    const [, word = '', name = '', checksum = ''] = /^(\w+)\((.*)\) *= *([0-9a-f]+)\s*$/i.exec(line) ?? [];
    const algorithm = word.toUpperCase();
    if (DIGITS.get(algorithm) !== checksum.length) return [];
    return [{ name, algorithm, checksum: checksum.toLowerCase() }];
  });
  return { text, digests };
}

/** Files that are not what a manifest says, and certificates whose signature is not over the manifest that they name. */
export function disagreements(files: readonly Part[]): { readonly name: string; readonly fault: string }[] {
  const named = new Map(files.map(file => [file.name, file]));
  const changed = files.flatMap(({ name: from, content }) =>
    (content?.manifest?.digests ?? []).flatMap(({ name, algorithm, checksum }) => {
      const found = named.get(name)?.content?.digests.find(digest => digest.algorithm === algorithm)?.checksum;
      if (found === undefined || found === checksum) return [];
      return [{ name, fault: `its ${algorithm} checksum is ${found}, and ${from} says ${checksum}` }];
    })
  );
  const unsigned = files.flatMap(({ name, content }) => {
    const facts = content?.certificate;
    if (facts?.fault !== undefined || facts?.signature === undefined) return [];
    const manifest = named.get(facts.signature.of)?.content?.manifest;
    if (manifest === undefined || isSignatureOf(facts, manifest.text)) return [];
    return [{ name, fault: `its signature is not over ${facts.signature.of} as it is` }];
  });
  return [...changed, ...unsigned];
}
