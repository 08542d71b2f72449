// 2: spec + sources → the exact files, sizes and digests of one item. It asks the sources, never the service.
import type { Digest } from '../machines/vocabulary.ts';
import type { FileRole } from './events/records.ts';
import type { ByteSource } from './ports.ts';

export interface PlannedFile {
  /** The name inside the item. */
  readonly name: string;
  readonly size: number;
  readonly role: FileRole;
  /** From the manifest, or given by the caller. */
  readonly digest?: Digest;
  readonly source: ByteSource;
  /** Where it comes from, for people: `ubuntu.ova!disk1.vmdk`. */
  readonly from: string;
}

export interface Plan {
  /** Name of the item when the caller named none: the stem of the first file. */
  readonly itemName: string;
  /** The item type by the files: `ovf`, `iso`, or '' for anything else. */
  readonly itemType: string;
  readonly files: readonly PlannedFile[];
  /** Releases open files. */
  close(): Promise<void>;
}
