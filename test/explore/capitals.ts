// A service that writes checksums in capitals: the same bytes by another spelling.
import type { ContentLibrary } from '../../src/ports.ts';

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
