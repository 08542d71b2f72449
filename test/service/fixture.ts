// A service under test: it holds the state between calls, counts ids, and its clock stands until it is moved.
import { createHash } from 'node:crypto';
import { type Effect, happen } from '../../src/simulator/service/happen.ts';
import type { Happening } from '../../src/simulator/service/happenings.ts';
import { initialState, type ServiceOptions } from '../../src/simulator/service/initial-state.ts';
import { type Law, law } from '../../src/simulator/service/law.ts';
import { findLink } from '../../src/simulator/service/links.ts';
import { type Outcome, operate } from '../../src/simulator/service/operate.ts';
import type { Rules } from '../../src/simulator/service/rules.ts';
import type { Context, ServiceState } from '../../src/simulator/service/state.ts';
import { findTransfer } from '../../src/simulator/service/transfers.ts';
import type { OperationName, WireArgs } from '../../src/wire/operations.ts';

export type Model = Record<string, unknown>;

export const START = Date.parse('2026-01-01T00:00:00.000Z');

export class Service {
  state: ServiceState;
  at = START;
  user = 'me';
  freed: string[] = [];
  law: Law;
  #ids = 0;
  #blobs = 0;

  constructor(options: Partial<ServiceOptions> = {}, rules: Partial<Rules> = {}, by: Law = law) {
    this.law = by;
    this.state = initialState(
      { baseUrl: 'https://vc', serverGuid: 'guid', rules, libraries: [{ name: 'images' }], ...options },
      this.context()
    );
  }

  context(): Context {
    return { at: this.at, user: this.user, uuid: () => this.uuid() };
  }

  uuid(): string {
    return `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, '0')}`;
  }

  /** The outcome as it is. */
  ask(op: OperationName, args: WireArgs = {}): Outcome {
    const outcome = operate(this.law, this.state, op, args, this.context());
    this.state = outcome.state;
    this.freed.push(...outcome.freed);
    return outcome;
  }

  /** The value of an operation that has to succeed. */
  do<T = unknown>(op: OperationName, args: WireArgs = {}): T {
    const { value, error } = this.ask(op, args);
    if (error) throw new Error(`${op}: ${error.error_type} ${error.messages[0]?.default_message}`);
    return value as T;
  }

  /** `TYPE id args` of an operation that has to be refused. */
  refusal(op: OperationName, args: WireArgs = {}): string {
    const { error } = this.ask(op, args);
    if (!error) throw new Error(`${op} was not refused`);
    return said(error);
  }

  happen(happening: Happening): Effect {
    const effect = happen(this.law, this.state, happening, this.context());
    this.state = effect.state;
    this.freed.push(...effect.freed);
    return effect;
  }

  library(name = 'images'): string {
    return this.do<string[]>('library.find', { spec: { name } })[0]!;
  }

  item(type = '', name = 'one'): string {
    return this.do('item.create', { spec: { library_id: this.library(), name, type } });
  }

  session(item = this.item()): string {
    return this.do('session.create', { spec: { library_item_id: item } });
  }

  /** Adds a file to push and answers the uuid of its upload URL. */
  add(session: string, name: string, more: Model = {}): string {
    const spec = { name, source_type: 'PUSH', ...more };
    const info = this.do<Model>('file.add', { update_session_id: session, spec });
    return this.transfer(session, info.name as string);
  }

  transfer(session: string, name: string): string {
    const found = this.do<Model[]>('file.list', { update_session_id: session }).find(file => file.name === name)!;
    const uri = (found.upload_endpoint as Model).uri as string;
    return uri.split('/').at(-2)!;
  }

  /** The upload uuid of a file that may also be one to pull. */
  transferOf(session: string, name: string): string {
    const keys = this.state.transfers.flatMap(bucket => Object.keys(bucket));
    const mine = (key: string) => {
      const transfer = findTransfer(this.state, key);
      return transfer?.sessionId === session && transfer.fileName === name;
    };
    return keys.find(mine) ?? '';
  }

  /** One whole body. */
  put(transfer: string, content: string, more: Partial<Extract<Happening, { type: 'received' }>> = {}): Effect {
    const { attempt, error } = this.happen({ type: 'begin', transfer });
    if (error) return { state: this.state, freed: [], error };
    return this.happen({ type: 'received', transfer, attempt, ...this.body(transfer, content), ...more });
  }

  body(transfer: string, content: string) {
    const wanted = findTransfer(this.state, transfer)?.algorithms ?? ['SHA1'];
    return received(`blob-${++this.#blobs}`, content, wanted);
  }

  /** Adds and sends. */
  push(session: string, name: string, content = 'content', more: Model = {}): string {
    const transfer = this.add(session, name, more);
    const { error } = this.put(transfer, content);
    if (error) throw new Error(said(error));
    return transfer;
  }

  /** An item with these files. */
  published(files: Readonly<Record<string, string>>): string {
    const item = this.item();
    const session = this.session(item);
    for (const [name, content] of Object.entries(files)) {
      this.push(session, name, content);
    }
    this.at += this.state.settings.rules.validatingMs;
    this.complete(session);
    return item;
  }

  download(item: string): string {
    return this.do('download.create', { spec: { library_item_id: item } });
  }

  /** The uuid of a file's download URL; '' when there is none. */
  linkOf(session: string, name: string): string {
    const keys = this.state.links.flatMap(bucket => Object.keys(bucket));
    const mine = (key: string) => {
      const link = findLink(this.state, key);
      return link?.sessionId === session && link.fileName === name;
    };
    return keys.find(mine) ?? '';
  }

  get(session: string): Model {
    return this.do('session.get', { update_session_id: session });
  }

  file(session: string, name: string): Model {
    return this.do('file.get', { update_session_id: session, file_name: name });
  }

  complete(session: string): void {
    this.do('session.complete', { update_session_id: session });
  }
}

export function received(blob: string, content: string, algorithms: readonly string[] = ['SHA1']) {
  const digests = algorithms.map(algorithm => ({ algorithm, checksum: hash(algorithm, content) }));
  return { size: Buffer.byteLength(content), digests, blob, text: content };
}

export function hash(algorithm: string, content: string): string {
  return createHash(algorithm.toLowerCase()).update(content).digest('hex');
}

export function said(error: NonNullable<Outcome['error']>): string {
  const { id, args } = error.messages[0]!;
  return [error.error_type, id, ...args].join(' ');
}
