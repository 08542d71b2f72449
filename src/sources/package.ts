// An OVF package, wherever its parts lie (an archive, a folder, sources of the caller's own): held against its own
// descriptor and manifest, and put into the order in which the service takes it.
import { createHash } from 'node:crypto';
import { type Digest, type FailureCode, failure } from '../../machines/vocabulary.ts';
import { type ByteSource, PortFailure } from '../ports.ts';
import { quoted } from '../tar/quoted.ts';
import { MAX_DESCRIPTOR_BYTES, parseReferences, type Reference } from './descriptor.ts';
import { nameFault } from './file-name.ts';
import { parseManifest } from './manifest.ts';
import type { PlannedFile } from './planned-file.ts';

/** One file of a package. */
export interface Part {
  readonly name: string;
  readonly source: ByteSource;
  /** Where it comes from, for people: `ubuntu.ova!disk1.vmdk`. */
  readonly from: string;
  /** Given by the caller; goes before what the manifest says. */
  readonly digest?: Digest;
}
export interface PackageParts {
  readonly descriptor: Part;
  readonly manifest?: Part;
  readonly certificate?: Part;
  /** Finds a part that the descriptor references. */
  find(name: string): Promise<Part | undefined>;
  /** What else is in the package; it goes along, so that nothing is lost. */
  readonly rest?: readonly Part[];
  /** Where parts are looked for, for messages: `the archive`, `its folder`. */
  readonly place: string;
}

/**
 * The files of a package: manifest, certificate, descriptor, then what it references (since 6.7U1 the service refuses a
 * manifest or certificate that is added after the descriptor). Throws `PortFailure` SOURCE_INVALID when parts are missing or
 * have another size than the descriptor says, SOURCE_DISAGREES when the descriptor is not what the manifest says. Digests of
 * the other parts are compared later, when they are read.
 */
export async function planPackage(parts: PackageParts): Promise<PlannedFile[]> {
  const { descriptor, manifest, certificate, rest = [] } = parts;
  const bytes = await readSmall(descriptor, MAX_DESCRIPTOR_BYTES);
  const disks: Part[] = [];
  for (const reference of parseReferences(bytes, descriptor.from)) {
    const disk = await locate(reference, parts);
    if (!disks.some(known => known.name === disk.name)) disks.push(disk);
  }
  for (const part of rest) if (!disks.some(disk => disk.name === part.name)) disks.push(part);
  const files: PlannedFile[] = [
    ...(manifest ? [planned(manifest, 'manifest')] : []),
    ...(certificate ? [planned(certificate, 'certificate')] : []),
    planned(descriptor, 'descriptor'),
    ...disks.map(disk => planned(disk, 'disk'))
  ];
  if (!manifest) return files;
  const text = decode(await readSmall(manifest, MAX_MANIFEST_BYTES), manifest);
  const digests = parseManifest(text, manifest.from);
  for (const name of digests.keys()) {
    if (!files.some(file => file.name === name)) {
      throw refused('SOURCE_INVALID', `${manifest.from} names ${quoted(name)}, which is not in the package`);
    }
  }
  const told = digests.get(descriptor.name);
  if (told) checkDigest(descriptor, bytes, told, manifest);
  return files.map(file => {
    const digest = file.digest ?? digests.get(file.name);
    return digest ? { ...file, digest } : file;
  });
}

/** Manifests have one short line a file. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

function planned(part: Part, role: PlannedFile['role']): PlannedFile {
  return { ...part, size: part.source.size, role };
}

async function locate(reference: Reference, parts: PackageParts): Promise<Part> {
  const { descriptor, place } = parts;
  const { href, size } = reference;
  const fault = nameFault(href);
  if (fault !== undefined)
    throw refused('SOURCE_INVALID', `${descriptor.from} references a file that cannot be used: ${fault}`);
  const part = (await parts.find(href)) ?? (await findDecoded(href, parts));
  if (!part) throw refused('SOURCE_INVALID', `${descriptor.from} references ${quoted(href)}, which is not in ${place}`);
  if (size !== undefined && size !== part.source.size) {
    const message = `${part.from} has ${part.source.size} bytes, and ${descriptor.from} says ${size}`;
    throw refused('SOURCE_INVALID', message);
  }
  return part;
}

/** An href is a URI reference: some tools write `disk%201.vmdk` for `disk 1.vmdk`. */
async function findDecoded(href: string, parts: PackageParts): Promise<Part | undefined> {
  let name: string;
  try {
    name = decodeURIComponent(href);
  } catch {
    return undefined;
  }
  return name === href || nameFault(name) !== undefined ? undefined : parts.find(name);
}

async function readSmall(part: Part, most: number): Promise<Uint8Array> {
  if (part.source.size > most) {
    throw refused('SOURCE_INVALID', `${part.from} has ${part.source.size} bytes, more than the ${most} that are taken`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of part.source.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array, part: Part): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refused('SOURCE_INVALID', `${part.from} is not UTF-8 text`, cause);
  }
}

function checkDigest(part: Part, bytes: Uint8Array, told: Digest, manifest: Part): void {
  const checksum = createHash(told.algorithm.toLowerCase()).update(bytes).digest('hex');
  if (checksum === told.checksum) return;
  const message = `${part.from} is not what ${manifest.from} says: its ${told.algorithm} is ${checksum}, not ${told.checksum}`;
  throw refused('SOURCE_DISAGREES', message);
}

function refused(code: FailureCode, message: string, cause?: unknown): PortFailure {
  return new PortFailure(failure(code, message), { cause });
}
