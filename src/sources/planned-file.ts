// One file of an item as the plan has it: what the sources make, and what the upload sends.
import type { Digest } from '../../machines/vocabulary.ts';
import type { FileRole } from '../events/records.ts';
import type { ByteSource } from '../ports.ts';

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
