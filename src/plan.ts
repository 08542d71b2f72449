// 2: spec + sources → the exact files, sizes and digests of one item. It asks the sources, never the service.
import { basename, resolve } from 'node:path';
import { failure } from '../machines/vocabulary.ts';
import { diskFiles } from './adapters/files/file-source.ts';
import { type Files, PortFailure, type Ports } from './ports.ts';
import { extensionOf, nameFault, stemOf } from './sources/file-name.ts';
import { planOva } from './sources/ova.ts';
import { planOvf } from './sources/ovf.ts';
import { type Part, planPackage } from './sources/package.ts';
import { isPulled, type PlannedFile, type PulledFile } from './sources/planned-file.ts';
import { type PullMeans, planPull } from './sources/pull.ts';
import { nameIn } from './sources/pull-address.ts';
import { type CheckedSpec, MAX_ITEM_NAME, type OwnFile, type PullFile } from './spec.ts';
import { quoted } from './tar/quoted.ts';

export type { PlannedFile, PulledFile };
export { isPulled };

export interface Plan {
  /** Name of the item when the caller named none: the stem of the first file. */
  readonly itemName: string;
  /** The item type by the files: `ovf`, `iso`, or '' for anything else. */
  readonly itemType: string;
  readonly files: readonly (PlannedFile | PulledFile)[];
  /** What a person should know of the sources. */
  readonly notes: readonly string[];
  /** Releases open files. */
  close(): Promise<void>;
}

/**
 * Finds out what an upload will send. An `.ova` or `.ovf` brings what it references; a path given beside it that it brings
 * anyway is taken once. What the service shall fetch is looked at. Throws `PortFailure` SOURCE_UNREADABLE, SOURCE_INVALID,
 * SOURCE_DISAGREES, TLS_UNTRUSTED, TLS_PIN_MISMATCH, or INVALID_SPEC (names that the service would not take, two files of
 * one name, two templates for one item).
 *
 * @example `(await plan(checkSpec({ to: 'isos', files: ['tiny.iso'] }))).itemType` is `'iso'`.
 */
export async function plan(
  spec: Pick<CheckedSpec, 'files' | 'item' | 'itemType'>,
  disk: Files = diskFiles,
  pulls: PullMeans = {}
): Promise<Plan> {
  const faults: string[] = [];
  const inputs = spec.files.map(file => ({ file, name: nameOf(file) }));
  const templates = inputs.filter(input => TEMPLATES.includes(extensionOf(input.name)));
  if (templates.length > 1) {
    faults.push(`an item holds one template, and there are ${templates.map(each => quoted(each.name)).join(', ')}`);
  }
  const first = inputs[0]?.name ?? '';
  const itemName = spec.item?.name ?? stemOf(first);
  if (!spec.item && [...itemName].length > MAX_ITEM_NAME) {
    faults.push(`the item name told by ${quoted(first)} is longer than ${MAX_ITEM_NAME} characters: name the item`);
  }
  for (const { name } of inputs) {
    const fault = nameFault(name);
    if (fault !== undefined) faults.push(fault);
  }
  if (faults.length > 0) throw refused(faults);
  const template = templates[0]?.file;
  const brought = isPull(template) ? [] : await planTemplate(template, spec.files.filter(isOwn), disk);
  const files: (PlannedFile | PulledFile)[] = [...brought];
  const notes: string[] = [];
  const ovf = (spec.itemType ?? (template === undefined ? '' : 'ovf')) === 'ovf';
  for (const { file, name } of inputs) {
    if (isPull(file)) {
      const planned = await planPull(file, ovf, pulls);
      files.push(planned.file);
      notes.push(...planned.notes);
    } else if (file !== template && !isBrought(file, brought)) files.push(await planPlain(file, name, disk));
  }
  const twice = new Set(files.map(file => file.name).filter((name, index, all) => all.indexOf(name) !== index));
  if (twice.size > 0) {
    throw refused([...twice].map(name => `there are two files named ${quoted(name)}, and an item holds one of a name`));
  }
  return { itemName, itemType: spec.itemType ?? typeOf(files), files, notes, close: async () => undefined };
}

/** What it takes to look at what the service shall fetch. */
export function pullMeansOf({ probe, library }: Pick<Ports, 'probe' | 'library'>, signal?: AbortSignal): PullMeans {
  return { probe, certificates: library.server.takesCertificates === true, signal };
}

const TEMPLATES = ['.ova', '.ovf'];

async function planTemplate(
  template: string | OwnFile | undefined,
  own: readonly OwnFile[],
  disk: Files
): Promise<readonly PlannedFile[]> {
  if (template === undefined) return [];
  if (!isOwn(template)) return extensionOf(template) === '.ova' ? planOva(template, disk) : planOvf(template, disk);
  if (extensionOf(template.name) === '.ova') {
    throw refused([
      `${quoted(template.name)}: an OVA is read at many places, so give its path, or its files as sources`
    ]);
  }
  const stem = stemOf(template.name);
  const find = (name: string): Part | undefined => {
    const found = own.find(file => file.name === name);
    return found && { ...found, from: found.name };
  };
  const manifest = find(`${stem}.mf`);
  const certificate = find(`${stem}.cert`);
  return planPackage({
    descriptor: { ...template, from: template.name },
    ...(manifest && { manifest }),
    ...(certificate && { certificate }),
    find: async name => find(name),
    place: 'the sources given with it'
  });
}

async function planPlain(file: string | OwnFile, name: string, disk: Files): Promise<PlannedFile> {
  if (isOwn(file)) return { ...file, size: file.source.size, role: 'plain', from: name };
  const source = await disk.open(file);
  return { name, size: source.size, role: 'plain', source, from: file };
}

/** Whether the template brings this file, so that `shelver upload a.ovf a-disk1.vmdk` sends the disk once. */
function isBrought(file: string | OwnFile, brought: readonly PlannedFile[]): boolean {
  return isOwn(file)
    ? brought.some(part => part.source === file.source && part.name === file.name)
    : brought.some(part => resolve(part.from) === resolve(file));
}

function typeOf(files: readonly Pick<PlannedFile, 'name' | 'role'>[]): string {
  if (files.some(file => file.role === 'descriptor' || file.role === 'archive')) return 'ovf';
  return files.every(file => extensionOf(file.name) === '.iso') ? 'iso' : '';
}

function nameOf(file: CheckedSpec['files'][number]): string {
  if (isPull(file)) return file.name ?? nameIn(file.pull);
  return isOwn(file) ? file.name : basename(file);
}

function isOwn(file: string | OwnFile | PullFile): file is OwnFile {
  return typeof file !== 'string' && !isPull(file);
}

function isPull(file: string | OwnFile | PullFile | undefined): file is PullFile {
  return typeof file === 'object' && 'pull' in file;
}

function refused(faults: readonly string[]): PortFailure {
  return new PortFailure(failure('INVALID_SPEC', `the upload cannot be done as asked: ${faults.join('; ')}`));
}
