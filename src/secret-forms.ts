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
  const sought = long.toSorted(([one], [other]) => other.length - one.length).map(soughtAs);
  const strike = (text: string): string => {
    const words = text.match(/[A-Za-z0-9+/_-]{8,}/g) ?? [];
    const longest = words.reduce((most, { length }) => Math.max(most, length), 0);
    // Quick, and never wrong when it says no: a connection knows hundreds of secrets, and a page of an error may be long.
    const there = sought.filter(
      ({ piece, base64 }) => text.includes(piece) || base64.some(own => own.length <= longest && text.includes(own))
    );
    const rest =
      there.length === 0
        ? text
        : text.replace(
            new RegExp(there.map(({ forms }) => `(${forms()})`).join('|'), 'g'),
            (_, ...groups) => there[groups.findIndex(group => group !== undefined)]!.shown
          );
    return rest.length < CUT_AT ? rest : withoutBeginning(rest, sought);
  };
  return value => within(value, strike) as typeof value;
}

/** A secret, made ready to be looked for. */
interface Sought {
  readonly shown: string;
  /** A piece of it that is the same in every form but base64. */
  readonly piece: string;
  /** In both alphabets. */
  readonly base64: readonly string[];
  /** All forms as one pattern; made when it is needed, since most secrets are in no text. */
  forms(): string;
  /** As it is mostly written: what a text that was cut off may end with the beginning of. */
  readonly written: readonly string[];
}

function soughtAs([secret, shown]: Known): Sought {
  const base64 = inBase64(secret);
  let forms: string | undefined;
  return {
    shown,
    piece: secret.split(/[^A-Za-z0-9_.~-]+/).reduce((one, other) => (other.length > one.length ? other : one)),
    base64: [...new Set([...base64, ...base64.map(own => own.replaceAll('+', '-').replaceAll('/', '_'))])],
    forms: () => {
      forms ??= [
        inAnyForm(secret),
        ...base64.map(own => literal(own).replaceAll('\\+', '[+-]').replaceAll('/', '[/_]'))
      ].join('|');
      return forms;
    },
    written: [...written(secret)]
  };
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

/**
 * No form begins as another does, and none that may be repeated ends as what follows may begin: so a text that almost holds the
 * secret does so in one way, and not in a power of ways that would all be tried.
 */
function inAnyForm(secret: string): string {
  const parts = secret.match(/\\+|[?]*[^\0-\x7f][^\0-\x3e@-\x7f]*|[\0-\x7f]/gu) ?? [];
  return parts.map((part, at) => partInAnyForm(part, parts[at - 1] ?? '', parts[at + 1] ?? '')).join('');
}

function partInAnyForm(part: string, before: string, after: string): string {
  const many = [...part].length;
  if (part.startsWith('\\')) return backslashes(many, after);
  // Letters with accents and the like stand together: in another encoding than they were meant in they are something else, or
  // nothing that is known, a question mark.
  if (/[^\0-\x7f]/.test(part)) return `${FOREIGN}{${many},${6 * many}}`;
  return PLAIN.test(part) ? literal(part) : characterInAnyForm(part, before.startsWith('\\'));
}

const PLAIN = /^[A-Za-z0-9_.~-]$/;

/** In JSON each is doubled, and one more stands before a quote that follows; that may be JSON in JSON. */
function backslashes(many: number, after: string): string {
  const bare = after === '' || PLAIN.test(after) ? '' : '(?!\\\\?u[0-9a-fA-F]{4})';
  return `(?:\\\\${bare}|\\\\{1,2}u005[cC]|%(?:25)?5[cC]|&#(?:0*92|[xX]0*5[cC]);){${many},${4 * many + 3}}`;
}

/** A piece of what is no ASCII, or a question mark in its place. */
const FOREIGN = [
  '(?:[?\\u0080-\\uffff]',
  '%(?:25)?(?:3[fF]|[89a-fA-F][0-9a-fA-F])',
  '\\\\{1,2}u(?:003[fF]|(?!00[0-7])[0-9a-fA-F]{4})',
  '&#(?:0*63|1[3-9]\\d|12[89]|[2-9]\\d\\d|[1-9]\\d{3,}|[xX](?:0*3[fF]|[89a-fA-F][0-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F]{2,}));)'
].join('|');

/** A character as itself, percent-encoded (once or twice), escaped in JSON, or as an entity of HTML. */
function characterInAnyForm(character: string, behindBackslash: boolean): string {
  const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
  const percent = `%(?:25)?${anyCase(hex)}`;
  const json = `\\\\{1,2}u00${anyCase(hex)}`;
  const entity = `&(?:#0*${character.charCodeAt(0)}|#[xX]0*${anyCase(hex)}${ENTITIES[character] ?? ''});`;
  // Its own backslashes have been taken for those before it, if there were any.
  const [letter, own] = [ESCAPES[character], behindBackslash ? '' : '\\\\{1,3}'];
  const escaped = letter === undefined || own + letter === character ? [] : [own + letter];
  // In forms a blank is a plus, which may be encoded once more.
  const plus = character === ' ' ? ['\\+', '%(?:25)?2[bB]'] : [];
  return `(?:${[...escaped, json, literal(character), percent, entity, ...plus].join('|')})`;
}
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '|amp',
  '<': '|lt',
  '>': '|gt',
  '"': '|quot',
  "'": '|apos',
  ' ': '|nbsp'
};
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '/': '/',
  '\n': 'n',
  '\t': 't',
  '\r': 'r',
  '\b': 'b',
  '\f': 'f'
};

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
    return own.length < 8 ? [] : [own];
  });
}

function written(secret: string): Set<string> {
  const json = JSON.stringify(secret).slice(1, -1);
  return new Set([
    secret,
    percentOf(secret),
    percentOf(secret).replaceAll(/%[0-9A-F]{2}/g, its => its.toLowerCase()),
    json
  ]);
}

function withoutBeginning(text: string, sought: readonly Sought[]): string {
  for (const { written, shown } of sought) {
    for (const whole of written) {
      const first = whole.slice(0, SHORTEST);
      for (let at = Math.max(0, text.length - whole.length + 1); ; at++) {
        at = text.indexOf(first, at);
        if (at < 0) break;
        if (whole.startsWith(text.slice(at))) return text.slice(0, at) + shown;
      }
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
