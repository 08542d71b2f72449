// What must hold whatever is read: sentences fit for a person, data that is JSON, prototypes as they were.

/** Stands in every secret that a reader is given; nothing that is said may hold it. */
export const CANARY = 'c4n4ry!S3cret';

/** Longer than this is no sentence any more, even where one names every fault of many. */
const LONGEST_SENTENCE = 100_000;

export function faultOfSentence(sentence: string): string | undefined {
  if (sentence.trim() === '') return 'it says nothing';
  if (/\n\s+at /.test(sentence)) return `it tells a stack: ${shown(sentence)}`;
  if (/\p{Cc}/u.test(sentence)) return `it says a control character: ${shown(sentence)}`;
  if (sentence.includes(CANARY)) return `it tells a secret: ${shown(sentence)}`;
  if (sentence.length > LONGEST_SENTENCE) return `it says ${sentence.length} characters: ${shown(sentence)}`;
  return undefined;
}

const WATCHED = [Object, Array, Function, String, Number, Map, Promise].map(each => each.prototype as object);

/** How many names stand in the prototypes that everything has. */
export function prototypes(): number {
  return WATCHED.reduce((sum, each) => sum + Object.getOwnPropertyNames(each).length, 0);
}

export function prototypeFault(before: number): string | undefined {
  if (prototypes() === before) return undefined;
  return 'it changed a prototype that everything has';
}

/** What is wrong with data that goes to machines, into the journal, or out as JSON. */
export function faultOfData(value: unknown, at = 'the answer', depth = 0): string | undefined {
  if (depth > 200) return `${at} is nested without end`;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${at} is ${value}, which JSON has not`;
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
    return `${at} is a ${typeof value}`;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      const fault = faultOfData(each, `${at}[${index}]`, depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `${at} has a prototype of its own`;
  for (const [key, each] of Object.entries(value)) {
    const fault = faultOfData(each, `${at}.${key.slice(0, 40)}`, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** A value on one line, cut. */
export function shown(value: unknown, most = 300): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text;
}
