// An OVF descriptor on disk: it brings the files it references from its folder, and manifest and certificate of its name.
import { basename, dirname, join } from 'node:path';
import type { Files } from '../ports.ts';
import { stemOf } from './file-name.ts';
import { type Part, planPackage } from './package.ts';
import type { PlannedFile } from './planned-file.ts';

/**
 * The files of an OVF package in a folder, in the order in which the service takes them. Throws `PortFailure`
 * SOURCE_INVALID or SOURCE_UNREADABLE.
 */
export async function planOvf(path: string, files: Files): Promise<PlannedFile[]> {
  const folder = dirname(path);
  const open = async (name: string): Promise<Part> => {
    const from = join(folder, name);
    return { name, source: await files.open(from), from };
  };
  // `name` has been checked: it has no separator and is not `..`, so it cannot lead out of the folder.
  const find = async (name: string): Promise<Part | undefined> =>
    (await files.exists(join(folder, name))) ? open(name) : undefined;
  const stem = stemOf(basename(path));
  const descriptor = await open(basename(path));
  const manifest = await find(`${stem}.mf`);
  const certificate = await find(`${stem}.cert`);
  return planPackage({
    descriptor,
    ...(manifest && { manifest }),
    ...(certificate && { certificate }),
    find,
    place: `its folder ${quotedFolder(folder)}`
  });
}

function quotedFolder(folder: string): string {
  return folder === '.' ? '(the current one)' : folder;
}
