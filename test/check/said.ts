// What happened in one step, packed into one number of 32 bits, and told to a person.

/** `#` stands for what it is about. */
const TEXTS = [
  '# is over',
  '# arrives',
  '# arrives, and is answered',
  '# is answered',
  '# is turned away',
  '# is lost',
  '# acts, its answer is lost',
  '# is held up',
  '# arrives, and will once more',
  '# lands late',
  '#',
  'somebody cancels',
  'the client crashes, and begins again',
  'an answer does not come in time for somebody who cancels'
] as const;

/** @param about the number of a word below 2 ** 12 */
export function said(what: (typeof TEXTS)[number], about = 0): number {
  return TEXTS.indexOf(what) + about * 2 ** 4;
}

/** A call was under way when it happened, and will arrive all the same. */
export function besides(say: number, call: number): number {
  return say + (call + 1) * 2 ** 16;
}

export function told(number: number, word: (id: number) => string, call: (id: number) => string): string {
  const text = String(TEXTS[number & 15]).replace('#', () => word((number >>> 4) & (2 ** 12 - 1)));
  const stopped = (number >>> 16) - 1;
  return stopped < 0 ? text : `${text}; ${call(stopped)} was under way, and will arrive all the same`;
}
