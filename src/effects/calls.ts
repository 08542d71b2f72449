// Name → one port call. No loop, retry, wait or decision in here: those stand in machines/workflow.
import type { Calls, Op, ValueOf } from '../../machines/workflow/calls.ts';
import type { PlannedFile, PulledFile } from '../plan.ts';
import { type ByteSource, type Hasher, PortFailure, type Ports, type PushRequest, type Target } from '../ports.ts';
import { counting } from './counting.ts';

/** What an effect may use: the ports, the planned files by index, and a place for byte counts. */
export interface Means extends Ports {
  readonly files: readonly (Pick<PlannedFile, 'name' | 'source'> | Pick<PulledFile, 'name' | 'pull'>)[];
  /** Bytes of the running attempt handed to the network, per file. They go beside the charts, into progress. */
  onSent(file: string, sent: number): void;
  /** Where a download goes; uploads have none. */
  readonly target?: Target;
  /** Bytes of a file that are in its part, from the beginning of the file. */
  onReceived?(file: string, received: number): void;
  /** How far the run is, in percent: what its session is told with a sign of life. */
  progress?(of: 'moved' | 'accepted'): number | undefined;
}

type Effects = { readonly [K in Op]: (means: Means, args: Calls[K][0], signal: AbortSignal) => Promise<ValueOf<K>> };

export const effects: Effects = {
  findLibraries: ({ library }, { name }, signal) => library.findLibraries({ name }, { signal }),
  getLibrary: ({ library }, { id }, signal) => library.getLibrary(id, { signal }),
  findItems: ({ library }, by, signal) => library.findItems(by, { signal }),
  getItem: ({ library }, { id }, signal) => library.getItem(id, { signal }),
  createItem: ({ library }, { token, ...spec }, signal) => library.createItem(spec, { token, signal }),
  deleteItem: ({ library }, { id }, signal) => none(library.deleteItem(id, { signal })),
  listItemFiles: ({ library }, { itemId }, signal) => library.listItemFiles(itemId, { signal }),
  createSession: ({ library }, { itemId, token }, signal) => library.createSession({ itemId }, { token, signal }),
  listSessions: ({ library }, by, signal) => library.listSessions(by, { signal }),
  getSession: ({ library }, { id }, signal) => library.getSession(id, { signal }),
  updateSession: ({ library }, { id, warnings }, signal) => none(library.updateSession(id, { warnings }, { signal })),
  keepAlive: ({ library, progress }, { id }, signal) => none(library.keepAlive(id, progress?.('accepted'), { signal })),
  complete: ({ library }, { id }, signal) => none(library.complete(id, { signal })),
  cancelSession: ({ library }, { id }, signal) => none(library.cancelSession(id, { signal })),
  failSession: ({ library }, { id, message }, signal) => none(library.failSession(id, message, { signal })),
  deleteSession: ({ library }, { id }, signal) => none(library.deleteSession(id, { signal })),
  addFile: ({ library, files }, { sessionId, pull, ...spec }, signal) =>
    library.addFile(
      sessionId,
      pull === undefined
        ? { ...spec, sourceType: 'PUSH' }
        : { ...spec, sourceType: 'PULL', source: fetchedFrom(files, pull) },
      { signal }
    ),
  getFile: ({ library }, { sessionId, name }, signal) => library.getFile(sessionId, name, { signal }),
  listFiles: ({ library }, { sessionId }, signal) => library.listFiles(sessionId, { signal }),
  removeFile: ({ library }, { sessionId, name }, signal) => none(library.removeFile(sessionId, name, { signal })),
  validate: ({ library }, { sessionId }, signal) => library.validate(sessionId, { signal }),
  keepLogin: ({ library }, _, signal) => none(library.keepLogin({ signal })),
  ownersOf: async ({ journal }, { sessions }) => (await journal.ownersOf?.(sessions)) ?? [],
  push: (means, { file, name, uri, hash }, signal) =>
    means.bytes.push(pushRequest(means, file, name, uri, hash, signal)),
  digest: ({ hasher, files }, { file, algorithm }, signal) =>
    digestOf(hasher, sourceOf(files, file), algorithm, signal),

  createDownloadSession: ({ library }, { itemId, token }, signal) =>
    library.createDownloadSession({ itemId }, { token, signal }),
  listDownloadSessions: ({ library }, by, signal) => library.listDownloadSessions(by, { signal }),
  getDownloadSession: ({ library }, { id }, signal) => library.getDownloadSession(id, { signal }),
  keepDownloadAlive: ({ library, progress }, { id }, signal) =>
    none(library.keepDownloadAlive(id, progress?.('moved'), { signal })),
  cancelDownload: ({ library }, { id }, signal) => none(library.cancelDownload(id, { signal })),
  failDownload: ({ library }, { id, message }, signal) => none(library.failDownload(id, message, { signal })),
  deleteDownloadSession: ({ library }, { id }, signal) => none(library.deleteDownloadSession(id, { signal })),
  prepareFile: ({ library }, { sessionId, name }, signal) => library.prepareFile(sessionId, name, { signal }),
  listDownloadFiles: ({ library }, { sessionId }, signal) => library.listDownloadFiles(sessionId, { signal }),
  getDownloadFile: ({ library }, { sessionId, name }, signal) => library.getDownloadFile(sessionId, name, { signal }),
  fetch: fetchInto,
  findTarget: async (means, { name, run }, signal) => (await targetOf(means).find(name, run, { signal })) ?? null,
  openPart: (means, { name, run }, signal) => targetOf(means).openPart(name, run, { signal }),
  digestTarget: async (means, { name, what, algorithm }, signal) =>
    digestOf(means.hasher, await targetOf(means).read(name, what, { signal }), algorithm, signal),
  keep: (means, { name, replace }, signal) => none(targetOf(means).keep(name, replace, { signal })),
  dropPart: (means, { name, run }, signal) => targetOf(means).dropPart(name, run, { signal })
};

/** How far it came is counted where the bytes are written, so that the next attempt begins at what is really there. */
async function fetchInto(
  means: Means,
  { name, uri, from }: Calls['fetch'][0],
  signal: AbortSignal
): Promise<ValueOf<'fetch'>> {
  const { sink, received } = counting(targetOf(means).part(name), from, far => means.onReceived?.(name, far));
  try {
    await means.bytes.fetch({ uri, from, sink, signal });
    return { received: received() };
  } catch (cause) {
    if (!(cause instanceof PortFailure)) throw cause;
    throw new PortFailure({ received: received(), ...cause.failure }, { cause: cause.cause });
  }
}

function targetOf({ target }: Means): Target {
  if (target === undefined) throw new Error('there is no folder to download to');
  return target;
}

function pushRequest(
  means: Means,
  file: number,
  name: string,
  uri: string,
  hash: PushRequest['hash'],
  signal: AbortSignal
): PushRequest {
  return { uri, hash, signal, source: sourceOf(means.files, file), onSent: sent => means.onSent(name, sent) };
}

function sourceOf(files: Means['files'], index: number): PlannedFile['source'] {
  const file = files[index];
  if (file === undefined || 'pull' in file) throw new Error(`the plan has no file ${index} to read`);
  return file.source;
}

function fetchedFrom(files: Means['files'], index: number): PulledFile['pull'] {
  const file = files[index];
  if (file === undefined || !('pull' in file)) throw new Error(`the plan has no file ${index} to be fetched`);
  return file.pull;
}

async function digestOf(
  hasher: Hasher,
  source: ByteSource,
  algorithm: Calls['digest'][0]['algorithm'],
  signal: AbortSignal
): Promise<ValueOf<'digest'>> {
  const hashing = hasher.start([algorithm]);
  try {
    for await (const chunk of source.read(signal)) await hashing.update(chunk);
    const [digest] = await hashing.digest();
    return digest as ValueOf<'digest'>;
  } finally {
    hashing.dispose();
  }
}

async function none(call: Promise<void>): Promise<null> {
  await call;
  return null;
}
