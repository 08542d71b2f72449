// An immutable map that is plain JSON: buckets by hash, so that a change copies a small part of it.

export type Table<T> = readonly Readonly<Record<string, T>>[];

const WIDTH = 64;

export function emptyTable<T>(): Table<T> {
  return Array.from({ length: WIDTH }, () => ({}));
}

export function find<T>(table: Table<T>, key: string): T | undefined {
  const bucket = table[bucketOf(key)]!;
  return Object.hasOwn(bucket, key) ? bucket[key] : undefined;
}

export function put<T>(table: Table<T>, key: string, value: T): Table<T> {
  const at = bucketOf(key);
  return table.with(at, { ...table[at], [key]: value });
}

export function without<T>(table: Table<T>, key: string): Table<T> {
  const at = bucketOf(key);
  const { [key]: _, ...rest } = table[at]!;
  return table.with(at, rest);
}

/** All values, in no order that means anything. */
export function values<T>(table: Table<T>): T[] {
  const all: T[] = [];
  for (const bucket of table) for (const key in bucket) all.push(bucket[key]!);
  return all;
}

/** What is in the second table as it was not in the first: one change costs a small part of it all. */
export function changes<T>(before: Table<T>, after: Table<T>): T[] {
  const changed: T[] = [];
  for (let at = 0; at < after.length; at++) {
    const bucket = after[at]!;
    const old = before[at]!;
    if (bucket === old) continue;
    for (const key in bucket) if (bucket[key] !== old[key]) changed.push(bucket[key]!);
  }
  return changed;
}

/** FNV-1a. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % WIDTH;
}
