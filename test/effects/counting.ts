// Ports that answer every call with its name and count, and the arguments of every effect.
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import type { Means } from '../../src/effects/calls.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { ContentLibrary, FetchRequest, PushRequest, Target } from '../../src/ports.ts';
import { createRetryBudget } from '../../src/retry-budget.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { virtualClock } from '../../src/simulator/index.ts';
import { inlineHasher } from '../../src/simulator/inline-hasher.ts';
import { bytesOf } from '../run/bytes.ts';

type Counted = readonly [method: string, args: readonly unknown[]];

export const CONTENT = 'the quick brown fox';
const FILE = { name: 'fox.bin', source: bytesOf(CONTENT, 4) };

export function counting(answer: (method: string) => unknown = method => method) {
  const calls: Counted[] = [];
  const sent: [string, number][] = [];
  const received: [string, number][] = [];
  let reads = 0;
  let disposed = 0;
  const noted = (method: string, args: unknown[]): unknown => {
    calls.push([method, args]);
    return answer(method);
  };
  const library = new Proxy({ server: PROFILES['8.0'] } as ContentLibrary, {
    get: (target, key) => (key === 'server' ? target.server : async (...args: unknown[]) => noted(String(key), args))
  });
  const written: (readonly [at: number, bytes: number])[] = [];
  const target: Target = {
    place: '/srv',
    find: async (...args) => noted('findTarget', args) as never,
    openPart: async (...args) => noted('openPart', args) as never,
    part: () => ({
      write: async (chunk, at) => {
        written.push([at, chunk.length]);
      }
    }),
    read: async () => FILE.source,
    keep: async (...args) => noted('keep', args) as never,
    dropPart: async (...args) => noted('dropPart', args) as never,
    close: async () => undefined
  };
  const clock = virtualClock(1_000);
  const means: Means = {
    library,
    bytes: {
      push: async (request: PushRequest) => {
        request.onSent?.(7);
        return noted('push', [request]) as never;
      },
      fetch: async (request: FetchRequest) => {
        await request.sink.write(new Uint8Array(4), request.from);
        return noted('fetch', [request]) as never;
      }
    },
    clock,
    random: { next: () => 0.25, uuid: () => 'u' },
    journal: { ...memoryJournal(), ownersOf: async sessions => noted('ownersOf', [sessions]) as never },
    hasher: {
      start: algorithms => {
        const hashing = inlineHasher.start(algorithms);
        return {
          ...hashing,
          dispose: () => {
            disposed += 1;
          }
        };
      }
    },
    budget: createRetryBudget(),
    serverName: 'test',
    files: [
      {
        ...FILE,
        source: {
          size: FILE.source.size,
          read: () => {
            reads += 1;
            return FILE.source.read();
          }
        }
      }
    ],
    onSent: (file, bytes) => sent.push([file, bytes]),
    target,
    onReceived: (file, bytes) => received.push([file, bytes]),
    progress: () => 40
  };
  return { means, calls, sent, received, written, clock, reads: () => reads, disposed: () => disposed };
}

export const ARGS: { readonly [K in Op]: Extract<CallSpec, { op: K }>['args'] } = {
  findLibraries: { name: 'images' },
  getLibrary: { id: 'l' },
  findItems: { libraryId: 'l', name: 'fox' },
  getItem: { id: 'i' },
  createItem: { libraryId: 'l', name: 'fox', type: 'iso', token: 't' },
  deleteItem: { id: 'i' },
  listItemFiles: { itemId: 'i' },
  createSession: { itemId: 'i', token: 't', before: ['s0'] },
  listSessions: { itemId: 'i' },
  getSession: { id: 's' },
  updateSession: { id: 's', warnings: [{ type: 'W', ignored: true }] },
  keepAlive: { id: 's' },
  complete: { id: 's' },
  cancelSession: { id: 's' },
  failSession: { id: 's', message: 'm' },
  deleteSession: { id: 's' },
  addFile: { sessionId: 's', name: 'fox.bin', size: 19, digest: { algorithm: 'SHA1', checksum: 'ab' } },
  getFile: { sessionId: 's', name: 'fox.bin' },
  listFiles: { sessionId: 's' },
  removeFile: { sessionId: 's', name: 'fox.bin' },
  validate: { sessionId: 's' },
  keepLogin: {},
  ownersOf: { sessions: ['s'] },
  push: { sessionId: 's', file: 0, name: 'fox.bin', size: 19, uri: 'http://s/cls/data/secret/fox.bin', hash: ['SHA1'] },
  digest: { file: 0, name: 'fox.bin', algorithm: 'SHA256' },
  createDownloadSession: { itemId: 'i', token: 't', before: ['s0'] },
  listDownloadSessions: { itemId: 'i' },
  getDownloadSession: { id: 's' },
  keepDownloadAlive: { id: 's' },
  cancelDownload: { id: 's' },
  failDownload: { id: 's', message: 'm' },
  deleteDownloadSession: { id: 's' },
  prepareFile: { sessionId: 's', name: 'fox.bin' },
  listDownloadFiles: { sessionId: 's' },
  getDownloadFile: { sessionId: 's', name: 'fox.bin' },
  fetch: { sessionId: 's', name: 'fox.bin', size: 19, uri: 'http://s/cls/data/secret/fox.bin', from: 15 },
  findTarget: { name: 'fox.bin', run: 'r' },
  openPart: { name: 'fox.bin', run: 'r' },
  digestTarget: { name: 'fox.bin', what: 'part', algorithm: 'SHA256' },
  keep: { name: 'fox.bin', replace: true },
  dropPart: { name: 'fox.bin', run: 'r' }
};
/** Effects that answer with something of their own. */
export const OWN: readonly Op[] = ['digest', 'digestTarget', 'fetch'];
export const OPS = Object.keys(ARGS) as Op[];
export const never = new AbortController().signal;
