// From the words of `shelver upload` to the items that they ask for.
import { basename } from 'node:path';
import { stemOf } from '../sources/file-name.ts';
import { addressFault, nameIn, shownAddress } from '../sources/pull-address.ts';
import type { PullFile } from '../sources/pull-file.ts';
import type { UploadSpec } from '../spec.ts';
import { UsageError } from './exit.ts';
import { placeOf } from './place.ts';

/** One item to upload. */
export interface Job {
  readonly to: Exclude<UploadSpec['to'], string>;
  readonly files: readonly (string | PullFile)[];
}

/**
 * To LIBRARY/ITEM: one job with all files. To LIBRARY: one a file, named after it.
 *
 * @param pulls what the server shall fetch, besides the files
 *
 * @example `jobsOf(['a.iso', 'b.iso', 'isos'])[1]` is `{ to: { library: 'isos', item: 'b' }, files: ['b.iso'] }`.
 */
export function jobsOf(words: readonly string[], pulls: readonly PullFile[] = []): Job[] {
  const files = [...words.slice(0, -1), ...pulls];
  const last = words.at(-1);
  if (last === undefined || files.length === 0) {
    throw new UsageError('files and where they go are needed: FILE... LIBRARY[/ITEM]', 'see shelver upload --help');
  }
  const place = placeOf(last);
  const library = written(place.library);
  if (place.item !== undefined) return [{ to: { library, item: written(place.item) }, files }];
  const jobs = files.map(file => ({ to: { library, item: itemOf(file) }, files: [file] }));
  for (const [index, { to, files: mine }] of jobs.entries()) {
    const other = jobs.slice(0, index).find(job => job.to.item === to.item);
    if (other === undefined) continue;
    throw new UsageError(
      `${labelOf(other.files[0]!)} and ${labelOf(mine[0]!)} would both become the item ${JSON.stringify(to.item)}`,
      'name the item, or upload them apart'
    );
  }
  return jobs;
}

/** A file as it may be shown: of an address only what is no secret. */
export function labelOf(file: string | PullFile): string {
  return typeof file === 'string' ? file : shownAddress(file.pull);
}

function itemOf(file: string | PullFile): string {
  if (typeof file === 'string') return stemOf(basename(file));
  // What is wrong with it is told with everything else that is wrong with the call.
  return addressFault(file.pull) === undefined ? stemOf(nameIn(file.pull)) : 'item';
}

function written(ref: { readonly name?: string; readonly id?: string }): string {
  return ref.id === undefined ? String(ref.name) : `id:${ref.id}`;
}
