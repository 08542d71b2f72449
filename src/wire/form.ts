// Fields as a form, as the documentation of 2014 prints them, in a body or in the query: dotted names, the members of a list
// numbered from 1, times without a zone.
import { Refusal, wireError } from './errors.ts';
import { unsupportedProperty } from './fields.ts';
import { type Fields, type FieldType, models } from './model-fields.ts';

/** A name, taken apart at its dots, and its value. */
export type Pair = readonly [path: readonly string[], value: string];

export const FORM_PAIRS = 5_000;
export const FORM_DEPTH = 32;

/**
 * Writes fields; undefined and null are left out. A model without members and a list without any are said by an empty
 * value (our judgement: the documentation has no word for them).
 *
 * @example `writeForm({ file_spec: 'AddSpec' }, { file_spec: { name: 'a b' } })` is `file_spec.name=a%20b`.
 */
export function writeForm(fields: Fields, value: Readonly<Record<string, unknown>>): string {
  return membersAt('', fields, value)
    .map(([name, text]) => `${name}=${encodeURIComponent(text.replace(LONE, '\u{FFFD}'))}`)
    .join('&');
}

/**
 * The pairs of a form. Line ends are left out, because printed forms are wrapped at every `&`.
 *
 * @throws `Refusal` INVALID_ARGUMENT, and nothing else.
 */
export function readPairs(text: string): Pair[] {
  const parts = text
    .replaceAll(/[\r\n]+/g, '')
    .split('&', FORM_PAIRS + 1)
    .filter(part => part !== '');
  if (parts.length > FORM_PAIRS) throw refused(`it has more than ${FORM_PAIRS} members`);
  return parts.map(part => {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const path = decoded(name).split('.');
    if (path.length > FORM_DEPTH) throw refused(`a name has more than ${FORM_DEPTH} parts`);
    return [path, equals < 0 ? '' : decoded(part.slice(equals + 1))];
  });
}

/**
 * Reads fields. Types are not checked here: a text that is no integer stays one, for `acceptFields` to refuse.
 *
 * @throws `Refusal` INVALID_ARGUMENT, and nothing else.
 */
export function readForm(pairs: readonly Pair[], fields: Fields): Record<string, unknown> {
  const members = [...grouped(pairs)].map(([name, its]) => {
    if (!Object.hasOwn(fields, name)) throw unsupportedProperty(name);
    return [name, valueAs(its, fields[name]!, name)] as const;
  });
  // defines own properties, whatever they are called
  return Object.fromEntries(members);
}

function valueAs(pairs: readonly Pair[], type: FieldType, name: string): unknown {
  const [first] = pairs;
  const only = first![0].length === 0 ? first![1] : undefined;
  if (only !== undefined && pairs.length > 1) throw refused(`${name} stands there twice`);
  if (typeof type !== 'string') {
    if (only === '') return [];
    if (only !== undefined) throw refused(`${name} is a list, whose members are numbered: ${name}.1`);
    const items = grouped(pairs);
    return Array.from({ length: items.size }, (_, i) => {
      const its = items.get(String(i + 1));
      if (its === undefined) throw refused(`the members of ${name} are not numbered from 1 on`);
      return valueAs(its, type[0], `${name}.${i + 1}`);
    });
  }
  if (Object.hasOwn(models, type)) {
    if (only === '') return {};
    // no model is a text: `acceptFields` says so
    return only ?? readForm(pairs, models[type as keyof typeof models]);
  }
  if (only === undefined) throw unsupportedProperty([name, ...first![0]].join('.'));
  if (type === 'integer' && /^[+-]?\d+$/.test(only)) return Number(only);
  if (type === 'boolean' && /^(?:true|false)$/.test(only)) return only === 'true';
  return type === 'date-time' && WITHOUT_ZONE.test(only) ? `${only}Z` : only;
}

/** By the first part of the name, which is taken off. */
function grouped(pairs: readonly Pair[]): Map<string, Pair[]> {
  const groups = new Map<string, Pair[]>();
  for (const [[name = '', ...rest], value] of pairs) {
    const pair: Pair = [rest, value];
    const its = groups.get(name);
    if (its === undefined) groups.set(name, [pair]);
    else its.push(pair);
  }
  return groups;
}

function membersAt(prefix: string, fields: Fields, value: object): [string, string][] {
  return Object.entries(value).flatMap(([name, member]) => {
    const type = Object.hasOwn(fields, name) ? fields[name]! : 'any';
    return member === undefined || member === null ? [] : pairsOf(`${prefix}${name}`, type, member);
  });
}

function pairsOf(name: string, type: FieldType, value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    const of = typeof type === 'string' ? 'any' : type[0];
    return value.length === 0 ? [[name, '']] : value.flatMap((item, i) => pairsOf(`${name}.${i + 1}`, of, item));
  }
  if (typeof value === 'object' && value !== null) {
    const fields = typeof type === 'string' && Object.hasOwn(models, type) ? models[type as keyof typeof models] : {};
    const members = membersAt(`${name}.`, fields, value);
    return members.length === 0 ? [[name, '']] : members;
  }
  const text = String(value);
  return [[name, type === 'date-time' ? text.replace(/Z$/, '') : text]];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw refused('it is not percent-encoded UTF-8');
  }
}

function refused(why: string): Refusal {
  return new Refusal(wireError('INVALID_ARGUMENT', 'shelver.wire.malformed_form', `The form cannot be read: ${why}.`));
}

/** Half of a character, which no encoding can carry. */
const LONE = /[\u{D800}-\u{DFFF}]/gu;
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$/;
