// A row of the seeds table: one request and its answer, as one of the four documents has them, in our words.
import type { FailureCode } from '../../../machines/vocabulary.ts';
import type { Rules } from '../../../src/simulator/service/rules.ts';
import type { TokenPlace, Wording } from '../../../src/wire/codec.ts';
import type { Dialect, OperationName, WireArgs } from '../../../src/wire/operations.ts';
import type { Answer, Stage } from './stage.ts';

/** Ids that arranging made, by the name that the row gives them. */
export type Names = Readonly<Record<string, string>>;

export interface RawRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Which document: the number of the seed, and the operation that it is about. */
export interface Document {
  readonly seed: '000' | '001' | '002' | '003';
  readonly title: string;
  /** The server that speaks it. */
  readonly profile: '6.0' | '6.5' | '9.0';
}

export interface SeedRow {
  readonly id: string;
  /** What the document says, in one sentence. */
  readonly says: string;
  /** The document leaves it open: our own judgement. */
  readonly judged?: true;
  readonly rules?: Partial<Rules>;
  /** Who asks: `user`, whom nothing is forbidden, unless said otherwise. */
  readonly user?: string;
  arrange(stage: Stage): Promise<Names>;
  /** As it goes over the wire. */
  request(names: Names): RawRequest;
  /** How our client is told to make that request. */
  readonly call: {
    readonly op: OperationName;
    readonly dialect: Dialect;
    args(names: Names): WireArgs;
    readonly tokenPlace?: TokenPlace;
    readonly wording?: Wording;
  };
  readonly answer: {
    readonly status: number;
    readonly media?: 'application/json' | 'application/xml';
    /** In words. */
    readonly is: string;
  };
  /** What else has to be so in the answer, and after it. */
  check?(answer: Answer, names: Names, stage: Stage): Promise<void> | void;
  /** Everything that the document shows in the answer, as a server may send it. */
  readonly sample?: string;
  /** What our client reads: an error by its code, or a value to look at. */
  readonly reads: FailureCode | ((value: unknown) => void);
}

export function json(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): RawRequest {
  if (body === undefined) return { method, path, headers };
  return { method, path, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** `answered`: how the answer is wanted; XML unless said otherwise. */
export function xml(path: string, body: string): RawRequest {
  const headers = { 'content-type': 'application/xml', accept: 'application/xml' };
  return { method: 'POST', path, headers, body: `<?xml version="1.0" ?>\n${body}` };
}

export function form(path: string, pairs: Readonly<Record<string, string | number>>): RawRequest {
  const body = Object.entries(pairs).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', path, headers, body: body.join('&') };
}
