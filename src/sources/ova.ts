// An OVA on disk: a tar whose members are each a range of the file, so that each can be sent again by itself.
import { basename } from 'node:path';
import { failure } from '../../machines/vocabulary.ts';
import { type Files, PortFailure } from '../ports.ts';
import { indexTar } from '../tar/index-tar.ts';
import { quoted } from '../tar/quoted.ts';
import { extensionOf, nameFault, stemOf } from './file-name.ts';
import { type Part, planPackage } from './package.ts';
import type { PlannedFile } from './planned-file.ts';

/**
 * The files of an OVA, in the order in which the service takes them. The descriptor should be the first entry (DSP0243
 * 2.1, section 5.3); another order is taken as well. Throws `PortFailure` SOURCE_INVALID or SOURCE_UNREADABLE.
 */
export async function planOva(path: string, files: Files): Promise<PlannedFile[]> {
  const file = await files.open(path);
  const archive = basename(path);
  const { entries } = await file.reading(read => indexTar(read, file.size, archive));
  const invalid = (fault: string): PortFailure => new PortFailure(failure('SOURCE_INVALID', `${archive} ${fault}`));
  const parts = entries.map(({ name, offset, size }): Part => {
    const fault = nameFault(name);
    if (fault !== undefined) throw invalid(`holds an entry at byte ${offset} that cannot be used: ${fault}`);
    return { name, source: file.range(offset, offset + size), from: `${archive}!${name}` };
  });
  const ofKind = (extension: string): Part[] => parts.filter(part => extensionOf(part.name) === extension);
  const [descriptor, second] = ofKind('.ovf');
  if (!descriptor) throw invalid('holds no descriptor (.ovf): it is no OVA');
  if (second) throw invalid(`holds two descriptors, ${quoted(descriptor.name)} and ${quoted(second.name)}`);
  // Manifest and certificate belong to the descriptor of the same name.
  const stem = stemOf(descriptor.name);
  for (const { name } of [...ofKind('.mf'), ...ofKind('.cert')]) {
    const due = stem + extensionOf(name);
    if (stemOf(name) !== stem)
      throw invalid(`holds ${quoted(name)}, which by its name belongs to no descriptor: ${quoted(due)} would`);
  }
  const [manifest] = ofKind('.mf');
  const [certificate] = ofKind('.cert');
  return planPackage({
    descriptor,
    ...(manifest && { manifest }),
    ...(certificate && { certificate }),
    find: async name => parts.find(part => part.name === name),
    rest: parts.filter(part => part !== descriptor && part !== manifest && part !== certificate),
    place: 'the archive'
  });
}
