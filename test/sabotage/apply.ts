// Puts one bug into a text: the anchor must be found exactly once, or the bug is no longer where it was meant to be.

/** A deliberate bug: in which file, in place of what, and which check is thought to catch it. */
export interface Bug {
  /** What it does wrong, in words. */
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly anchor: string;
  readonly replacement: string;
  readonly catcher: Catcher;
}

/** The quickest check that should turn red. */
export interface Catcher {
  /** A file of tests. */
  readonly test: string;
  /** Only tests whose full name matches (`vitest -t`). */
  readonly only?: string;
  /** How many seeds the explorer plays. */
  readonly seeds?: number;
}

/** The text with the bug in it. Throws a sentence when the anchor is not found exactly once. */
export function sabotaged(text: string, { name, file, anchor, replacement }: Omit<Bug, 'catcher'>): string {
  const times = text.split(anchor).length - 1;
  if (times !== 1) {
    const found = times === 0 ? 'is not found' : `is found ${times} times`;
    throw new Error(
      `the bug "${name}": its anchor ${found} in ${file} any more; give it one in test/sabotage/bugs that stands there once: ${JSON.stringify(anchor)}`
    );
  }
  return text.replace(anchor, () => replacement);
}
