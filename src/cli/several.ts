// Many things to do, a few at a time, answers in the order of the things.

/**
 * Does `work` for each, at most `atOnce` at the same time. The first failure is thrown once those under way have settled,
 * and nothing more is begun.
 *
 * @example `await several(4, ids, id => library.getItem(id))`
 */
export async function several<T, R>(
  atOnce: number,
  things: readonly T[],
  work: (thing: T, index: number) => Promise<R>
): Promise<R[]> {
  const results: R[] = new Array<R>(things.length);
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < things.length && !failed) {
      const index = next++;
      try {
        results[index] = await work(things[index] as T, index);
      } catch (cause) {
        failed = true;
        throw cause;
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(atOnce, things.length) }, worker));
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return results;
}
