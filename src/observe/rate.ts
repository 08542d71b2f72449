// How fast something goes: bytes over a sliding window. Time is passed in. Cheap: a call adds to one bucket.

export interface Rate {
  add(bytes: number, now: number): void;
  /** Bytes a second over the window that ends now; 0 when nothing came in it. */
  perSecond(now: number): number;
}

const BUCKET_MS = 100;
/** Less than this says nothing: the first chunk would look infinitely fast. */
const SHORTEST_MS = 500;

/** @example `const rate = createRate(5000); rate.add(1000, 0); rate.perSecond(1000)` is `1000`. */
export function createRate(windowMs = 5000): Rate {
  const count = Math.ceil(windowMs / BUCKET_MS);
  const bytes = new Array<number>(count).fill(0);
  const slots = new Array<number>(count).fill(Number.NEGATIVE_INFINITY);
  let beganAt: number | undefined;
  return {
    add(more, now) {
      beganAt ??= now;
      const slot = Math.floor(now / BUCKET_MS);
      const index = slot % count;
      if (slots[index] !== slot) {
        slots[index] = slot;
        bytes[index] = 0;
      }
      bytes[index] = (bytes[index] ?? 0) + more;
    },
    perSecond(now) {
      if (beganAt === undefined) return 0;
      const newest = Math.floor(now / BUCKET_MS);
      let sum = 0;
      for (let index = 0; index < count; index++) {
        const slot = slots[index]!;
        if (slot > newest - count && slot <= newest) sum += bytes[index]!;
      }
      const spanMs = Math.min(windowMs, Math.max(SHORTEST_MS, now - beganAt));
      return (sum * 1000) / spanMs;
    }
  };
}

/** Milliseconds until `remaining` bytes are through; undefined when nothing moves. */
export function etaMs(remaining: number, perSecond: number): number | undefined {
  if (remaining <= 0) return 0;
  return perSecond > 0 ? Math.round((remaining / perSecond) * 1000) : undefined;
}
