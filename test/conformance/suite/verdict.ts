// What a row comes to: as documented, different, or not served; and how an answer is put in a few words.
import type { Reply } from './send.ts';

/** The server does something else than what is documented. */
export class Difference extends Error {
  override readonly name = 'Difference';
  readonly expected: string;
  readonly came: string;
  constructor(expected: string, came: string) {
    super(`expected ${expected}; ${came}`);
    this.expected = masked(expected);
    this.came = masked(came);
  }
}

/** The server does not have this at all. */
export class NotServed extends Error {
  override readonly name = 'NotServed';
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws a `Difference` unless both are the same as JSON. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [came, wanted] = [JSON.stringify(actual) ?? 'nothing', JSON.stringify(expected) ?? 'nothing'];
  if (came !== wanted) throw new Difference(`${what}: ${wanted}`, `came ${came}`);
}

/** Throws a `Difference` unless it holds. */
export function holds(fact: boolean, expected: string, came: unknown): void {
  if (!fact) throw new Difference(expected, typeof came === 'string' ? came : `came ${JSON.stringify(came)}`);
}

/** Throws a `Difference` unless the reply has this status. */
export function hasStatus(reply: Reply, status: number, what: string): void {
  if (reply.status !== status) throw new Difference(`${what}: status ${status}`, inWords(reply));
}

/** The type of the service's error in an answer, in either envelope. @example `'NOT_FOUND'` */
export function errorTypeIn({ json }: Reply): string | undefined {
  if (!isRecord(json)) return undefined;
  const value = isRecord(json.value) ? json.value : json;
  if (typeof value.error_type === 'string') return value.error_type;
  return typeof json.type === 'string' ? json.type.slice(json.type.lastIndexOf('.') + 1).toUpperCase() : undefined;
}

/** The messages in an error answer, in either envelope. */
export function messagesIn({ json }: Reply): readonly Readonly<Record<string, unknown>>[] {
  if (!isRecord(json)) return [];
  const value = isRecord(json.value) ? json.value : json;
  return Array.isArray(value.messages) ? value.messages.filter(isRecord) : [];
}

/** @example `'status 404 NOT_FOUND'`, `'status 500, plain text'`, `'status 200'` */
export function inWords(reply: Reply): string {
  const type = reply.status >= 400 ? errorTypeIn(reply) : undefined;
  if (type !== undefined) return `came status ${reply.status} ${type}`;
  if (reply.status < 400) return `came status ${reply.status}`;
  if (reply.text.trim() === '') return `came status ${reply.status}, empty`;
  return `came status ${reply.status}, ${reply.json === undefined ? `text "${firstWords(reply.text)}"` : 'JSON without a type'}`;
}

function firstWords(text: string): string {
  return text
    .trim()
    .split(/[\r\n]/, 1)[0]!
    .slice(0, 60);
}

/** What differs from run to run is no difference. */
function masked(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, '…')
    .replace(/:\/\/[^/\s"]+/g, '://…')
    .replace(/conformance-[0-9a-z-]+/g, '…')
    .replace(/(?:\/[\w.-]+){3,}/g, '/…');
}
