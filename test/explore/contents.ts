// The bytes of a plan's files, and what a spec makes of them. They follow from the plan alone.
import { createHash, sign } from 'node:crypto';
import { failure } from '../../machines/vocabulary.ts';
import { type Files, PortFailure } from '../../src/ports.ts';
import type { SeedFile } from '../../src/simulator/index.ts';
import type { OwnFile, PullFile } from '../../src/spec.ts';
import { bytesOf } from '../run/bytes.ts';
import { tar } from '../sources/tar-maker.ts';
import type { Content } from './plan.ts';
import { CERTIFICATE, SIGNING_KEY } from './signing.ts';

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
  if (about === undefined) {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at++) bytes[at] = at * 31 + salt * 7 + (at >> 8);
    return bytes;
  }
  if (/\.ova$/.test(name)) return tar(...about.map(file => ({ name: file.name, body: bytesIn(file) })));
  if (/\.cert$/.test(name)) return signatureOf(about[0] as Content);
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

/** Files by their paths, all in one folder: a package as its files, or as an archive of them. */
export function diskOf(files: readonly Content[], as: 'ovf' | 'ova' | undefined): Files {
  const archive: Content = { name: 'vm.ova', size: 0, salt: 0, about: files };
  const there = new Map((as === 'ova' ? [archive] : files).map(file => [`/shelf/${file.name}`, bytesIn(file)]));
  return {
    exists: async path => there.has(path),
    open: async path => {
      const bytes = there.get(path);
      if (bytes === undefined) throw new PortFailure(failure('SOURCE_UNREADABLE', `there is no ${path}`));
      return {
        ...bytesOf(bytes, CHUNK),
        version: '1',
        range: (start, end) => bytesOf(bytes.subarray(start, end), CHUNK),
        reading: use => use(async (offset, length) => bytes.subarray(offset, offset + length))
      };
    }
  };
}

/** Where the service finds what it is to fetch. */
function addressOf({ name }: Content): string {
  return `http://mirror.example/${name}?sig=${SECRET}`;
}

/** All that the service can fetch: of a descriptor also what it references, which is asked for without a query. */
export function fetchable(files: readonly Content[]): Record<string, Uint8Array> {
  const pulled = files.filter(({ pull }) => pull !== undefined);
  const beside = pulled.flatMap(({ name, about }) => (/\.ovf$/.test(name) ? [...(about ?? [])] : []));
  return Object.fromEntries([
    ...pulled.map(file => [addressOf(file), bytesIn(file)]),
    ...beside.map(file => [`http://mirror.example/${file.name}`, bytesIn(file)])
  ]);
}

/** What the item is to hold, by name: what is fetched brings more with it. */
export function truthOf(files: readonly Content[]): ReadonlyMap<string, Uint8Array> {
  const all = files.flatMap(({ about = [], ...file }) => {
    if (file.pull === undefined) return [{ ...file, about }];
    if (/\.ova$/.test(file.name)) return [...about];
    return [{ ...file, about }, ...about];
  });
  return new Map(all.map(({ name }) => [name, bytesIn(named(files, name))]));
}

function named(files: readonly Content[], name: string): Content {
  return [...files, ...files.flatMap(({ about }) => about ?? [])].find(file => file.name === name) as Content;
}

export function seedOf(content: Content): SeedFile {
  return { name: content.name, base64: Buffer.from(bytesIn(content)).toString('base64') };
}

/** What must never be told of an address. */
export const SECRETS: readonly string[] = [SECRET];

const signed = new Map<string, Uint8Array>();
/** How many of them are kept: a plan has few, and a soak has millions. */
const MOST_SIGNED = 100;

/** The certificate file of a manifest. Each text is signed once: that takes a while. */
function signatureOf(manifest: Content): Uint8Array {
  const text = Buffer.from(bytesIn(manifest)).toString();
  let file = signed.get(text);
  if (file === undefined) {
    const signature = sign('sha256', Buffer.from(text), SIGNING_KEY).toString('hex');
    file = Buffer.from(`SHA256(${manifest.name})= ${signature}\n${CERTIFICATE}`);
    if (signed.size === MOST_SIGNED) signed.delete(signed.keys().next().value as string);
    signed.set(text, file);
  }
  return file;
}

function digestIn(content: Content, isWrong: boolean, algorithm = 'sha256'): string {
  const hash = createHash(algorithm).update(bytesIn(content));
  return (isWrong ? hash.update('!') : hash).digest('hex');
}
