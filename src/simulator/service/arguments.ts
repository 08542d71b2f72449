// Arguments of operations as the service takes them: what is missing or not allowed is refused, whichever door it came by.
import type { Digest } from '../../../machines/vocabulary.ts';
import type { WireArgs } from '../../wire/operations.ts';
import { concurrentChange, invalid } from './refusals.ts';

type Spec = Readonly<Record<string, unknown>>;

/** A required text. */
export function needed(args: Spec, name: string): string {
  const value = args[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid('missing_property', `The property ${name} is required.`, name);
}

/** The specification among the arguments; none is an empty one. */
export function specOf(args: WireArgs): Spec {
  return (args.spec ?? {}) as Spec;
}

export function text(spec: Spec, name: string): string | undefined {
  return spec[name] as string | undefined;
}

/** A client token has to be a UUID. */
export function tokenOf(args: WireArgs): string | undefined {
  const token = args.client_token;
  if (token === undefined) return undefined;
  if (typeof token === 'string' && UUID.test(token)) return token.toLowerCase();
  throw invalid('token_not_uuid', `The client token ${String(token)} is not a UUID.`, String(token));
}
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A name and description as the service bounds them: 80 and 2000 characters. */
export function checkTexts(spec: Spec): void {
  if (spec.name !== undefined && (spec.name === '' || (spec.name as string).length > 80)) {
    throw invalid('bad_name', 'A name has 1 to 80 characters.', String(spec.name));
  }
  if (typeof spec.description === 'string' && spec.description.length > 2000) {
    throw invalid('bad_description', 'A description has at most 2000 characters.');
  }
}

/** A version in an update is the one that it was made for: another one of now means that somebody else was quicker. */
export function checkVersion(spec: Spec, what: string, version: number): void {
  const given = text(spec, 'version');
  if (given !== undefined && given !== String(version)) throw concurrentChange(what, String(version), given);
}

/** Names and types are compared without regard to case; what is not asked for matches. */
export function matches(value: string, wanted: unknown): boolean {
  return wanted === undefined || value.toLowerCase() === String(wanted).toLowerCase();
}

/** One path segment, so that no name can lead out of the item. */
export function fileNameOf(spec: Spec): string {
  const name = needed(spec, 'name');
  if (isFileName(name)) return name;
  throw invalid('bad_file_name', `The file name ${JSON.stringify(name)} is not allowed.`, name);
}

export function isFileName(name: string): boolean {
  return !/[/\\\p{Cc}]/u.test(name) && !['', '.', '..'].includes(name) && Buffer.byteLength(name) <= 255;
}

/** Of a file to add. govc says -1 where the source of a PULL does not tell; of a PUSH it makes no sense. */
export function sizeOf(spec: Spec): number | undefined {
  const size = spec.size as number | undefined;
  if (size === -1 && spec.source_type === 'PULL') return undefined;
  if (size !== undefined && size < 0) throw invalid('bad_size', `The size ${size} is negative.`, String(size));
  return size;
}

/** Of a keep-alive; none is 0. */
export function progressOf(value: unknown): number {
  const progress = (value ?? 0) as number;
  if (progress >= 0 && progress <= 100) return progress;
  throw invalid('bad_progress', `The progress ${progress} is not between 0 and 100.`, String(progress));
}

/** The announced checksum; without an algorithm it is SHA-1. */
export function digestOf(spec: Spec, algorithms: readonly string[]): Digest | undefined {
  const info = spec.checksum_info as Spec | undefined;
  if (info === undefined) return undefined;
  const algorithm = text(info, 'algorithm') ?? 'SHA1';
  if (!algorithms.includes(algorithm)) {
    throw invalid('unknown_algorithm', `The checksum algorithm ${algorithm} is not supported.`, algorithm);
  }
  return { algorithm, checksum: needed(info, 'checksum').toLowerCase() };
}
