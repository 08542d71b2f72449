// From the words of `shelver upload` to the items that they ask for.
import { basename } from 'node:path';
import { stemOf } from '../sources/file-name.ts';
import type { UploadSpec } from '../spec.ts';
import { UsageError } from './exit.ts';
import { placeOf } from './place.ts';

/** One item to upload. */
export interface Job {
  readonly to: Exclude<UploadSpec['to'], string>;
  readonly files: readonly string[];
}

/**
 * To LIBRARY/ITEM: one job with all files. To LIBRARY: one a file, named after it.
 *
 * @example `jobsOf(['a.iso', 'b.iso', 'isos'])[1]` is `{ to: { library: 'isos', item: 'b' }, files: ['b.iso'] }`.
 */
export function jobsOf(words: readonly string[]): Job[] {
  const files = words.slice(0, -1);
  const last = words.at(-1);
  if (last === undefined || files.length === 0) {
    throw new UsageError('files and where they go are needed: FILE... LIBRARY[/ITEM]', 'see shelver upload --help');
  }
  const place = placeOf(last);
  const library = written(place.library);
  if (place.item !== undefined) return [{ to: { library, item: written(place.item) }, files }];
  const jobs = files.map(file => ({ to: { library, item: stemOf(basename(file)) }, files: [file] }));
  for (const [index, { to, files: mine }] of jobs.entries()) {
    const other = jobs.slice(0, index).find(job => job.to.item === to.item);
    if (other === undefined) continue;
    throw new UsageError(
      `${other.files[0]} and ${mine[0]} would both become the item ${JSON.stringify(to.item)}`,
      'name the item, or upload them apart'
    );
  }
  return jobs;
}

function written(ref: { readonly name?: string; readonly id?: string }): string {
  return ref.id === undefined ? String(ref.name) : `id:${ref.id}`;
}
