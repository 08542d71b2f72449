// A service that writes checksums in capitals (the same bytes by another spelling), and a way on which bytes are lost unseen.
import type { ByteTransfer, ContentLibrary } from '../../src/ports.ts';

export function capitals(library: ContentLibrary): ContentLibrary {
  return new Proxy(library, {
    get: (its, key) => {
      const method: unknown = Reflect.get(its, key);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => shouted(await (method.apply(its, args) as Promise<unknown>));
    }
  });
}

function shouted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shouted);
  const { digest } = (value ?? {}) as { digest?: { algorithm: string; checksum: string } };
  if (digest === undefined) return value;
  return { ...(value as object), digest: { ...digest, checksum: digest.checksum.toUpperCase() } };
}

/** The first fetch that brings more than `at` bytes brings only these, as if they were all. */
export function cutting(bytes: ByteTransfer, at: number): ByteTransfer {
  let isCut = false;
  return {
    push: request => bytes.push(request),
    fetch: async request => {
      if (isCut) return bytes.fetch(request);
      isCut = true;
      let left = at;
      const { sink } = request;
      const fetched = await bytes.fetch({
        ...request,
        sink: {
          write: async (chunk, place) => {
            const some = chunk.subarray(0, Math.max(0, left));
            left -= chunk.length;
            if (some.length > 0) await sink.write(some, place);
          }
        }
      });
      return { ...fetched, received: Math.min(fetched.received, at) };
    }
  };
}
