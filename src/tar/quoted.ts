// A name out of somebody else's archive, made fit to be shown: it may hold terminal escapes or be 8 KiB long.

/**
 * The name in double quotes, cut to 120 characters, with everything escaped that could act on a terminal or turn text around.
 *
 * @example `quoted('a\u001b[2Jb')` is `'"a\\u001b[2Jb"'`.
 */
export function quoted(name: string): string {
  const short = name.length > 120 ? `${name.slice(0, 120)}…` : name;
  return JSON.stringify(short).replace(ACTIVE, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Whether the text holds a C0 or C1 control character or DEL. */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

const CONTROL = /\p{Cc}/u;
/** Controls that JSON leaves as they are, and the marks that reorder text. */
const ACTIVE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
