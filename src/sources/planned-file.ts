// One file of an item as the plan has it: what the sources make and the upload sends, or what the service fetches by itself.
import type { Digest } from '../../machines/vocabulary.ts';
import type { FileRole } from '../events/records.ts';
import type { AddFile, ByteSource } from '../ports.ts';

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

/** A file that the service fetches. */
export interface PulledFile extends Omit<PlannedFile, 'size' | 'source'> {
  /** Bytes, where the source or the caller told. */
  readonly size?: number;
  /** What the service is told of the source. The URI may hold a secret: it goes to the service and nowhere else. */
  readonly pull: NonNullable<AddFile['source']>;
}

export function isPulled(file: PlannedFile | PulledFile): file is PulledFile {
  return 'pull' in file;
}
