// JSON that is almost what it should be: members gone, doubled, of another type, huge, nested, with the names of prototypes.
import fc from 'fast-check';

/** Stands in a document for a number that JSON.stringify would not write. */
const RAW = 'raw:';

/** Nested lists, as text: no value of a program could be written so deep by JSON.stringify. */
const NESTED = `${RAW}nested`;

const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 53),
  1e308,
  `${RAW}1e999`,
  `${RAW}-1e999`,
  `${RAW}-0`,
  `${RAW}${'9'.repeat(400)}`,
  NESTED,
  '',
  ' ',
  '0',
  'null',
  'NaN',
  'Infinity',
  '\u0000',
  'a\r\nb',
  '\u001b[2Jx\u009b1m',
  '\u202egpj.exe',
  '\ud800',
  'é'.repeat(300),
  'a'.repeat(9_000),
  '../../x',
  '__proto__',
  'constructor',
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '9999-12-31T23:59:59.999999999',
  'https://user:pw@h:99999/?q#f',
  [],
  {},
  [[]],
  [null],
  [{}],
  { length: 1e9 },
  { toString: 1, valueOf: 1 },
  { toJSON: 'x' },
  Object.fromEntries([['__proto__', { polluted: true, toString: 1 }]]),
  { constructor: { prototype: { polluted: true } } },
  Array.from({ length: 30 }, (_, index) => index)
];
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  '0',
  '-1',
  '1e9'
];

type Change = readonly [where: number, what: number, odd: number];

const changes = (most: number) => fc.array(fc.tuple(fc.nat(9_999), fc.nat(most), fc.nat(9_999)), { maxLength: 3 });

/** The text of a document, changed in up to three places. */
export function almostJson(document: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return almostValue(document).map(textOf);
}

/**
 * The same as a value. What only a text can hold (numbers beyond all) is a value that reads the same.
 *
 * @param swaps whether a value may come to stand in the place of another: then a secret would, too
 */
export function almostValue(document: fc.Arbitrary<unknown>, swaps = true): fc.Arbitrary<unknown> {
  return fc.tuple(document, changes(swaps ? 7 : 6)).map(([value, its]) => its.reduce(changed, cloned(value)));
}

/** As `JSON.parse` would give it. */
export function parsed(value: unknown): unknown {
  return JSON.parse(textOf(value));
}

function textOf(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.replaceAll(/"raw:([^"]*)"/g, (_, raw: string) =>
    raw === 'nested' ? `${'['.repeat(6_000)}${']'.repeat(6_000)}` : raw
  );
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function changed(value: unknown, [where, what, odd]: Change): unknown {
  const root: Record<string, unknown> = { value };
  const places = placesIn(root);
  const { holder, key } = places[where % places.length] as Place;
  const strange = ODD[odd % ODD.length];
  const its = holder[key];
  if (what === 0) remove(holder, key);
  else if (what === 1) add(its, ODD_KEYS[odd % ODD_KEYS.length] as string, ODD[where % ODD.length]);
  else if (what === 2) rename(holder, key, ODD_KEYS[odd % ODD_KEYS.length] as string);
  else if (what === 3 && Array.isArray(its))
    its.push(...Array.from({ length: 1 + (odd % 40) }, () => cloned(its[0] ?? strange)));
  else if (what === 4) set(holder, key, odd % 2 === 0 ? [its] : { value: its });
  else if (what === 7)
    set(holder, key, (places[odd % places.length] as Place).holder[(places[odd % places.length] as Place).key]);
  else set(holder, key, strange);
  return cloned(root.value);
}

function placesIn(root: Record<string, unknown>): Place[] {
  const places: Place[] = [];
  const look = (holder: Record<string, unknown>): void => {
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const its = holder[key];
      if (typeof its === 'object' && its !== null) look(its as Record<string, unknown>);
    }
  };
  look(root);
  return places;
}

function set(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value: cloned(value), enumerable: true, writable: true, configurable: true });
}

function remove(holder: Record<string, unknown>, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function add(its: unknown, key: string, value: unknown): void {
  if (Array.isArray(its)) its.push(cloned(value));
  else if (typeof its === 'object' && its !== null) set(its as Record<string, unknown>, key, value);
}

function rename(holder: Record<string, unknown>, key: string, name: string): void {
  if (Array.isArray(holder)) return;
  const value = holder[key];
  delete holder[key];
  set(holder, name, value);
}

/** Own members only, `__proto__` among them. */
function cloned(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value) ?? 'null');
}
