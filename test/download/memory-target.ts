// A target in memory that fails when it is told to.
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure, type Target } from '../../src/ports.ts';
import { bytesSource } from '../../src/sources/bytes-source.ts';

export interface MemoryTarget extends Target {
  readonly parts: Map<string, Uint8Array>;
  readonly kept: Map<string, Uint8Array>;
}

/** @param full throws when the part of a file is to hold more than that many bytes */
export function memoryTarget(full = Number.POSITIVE_INFINITY): MemoryTarget {
  const parts = new Map<string, Uint8Array>();
  const kept = new Map<string, Uint8Array>();
  /** What was given its name here, and is still there. */
  const ours = new Map<string, Uint8Array>();
  return {
    place: 'memory',
    parts,
    kept,
    async find(name) {
      const there = kept.get(name);
      return there && { size: there.length, parted: parts.has(name) };
    },
    async openPart(name) {
      const part = parts.get(name) ?? new Uint8Array(0);
      parts.set(name, part);
      return { size: part.length };
    },
    part: name => ({
      async write(chunk, at) {
        if (at + chunk.length > full) {
          throw new PortFailure(failure('TARGET_UNWRITABLE', `${name} cannot be written to memory: it is full`));
        }
        parts.set(name, Buffer.concat([(parts.get(name) as Uint8Array).subarray(0, at), chunk]));
      }
    }),
    async read(name, what) {
      return bytesSource((what === 'part' ? parts : kept).get(name) as Uint8Array);
    },
    async keep(name, replace) {
      if (kept.has(name) && !replace) {
        throw new PortFailure(failure('ALREADY_EXISTS', `a file ${name} has come to memory meanwhile`));
      }
      kept.set(name, parts.get(name) as Uint8Array);
      ours.set(name, kept.get(name) as Uint8Array);
      parts.delete(name);
    },
    async dropPart(name) {
      parts.delete(name);
      return { kept: ours.has(name) && ours.get(name) === kept.get(name) };
    },
    close: async () => undefined
  };
}
