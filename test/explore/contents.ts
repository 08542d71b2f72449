// The bytes of a plan's files, and what a spec makes of them. They follow from the plan alone.
import { createHash } from 'node:crypto';
import type { SeedFile } from '../../src/simulator/index.ts';
import type { OwnFile, PullFile } from '../../src/spec.ts';
import { bytesOf } from '../run/bytes.ts';
import type { Content } from './plan.ts';

const CHUNK = 1_000;
const SECRET = 'canary-query-77aa';

const made = new WeakMap<Content, Uint8Array>();

export function bytesIn(content: Content): Uint8Array {
  let bytes = made.get(content);
  if (bytes === undefined) {
    bytes = make(content);
    made.set(content, bytes);
  }
  return bytes;
}

function make(content: Content): Uint8Array {
  const { name, size, salt, about, wrong } = content;
  if (about === undefined) return Uint8Array.from({ length: size }, (_, at) => (at * 31 + salt * 7 + (at >> 8)) & 255);
  if (/\.mf$/.test(name)) {
    const lines = about.map(
      (file, index) => `SHA256(${file.name})= ${digestIn(file, wrong === true && index === 0)}\n`
    );
    return Buffer.from(lines.join(''));
  }
  const hrefs = about.map(file => `<File href="${file.name}" size="${file.size}"/>`).join('');
  return Buffer.from(`<Envelope><References>${hrefs}</References></Envelope>`);
}

/** A file of the client's own, or one that the service is to fetch. */
export function specOf(content: Content): OwnFile | PullFile {
  const { name, pull } = content;
  const bytes = bytesIn(content);
  if (pull === undefined) return { name, source: bytesOf(bytes, CHUNK) };
  return {
    name,
    pull: addressOf(content),
    size: bytes.length,
    ...(pull !== 'plain' && { checksum: { algorithm: 'SHA1', checksum: digestIn(content, pull === 'wrong', 'sha1') } })
  };
}

/** Where the service finds what it is to fetch. */
export function addressOf({ name }: Content): string {
  return `http://mirror.example/${name}?sig=${SECRET}`;
}

export function seedOf(content: Content): SeedFile {
  return { name: content.name, base64: Buffer.from(bytesIn(content)).toString('base64') };
}

/** What must never be told of an address. */
export const SECRETS: readonly string[] = [SECRET];

function digestIn(content: Content, isWrong: boolean, algorithm = 'sha256'): string {
  const hash = createHash(algorithm).update(bytesIn(content));
  return (isWrong ? hash.update('!') : hash).digest('hex');
}
