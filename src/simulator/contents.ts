// What an item holds, for tests and the demo: read straight from the state, past the service's operations.
import type { Digest } from '../../machines/vocabulary.ts';
import type { Blobs } from './blobs.ts';
import type { ServiceState } from './service/state.ts';
import { values } from './service/table.ts';

export interface HeldFile {
  readonly name: string;
  readonly size: number;
  readonly digests: readonly Digest[];
  /** Whether the bytes are kept, not only their digests. */
  readonly kept: boolean;
  /** A part of the bytes, all of them unless said otherwise. `undefined`: they are not kept. */
  read(offset?: number, length?: number): Promise<Uint8Array | undefined>;
}
export interface Contents {
  readonly id: string;
  readonly name: string;
  readonly contentVersion: number;
  readonly files: readonly HeldFile[];
}

export function contentsOf(state: ServiceState, blobs: Blobs, item: string): Contents | undefined {
  const found = values(state.items)
    .filter(({ id, name }) => id === item || name === item)
    .sort((a, b) => a.made - b.made)[0];
  if (found === undefined) return undefined;
  return {
    id: found.id,
    name: found.name,
    contentVersion: found.contentVersion,
    files: found.files.map(({ name, size, digests, blob }) => ({
      name,
      size,
      digests,
      kept: blobs.holds(blob),
      read: (offset = 0, length = size) => blobs.read(blob, offset, length)
    }))
  };
}
