// A secret as it may come back in the words of a server: as it is, or as a URL, JSON, HTML or base64 writes it, and cut off
// where a sentence was. One place that knows these forms, for whoever has something to hide.

/** Takes secrets out of every text in a value; the value itself stays as it is. */
export type Hide = <T>(value: T) => T;

/** A secret, and what stands in its place. */
export type Known = readonly [secret: string, shown: string];

/**
 * Makes a striker. Secrets of less than six characters are not struck out: "a" or "user" would make nonsense of every
 * sentence, and hide nothing; but a user and password with a colon between them are, however short.
 *
 * @example `striker([['p"w-91c4', '[hidden]']])({ said: 'no p%22w-91c4' })` is `{ said: 'no [hidden]' }`.
 */
export function striker(known: readonly Known[]): Hide {
  const long = known.filter(([secret]) => secret.length >= SHORTEST || /.:./.test(secret));
  if (long.length === 0) return value => value;
  // The longest first: what is a part of another would spoil it.
  long.sort(([one], [other]) => other.length - one.length);
  const forms = long.map(([secret]) => [[...secret].map(inAnyForm).join(''), ...inBase64(secret)].join('|'));
  const pattern = new RegExp(forms.map(its => `(${its})`).join('|'), 'g');
  const beginnings = long.flatMap(([secret, shown]) => [...written(secret)].map(text => [text, shown] as const));
  const strike = (text: string): string => {
    const rest = text.replace(pattern, (_, ...groups) => long[groups.findIndex(group => group !== undefined)]![1]);
    return rest.length < CUT_AT ? rest : withoutBeginning(rest, beginnings);
  };
  return value => within(value, strike) as typeof value;
}

const SHORTEST = 6;
/** Texts shorter than this are not the beginning of a longer one. */
const CUT_AT = 200;

function within(value: unknown, strike: (text: string) => string): unknown {
  if (typeof value === 'string') return strike(value);
  if (Array.isArray(value)) return value.map(each => within(each, strike));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, within(each, strike)]));
}

/** A character as itself, percent-encoded (once or twice), escaped in JSON, or as an entity of HTML. */
function inAnyForm(character: string): string {
  if (/[A-Za-z0-9_.~-]/.test(character)) return literal(character);
  const bytes = [...Buffer.from(character)].map(byte => byte.toString(16).padStart(2, '0'));
  const percent = bytes.map(byte => `%(?:25)?${anyCase(byte)}`).join('');
  const units = [...Array(character.length).keys()].map(at => character.charCodeAt(at).toString(16).padStart(4, '0'));
  const json = units.map(unit => `\\\\{1,2}u${anyCase(unit)}`).join('');
  const point = character.codePointAt(0)!;
  const entity = `&(?:#0*${point}|#[xX]0*${anyCase(point.toString(16))}${ENTITIES[character] ?? ''});`;
  const escaped = ESCAPES[character] === undefined ? [] : [`\\\\{1,3}${ESCAPES[character]}`];
  // In forms a blank is a plus, which may be encoded once more.
  const plus = character === ' ' ? ['\\+', '%(?:25)?2[bB]'] : [];
  // In another encoding than it was meant in, a letter with an accent is something else, or nothing that is known.
  const garbled = point > 0x7f ? ['[^\\x00-\\x7f]{1,6}', '\\?{1,4}'] : [];
  return `(?:${[...escaped, json, literal(character), percent, entity, ...plus, ...garbled].join('|')})`;
}
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '|amp',
  '<': '|lt',
  '>': '|gt',
  '"': '|quot',
  "'": '|apos',
  ' ': '|nbsp'
};
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\\\', '/': '/', '\n': 'n', '\t': 't', '\r': 'r' };

/**
 * In base64 a text looks one of three ways, by what stands before it; what depends on its neighbours is left away. Both
 * alphabets.
 */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap(before => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    const first = before === 0 ? 0 : before + 1;
    const own = whole.toString('base64').slice(first, Math.floor((whole.length * 4) / 3));
    return own.length < 8 ? [] : [literal(own).replaceAll('\\+', '[+-]').replaceAll('/', '[/_]')];
  });
}

/** As it is mostly written: what a text that was cut off may end with the beginning of. */
function written(secret: string): Set<string> {
  const json = JSON.stringify(secret).slice(1, -1);
  return new Set([
    secret,
    percentOf(secret),
    percentOf(secret).replaceAll(/%[0-9A-F]{2}/g, its => its.toLowerCase()),
    json
  ]);
}

function withoutBeginning(text: string, beginnings: readonly Known[]): string {
  for (const [whole, shown] of beginnings) {
    for (let length = Math.min(whole.length, text.length) - 1; length >= SHORTEST; length--) {
      if (text.endsWith(whole.slice(0, length))) return text.slice(0, -length) + shown;
    }
  }
  return text;
}

/** A lone half of a pair of surrogates has no such form. */
function percentOf(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '\ufffd'));
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function anyCase(hex: string): string {
  return hex.replaceAll(/[a-f]/g, digit => `[${digit}${digit.toUpperCase()}]`);
}
