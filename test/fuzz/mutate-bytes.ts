// Bytes that are almost what they should be: flipped, cut, put in, repeated, with NULs, broken UTF-8, marks and line ends.
import fc from 'fast-check';

const PIECES: readonly Uint8Array[] = [
  new Uint8Array([0]),
  new Uint8Array(600),
  new Uint8Array([0xff]),
  new Uint8Array([0xc0, 0x80]),
  new Uint8Array([0xed, 0xa0, 0x80]),
  new Uint8Array([0xf4, 0x90, 0x80, 0x80]),
  new Uint8Array([0xef, 0xbb, 0xbf]),
  ...[
    '\r\n',
    '\n\n',
    '\u001b[2J',
    '\u202e',
    '\u2028',
    ' '.repeat(50),
    '9'.repeat(30),
    '-1',
    '0x10',
    '1e999',
    '%00',
    '%E0%A4%A',
    '../',
    '__proto__',
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&#0;',
    '&b;',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '=',
    '&',
    ';',
    '(',
    ')',
    '\\',
    '\\u0000',
    '\\ud800',
    '#',
    '?',
    '@',
    '//',
    '*',
    '.'
  ].map(text => new TextEncoder().encode(text))
];

type Change = readonly [kind: number, where: number, length: number, piece: number];

const changes = fc.array(fc.tuple(fc.nat(8), fc.nat(0xffffff), fc.nat(40), fc.nat(0xffff)), { maxLength: 5 });

/** @param whole what they should be */
export function almostBytes(whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.tuple(whole, changes).map(([bytes, its]) => its.reduce(changed, bytes)) },
    { weight: 1, arbitrary: noise }
  );
}

export const noise: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map(parts => new Uint8Array(Buffer.concat(parts)))
);

/** The same as text; what is no UTF-8 is replaced, as most readers of bytes do. */
export function almostText(whole: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    almostBytes(whole.map(text => new TextEncoder().encode(text))).map(bytes => Buffer.from(bytes).toString('utf8')),
    fc.string({ unit: 'binary', maxLength: 60 })
  );
}

/** The bytes in pieces, cut at any places. */
export function inPieces(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<readonly Uint8Array[]> {
  return fc.tuple(bytes, fc.array(fc.nat(0xffffff), { maxLength: 6 })).map(([whole, cuts]) => {
    const at = [0, ...cuts.map(cut => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
    return at.slice(1).map((end, index) => whole.subarray(at[index], end));
  });
}

/** Runs of one thing, long enough to show a reader whose work grows faster than what it reads. */
export function longText(
  units: readonly string[],
  around: readonly (readonly [before: string, after: string])[] = [['', '']],
  most = 1_000_000
): fc.Arbitrary<string> {
  const lengths = fc.constantFrom(most / 100, most / 10, most);
  return fc
    .tuple(
      fc.constantFrom(...units),
      fc.constantFrom(...around),
      lengths,
      fc.constantFrom('', '\u0001', 'x', '\n', ' ')
    )
    .map(([unit, [before, after], length, end]) => {
      return `${before}${unit.repeat(Math.ceil(length / unit.length))}${end}${after}`;
    });
}

/** What most grammars have: blanks, digits, brackets, quotes, separators. */
export const UNITS: readonly string[] = [
  ' ',
  '\n',
  '\r\n',
  '\t',
  'a',
  '0',
  '9',
  '.',
  ',',
  '-',
  '/',
  '//',
  '?',
  '@',
  '%',
  '%25',
  '&',
  '=',
  ';',
  ':',
  '(',
  ')',
  '[',
  '{',
  '"',
  "'",
  '\\',
  '<',
  '>',
  '*',
  'a=1&',
  'a, ',
  ' \n',
  'é',
  '\u0000',
  '\u{1f600}',
  '-----BEGIN CERTIFICATE-----'
];

function changed(bytes: Uint8Array, [kind, where, length, piece]: Change): Uint8Array {
  const at = where % (bytes.length + 1);
  const to = Math.min(bytes.length, at + length);
  const put = PIECES[piece % PIECES.length] as Uint8Array;
  switch (kind) {
    case 0:
      return flipped(bytes, at, piece);
    case 1:
      return joined(bytes.subarray(0, at), bytes.subarray(to));
    case 2:
      return joined(bytes.subarray(0, at), put, bytes.subarray(at));
    case 3:
      return joined(bytes.subarray(0, at), put, bytes.subarray(to));
    case 4:
      return joined(bytes.subarray(0, to), ...Array(1 + (piece % 8)).fill(bytes.subarray(at, to)), bytes.subarray(to));
    case 5:
      return bytes.subarray(0, at);
    case 6:
      return joined(put, bytes);
    case 7:
      return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    default:
      return joined(bytes.subarray(0, at), new Uint8Array(length).fill(piece & 0xff), bytes.subarray(at));
  }
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  if (at >= bytes.length) return bytes;
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] as number) ^ (1 << (bit & 7));
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
