// S7: no secret in anything that is shown or written down, in whichever form it may have come back. It shares no code with
// what hides them.
import { inspect } from 'node:util';

export interface Canary {
  /** What it is called when it is found. */
  readonly name: string;
  readonly text: string;
  /** Pieces of it stand in other texts, too: only the whole is a secret. */
  readonly whole?: boolean;
}

/** The ways in which a text is commonly written, by what they are called. */
export function formsOf(text: string): ReadonlyMap<string, string> {
  const forms = new Map<string, string>();
  const add = (form: string, how: string): void => {
    if (form.length >= SHORTEST && !forms.has(form)) forms.set(form, how);
  };
  const percent = encodeURIComponent(text);
  const strict = percent.replace(/[!'()*]/g, it => `%${it.charCodeAt(0).toString(16).toUpperCase()}`);
  const json = JSON.stringify(text).slice(1, -1);
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  add(text, 'as it is');
  for (const one of [percent, strict, strict.replaceAll('%20', '+')]) {
    add(one, 'percent-encoded');
    add(
      one.replaceAll(/%[0-9A-F]{2}/g, it => it.toLowerCase()),
      'percent-encoded'
    );
    add(encodeURIComponent(one), 'percent-encoded twice');
  }
  add(json, 'as JSON');
  add(json.replaceAll('/', '\\/'), 'as JSON');
  add(
    json.replaceAll(/[^\x20-\x7e]/g, it => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`),
    'as JSON'
  );
  add(JSON.stringify(json).slice(1, -1), 'as JSON in JSON');
  for (const quot of ['"', '&quot;', '&#34;']) {
    for (const apos of ["'", '&#39;', '&#x27;', '&apos;']) {
      add(html.replaceAll('"', quot).replaceAll("'", apos), 'as HTML');
    }
  }
  for (const before of ['', 'x', 'xx']) {
    const whole = Buffer.from(before + text);
    const first = Math.ceil((before.length * 8) / 6);
    const own = whole.toString('base64').slice(first, Math.floor((whole.length * 8) / 6));
    add(own, 'in base64');
    add(own.replaceAll('+', '-').replaceAll('/', '_'), 'in base64url');
  }
  return forms;
}

/** A searcher, made once for any number of texts. `parts`: a piece of a secret of so many characters is one, too. */
export function searcher(canaries: readonly Canary[], { parts }: { readonly parts?: number } = {}) {
  const byBeginning = new Map<string, { form: string; says: string }[]>();
  const firsts = new Set<number>();
  const add = (form: string, says: string): void => {
    const beginning = form.slice(0, SHORTEST);
    firsts.add(form.charCodeAt(0));
    const others = byBeginning.get(beginning);
    if (others === undefined) byBeginning.set(beginning, [{ form, says }]);
    else others.push({ form, says });
  };
  for (const { name, text, whole } of canaries) {
    for (const [form, how] of formsOf(text)) add(form, `${name} (${how})`);
    if (parts === undefined || whole) continue;
    for (let at = 0; at + parts <= text.length; at++) add(text.slice(at, at + parts), `a part of ${name}`);
  }
  return (what: unknown): string[] => {
    const found = new Set<string>();
    const text = textOf(what);
    for (let at = 0; at + SHORTEST <= text.length; at++) {
      // Quick, and right when it says no.
      if (!firsts.has(text.charCodeAt(at))) continue;
      for (const { form, says } of byBeginning.get(text.substr(at, SHORTEST)) ?? []) {
        if (text.startsWith(form, at)) found.add(says);
      }
    }
    return [...found];
  };
}

/** Every secret that is in a place where it must not be, in a sentence; none: all is well. */
export function leaks(
  places: Readonly<Record<string, unknown>>,
  canaries: readonly Canary[],
  options: { readonly parts?: number } = {}
): string[] {
  const search = searcher(canaries, options);
  return Object.entries(places).flatMap(([place, what]) => search(what).map(says => `${says} is in the ${place}`));
}

/** All that anybody could see of a value: of an error its stack, what is attached to it and what caused it. */
export function textOf(what: unknown): string {
  if (typeof what === 'string') return what;
  if (what instanceof Uint8Array) return Buffer.from(what).toString('utf8');
  if (what instanceof Error) {
    // What is attached out of sight counts, too: some loggers show it. A cause is attached like that.
    const attached = Object.getOwnPropertyNames(what).map(name => textOf(Reflect.get(what, name)));
    return [inspected(what), ...attached].join('\n');
  }
  if (Array.isArray(what) && what.some(each => each instanceof Error || each instanceof Uint8Array)) {
    return what.map(textOf).join('\n');
  }
  return JSON.stringify(what) ?? inspected(what);
}

/** A shorter form is no evidence: it may stand there by chance. */
const SHORTEST = 8;

function inspected(what: unknown): string {
  return inspect(what, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null, breakLength: 1e9 });
}
