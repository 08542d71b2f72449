// The run's log and its byte counts, folded into what is the case now. Pure but for the model, which it changes in place:
// an item may have thousands of files. It reads no time and knows no stream.
import type { Failure } from '../../machines/vocabulary.ts';
import { phaseOf } from '../events/phase.ts';
import type { FileBytes, FileRole, ListedFile, Outcome, RunEvent } from '../events/records.ts';

export interface FileState {
  readonly name: string;
  /** Of a download, and of what the service fetches, it may be known only as bytes come. */
  size: number;
  /** Nobody has said yet how large it is. */
  unsized?: boolean;
  readonly role: FileRole;
  /** The service fetches it by itself: what moves is what it has accepted. */
  readonly pull?: true;
  /** `queued` until its machine says something. */
  state: string;
  /** Pushes begun; 0 before the first. */
  attempt: number;
  /** Of the current attempt. */
  sent: number;
  accepted: number;
  /** Where the current attempt began, once it is known. */
  from?: number;
}

/** A wait that a person should know of: something failed and is tried again, or it says why. */
export interface Wait {
  readonly path: string;
  readonly file?: string;
  readonly until: number;
  readonly why: string;
}

export interface Retry {
  readonly at: number;
  readonly path: string;
  readonly file?: string;
  readonly op: string;
  readonly until: number;
  readonly failure: Failure;
}

export interface Model {
  run: string;
  server: string;
  to: string;
  /** Absent: an upload. */
  kind?: 'download';
  startedAt: number;
  /** The upload's state as its machine names it; '' before the first. */
  state: string;
  readonly files: FileState[];
  readonly byName: Map<string, FileState>;
  readonly waits: Map<string, Wait>;
  /** What failed last, by the machine that asked. */
  readonly failures: Map<string, { op: string; failure: Failure }>;
  retries: number;
  /** Names of files that have waited since they were last pushed. */
  readonly waited: Set<string>;
  /** Bytes handed to the network over all attempts of all files. */
  sentInAll: number;
  ended?: { readonly at: number; readonly outcome: Outcome; readonly failure?: Failure };
}

export function emptyModel(): Model {
  return {
    run: '',
    server: '',
    to: '',
    startedAt: 0,
    state: '',
    files: [],
    byName: new Map(),
    waits: new Map(),
    failures: new Map(),
    retries: 0,
    waited: new Set(),
    sentInAll: 0
  };
}

/** Takes one event in, and says so when it begins a wait before the next try. */
export function applyEvent(model: Model, event: RunEvent): Retry | undefined {
  switch (event.type) {
    case 'started':
      begin(model, event);
      return undefined;
    case 'listed':
      list(model, event.files);
      return undefined;
    case 'state':
      enter(model, event);
      return undefined;
    case 'gone':
      forget(model, event.path);
      return undefined;
    case 'call':
      model.waits.delete(ownerOf(event.path));
      if (event.op === 'push' || event.op === 'fetch' || event.op === 'addFile') {
        const file = fileOf(model, event.path, event.about);
        if (event.op !== 'addFile' || file?.pull) beginTry(model, file, event.op, event.from);
      }
      return undefined;
    case 'answer':
      // A good answer does not clear it: the machine may have asked, learned nothing, and wait on for the same reason.
      if (event.failure !== undefined) {
        model.failures.set(ownerOf(event.path), { op: event.op, failure: event.failure });
      }
      return undefined;
    case 'waiting':
      return wait(model, event);
    case 'facts':
      for (const [index, { outcome }] of Object.entries(event.changed.files ?? {})) {
        const file = model.files[Number(index)];
        if (file !== undefined && isThere(outcome)) settle(file, outcome);
      }
      return undefined;
    case 'ended':
      model.waits.clear();
      // What failed before it could begin took no time.
      if (model.run === '') model.startedAt = event.at;
      model.ended = { at: event.at, outcome: event.outcome, ...(event.failure && { failure: event.failure }) };
      return undefined;
  }
}

/**
 * Takes byte counts in. Within an attempt they only rise, and never above the size.
 *
 * @returns bytes sent since the last call, for the rate.
 */
export function applyBytes(model: Model, name: string, { sent, accepted, from }: FileBytes): number {
  const file = model.byName.get(name);
  if (file === undefined) return 0;
  if (from !== undefined && from !== file.from) {
    // What came before this attempt did not come over the network now.
    file.from = from;
    file.sent = from;
  }
  if (model.kind === 'download' && sent > file.size) file.size = sent;
  if (file.pull) return fetchedMore(file, accepted);
  const before = file.sent;
  file.sent = Math.max(before, Math.min(sent, file.size));
  file.accepted = Math.max(file.accepted, Math.min(accepted, file.size));
  model.sentInAll += file.sent - before;
  return file.sent - before;
}

/** Nothing is sent from here: the pace is that of the service. */
function fetchedMore(file: FileState, accepted: number): number {
  const before = file.accepted;
  if (file.unsized) file.size = Math.max(file.size, accepted);
  file.accepted = Math.max(before, Math.min(accepted, file.size));
  return file.accepted - before;
}

/** Whether nothing more will be sent of a file. */
export function isSettled(file: FileState): boolean {
  return isThere(file.state) || file.state === 'failed';
}

/** Whether the file is where it should be. */
export function isThere(state: string): state is There {
  return state === 'ready' || state === 'unchanged' || state === 'kept' || state === 'skipped';
}
type There = 'ready' | 'unchanged' | 'kept' | 'skipped';

function begin(model: Model, event: Extract<RunEvent, { type: 'started' }>): void {
  const { run, server, to, at, files, kind } = event;
  Object.assign(model, { run, server, to, startedAt: at, ...(kind && { kind }) });
  list(model, files);
}

function list(model: Model, files: readonly ListedFile[]): void {
  for (const { name, size, role, pull } of files) {
    if (model.byName.has(name)) continue;
    const file: FileState = {
      name,
      size: size ?? 0,
      ...(size === undefined && { unsized: true }),
      role,
      ...(pull && { pull }),
      state: 'queued',
      attempt: 0,
      sent: 0,
      accepted: 0
    };
    model.files.push(file);
    model.byName.set(name, file);
  }
}

function enter(model: Model, event: Extract<RunEvent, { type: 'state' }>): void {
  if (event.path === '') model.state = event.state;
  // A state called waiting may be told before or after the wait itself.
  if (event.state !== 'waiting') model.waits.delete(event.path);
  if (!/^file:[^/]*$/.test(event.path)) return;
  const file = fileOf(model, event.path, event.file);
  if (file === undefined) return;
  file.state = phaseOf(event.state);
  if (isThere(file.state)) settle(file, file.state);
}

/** It is all there, whatever was counted on the way. */
function settle(file: FileState, outcome: There): void {
  file.state = outcome;
  file.accepted = file.size;
  if (file.unsized) file.unsized = false;
  if (file.attempt > 0 && !file.pull) file.sent = file.size;
}

function beginTry(model: Model, file: FileState | undefined, op: 'push' | 'fetch' | 'addFile', from?: number): void {
  if (file === undefined) return;
  // Sent again without a wait: it was added anew, because what arrived was refused or its session is gone.
  if (!model.waited.delete(file.name) && file.attempt > 0) model.retries += 1;
  file.attempt += 1;
  // A fetch goes on from somewhere; of one that does not say from where, the first count does.
  file.from = from;
  if (op === 'fetch' && from === undefined) return;
  file.sent = from ?? 0;
  if (op === 'fetch') return;
  file.accepted = 0;
}

function wait(model: Model, event: Extract<RunEvent, { type: 'waiting' }>): Retry | undefined {
  const { at, path, until, why } = event;
  const owner = ownerOf(path);
  const failed = model.failures.get(owner);
  const name = fileOf(model, path, undefined)?.name;
  const file = name === undefined ? {} : { file: name };
  const reason = why ?? failed?.failure.message;
  if (reason !== undefined) model.waits.set(owner, { path, ...file, until, why: reason });
  if (failed === undefined) return undefined;
  model.retries += 1;
  if (name !== undefined) model.waited.add(name);
  return { at, path, ...file, op: failed.op, until, failure: failed.failure };
}

function forget(model: Model, path: string): void {
  for (const map of [model.waits, model.failures]) {
    for (const owner of map.keys()) if (owner === path || owner.startsWith(`${path}/`)) map.delete(owner);
  }
}

/** The machine that an effect belongs to. @example `ownerOf('file:0/pushing/call')` is `'file:0/pushing'`. */
function ownerOf(path: string): string {
  return path.replace(/(^|\/)[^/]*$/, '');
}

function fileOf(model: Model, path: string, name: string | undefined): FileState | undefined {
  const index = /^file:(\d+)/.exec(path)?.[1];
  return (
    (name === undefined ? undefined : model.byName.get(name)) ??
    (index === undefined ? undefined : model.files[Number(index)])
  );
}
