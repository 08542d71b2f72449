// Values against the fields of their models: an unknown or ill-typed field is refused where a request is read, and kept where
// an answer is read.
import { Refusal, wireError } from './errors.ts';
import { type Fields, type FieldType, type ModelName, models } from './model-fields.ts';

/**
 * Takes only what the type has: null is unset, an unknown field or a wrong type throws a `Refusal` INVALID_ARGUMENT.
 *
 * @example `accept('ChecksumInfo', { checksum: 'ab', algorithm: null })` is `{ checksum: 'ab' }`.
 */
function accept(type: FieldType, value: unknown, where: string): unknown {
  if (type === 'any') return value;
  if (typeof type !== 'string') {
    if (!Array.isArray(value)) throw wrongType(where, 'a list');
    return value.map(member => accept(type[0], member, where));
  }
  if (type === 'string' || type === 'date-time') {
    if (typeof value !== 'string') throw wrongType(where, 'a string');
    return value;
  }
  if (type === 'boolean') {
    if (typeof value !== 'boolean') throw wrongType(where, 'a boolean');
    return value;
  }
  if (type === 'integer') {
    if (!Number.isSafeInteger(value)) throw wrongType(where, 'an integer');
    return value;
  }
  return acceptFields(models[type], value, where);
}

/** Takes the named fields of an object and refuses all others (real text: `Unsupported property with name: x.`). */
export function acceptFields(fields: Fields, value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(where, 'an object');
  const taken: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (!Object.hasOwn(fields, name)) throw unsupportedProperty(name);
    if (member !== null) taken[name] = accept(fields[name]!, member, name);
  }
  return taken;
}

/** What a model from a server holds beyond the fields known here; undefined when there is nothing. */
export function unknownFields(type: ModelName, value: Readonly<Record<string, unknown>>) {
  const extra = Object.entries(value).filter(([name]) => !Object.hasOwn(models[type], name));
  return extra.length > 0 ? Object.fromEntries(extra) : undefined;
}

export function unsupportedProperty(name: string): Refusal {
  return new Refusal(
    wireError(
      'INVALID_ARGUMENT',
      'com.vmware.vapi.rest.unsupported_property',
      `Unsupported property with name: ${shown(name)}.`,
      shown(name)
    )
  );
}

/** A name that anybody may have made up, as a part of one sentence. */
function shown(name: string): string {
  const line = name.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}

function wrongType(where: string, wanted: string): Refusal {
  return new Refusal(
    wireError(
      'INVALID_ARGUMENT',
      'shelver.simulator.wrong_type',
      `The value of ${where} is not ${wanted}.`,
      where,
      wanted
    )
  );
}
