// JSON from outside. The parser takes lists inside lists without end; whoever walks through them afterwards could not.

/** Lists and objects inside one another. The models of the service have six or seven. */
export const JSON_DEPTH = 64;

/**
 * @throws `SyntaxError` for what is no JSON, or nests deeper than `JSON_DEPTH`.
 * @example `readJson('{"a":[1]}')` is `{ a: [1] }`.
 */
export function readJson(text: string): unknown {
  if (deeperThan(text, JSON_DEPTH)) throw new SyntaxError(`more than ${JSON_DEPTH} values lie inside one another`);
  return JSON.parse(text);
}

/** One scan from left to right. Of what is no JSON the parser will say so. */
function deeperThan(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at + 1);
    else if (char === LIST || char === OBJECT) {
      if (++depth > most) return true;
    } else if (char === LIST + 2 || char === OBJECT + 2) depth--;
  }
  return false;
}

/** The place of the quote that ends it. */
function endOfString(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Each is closed by the character two places behind it. */
const LIST = 0x5b;
const OBJECT = 0x7b;
