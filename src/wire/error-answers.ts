// Errors on the wire: how each dialect writes one, in JSON or XML, and how an error answer of any server is read back,
// vcsim's empty and plain-text ones too.
import type { ServiceMessage } from '../../machines/vocabulary.ts';
import { isRecord, type ReceivedError, serviceMessage, statusOf, type WireError } from './errors.ts';
import { readJson } from './json.ts';
import type { Fields } from './model-fields.ts';
import type { Dialect } from './operations.ts';
import { readAnswer, writeFields } from './xml-fields.ts';

/** An answer without its headers: `body` is to be sent as JSON, `xml` as it is. */
export interface Written {
  readonly status: number;
  readonly body?: unknown;
  readonly xml?: string;
}

export interface ErrorStyle {
  /** JSON unless said otherwise. */
  readonly as?: 'json' | 'xml';
  /** In /rest before 7.0 only the type beside the value told which error it is; so it always is in 2014. */
  readonly unnamed?: boolean;
}

/**
 * An error as a dialect writes it. No document shows one in XML: `Error`, with the members of the JSON form, is our
 * judgement.
 */
export function encodeError(dialect: Dialect, error: WireError, { as, unnamed }: ErrorStyle = {}): Written {
  const status = statusOf(dialect, error.error_type);
  if (dialect === 'api') return { status, body: error };
  const type = `com.vmware.vapi.std.errors.${error.error_type.toLowerCase()}`;
  const before = dialect === '2014' ? legacy(status, error) : {};
  const body = { ...before, type, value: dialect === '2014' || unnamed ? withoutName(error) : error };
  return as !== 'xml' ? { status, body } : { status, xml: writeFields(ERROR, body, 'replace') };
}

/** Reads an error answer of any dialect; what cannot be read is left out. */
export function decodeError(status: number, body: string | undefined): ReceivedError {
  const text = body?.trim() ?? '';
  const found = text.startsWith('<') ? fromXml(text) : fromJson(text);
  if (!isRecord(found))
    return { status, messages: [], ...(text && !text.startsWith('<') && { text: firstLine(text) }) };
  const value = isRecord(found.value) ? found.value : found;
  const errorType = typeof value.error_type === 'string' ? value.error_type : typeIn(found.type);
  const messages = messagesIn(value.messages);
  return {
    status,
    ...(errorType !== undefined && { errorType }),
    messages: messages.length > 0 ? messages : legacyMessages(found.localizableMessages)
  };
}

/** What the REST layer of 6.0 says beside the type and value of the error. */
function legacy(status: number, { messages, error_type }: WireError) {
  return {
    name: messages[0]?.id ?? error_type,
    localizableMessages: messages.map(({ id, default_message, args }) => ({
      id,
      defaultMessage: default_message,
      args: [...args]
    })),
    majorErrorCode: status
  };
}

function withoutName({ error_type: _, ...value }: WireError): Omit<WireError, 'error_type'> {
  return value;
}

const ERROR = { root: 'Error', namespace: 'http://vmware.com/vapi/std/errors' };
const ERROR_FIELDS: Fields = {
  type: 'string',
  value: 'ErrorValue',
  name: 'string',
  localizableMessages: ['LegacyMessage'],
  majorErrorCode: 'integer'
};

function fromXml(text: string): unknown {
  try {
    return readAnswer(text, ERROR.root, ERROR_FIELDS);
  } catch {
    // a page of whatever stands before the server
    return undefined;
  }
}

function fromJson(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

function messagesIn(value: unknown): ServiceMessage[] {
  if (!Array.isArray(value)) return [];
  return value.map(serviceMessage).filter(message => message !== undefined);
}

function legacyMessages(value: unknown): ServiceMessage[] {
  if (!Array.isArray(value)) return [];
  return messagesIn(value.map(each => (isRecord(each) ? { ...each, default_message: each.defaultMessage } : each)));
}

/** `com.vmware.vapi.std.errors.not_found` → `NOT_FOUND`. */
function typeIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(value.lastIndexOf('.') + 1).toUpperCase() : undefined;
}

function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0]!.slice(0, 300);
}
