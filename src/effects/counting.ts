// A sink that knows how far it has come. Bytes count when they are written, not when they arrive.
import type { ByteSink } from '../ports.ts';

/** @param from bytes that are there already */
export function counting(
  sink: ByteSink,
  from: number,
  told: (received: number) => void
): { readonly sink: ByteSink; received(): number } {
  let far = from;
  return {
    sink: {
      async write(chunk, at) {
        // Whatever lies beyond a write that begins again is not to be trusted.
        if (at < far) {
          far = at;
          told(far);
        }
        await sink.write(chunk, at);
        far = at + chunk.length;
        told(far);
      }
    },
    received: () => far
  };
}
