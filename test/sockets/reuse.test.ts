// A connection that is kept for the next request and dies before, or with it: the race of every client that keeps connections. A
// read is made again at once; what changes something is not, unless the server cannot have seen it, and never behind the back
// of the machines: they are told that it is in doubt.
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../machines/vocabulary.ts';
import { type ContentLibrary, PortFailure } from '../../src/ports.ts';
import { lined } from './lines.ts';
import type { TcpProxy } from './proxy.ts';
import { ALL, each, LINES } from './sweep.ts';

const ID = '7b1f0c2e-1111-4222-8333-944445555666';

const READS: Readonly<Record<string, (library: ContentLibrary) => Promise<unknown>>> = {
  listLibraries: library => library.listLibraries(),
  getLibrary: library => library.getLibrary(ID),
  listItems: library => library.listItems(ID),
  getItem: library => library.getItem(ID),
  listItemFiles: library => library.listItemFiles(ID),
  listTypes: library => library.listTypes(),
  listSessions: library => library.listSessions(),
  getSession: library => library.getSession(ID),
  listFiles: library => library.listFiles(ID),
  getFile: library => library.getFile(ID, 'fox'),
  listDownloadSessions: library => library.listDownloadSessions(),
  getDownloadSession: library => library.getDownloadSession(ID),
  listDownloadFiles: library => library.listDownloadFiles(ID),
  getDownloadFile: library => library.getDownloadFile(ID, 'fox')
};
const CHANGES: typeof READS = {
  // By POST, though they change nothing: the client goes by the method.
  findLibraries: library => library.findLibraries({ name: 'images' }),
  findItems: library => library.findItems({ name: 'fox' }),
  validate: library => library.validate(ID),
  createLibrary: library => library.createLibrary({ name: 'more' }),
  createItem: library => library.createItem({ libraryId: ID, name: 'fox' }),
  updateItem: library => library.updateItem(ID, { name: 'hen' }),
  copyItem: library => library.copyItem(ID, { libraryId: ID, name: 'hen' }),
  deleteItem: library => library.deleteItem(ID),
  createSession: library => library.createSession({ itemId: ID }),
  updateSession: library => library.updateSession(ID, { warnings: [] }),
  keepAlive: library => library.keepAlive(ID),
  complete: library => library.complete(ID),
  cancelSession: library => library.cancelSession(ID),
  failSession: library => library.failSession(ID, 'no'),
  deleteSession: library => library.deleteSession(ID),
  addFile: library => library.addFile(ID, { name: 'fox', sourceType: 'PUSH' }),
  removeFile: library => library.removeFile(ID, 'fox'),
  createDownloadSession: library => library.createDownloadSession({ itemId: ID }),
  keepDownloadAlive: library => library.keepDownloadAlive(ID),
  prepareFile: library => library.prepareFile(ID, 'fox'),
  cancelDownload: library => library.cancelDownload(ID),
  deleteDownloadSession: library => library.deleteDownloadSession(ID)
};

/** When the connection dies that has been kept. */
const DEATHS: Readonly<Record<string, (proxy: TcpProxy) => void>> = {
  'closed while nobody spoke': proxy => proxy.cut('close'),
  'reset while nobody spoke': proxy => proxy.cut('reset'),
  'reset when the request comes': proxy => proxy.arm({ toxic: 'reset', way: 'request', after: 0 }),
  'closed when the request comes': proxy => proxy.arm({ toxic: 'halfClose', way: 'request', after: 0 }),
  'reset before the answer': proxy => proxy.arm({ toxic: 'reset', way: 'answer', after: 0 }),
  'closed within the answer': proxy => proxy.arm({ toxic: 'halfClose', way: 'answer', after: 90 })
};

/** What came of it: how the service was heard, or why not. */
async function outcomeOf(call: Promise<unknown>): Promise<Failure | 'answered'> {
  try {
    await call;
    return 'answered';
  } catch (cause) {
    if (!(cause instanceof PortFailure)) throw cause;
    return cause.failure.service === undefined && cause.failure.code === 'CONNECTION' ? cause.failure : 'answered';
  }
}

const rows = Object.keys(DEATHS).flatMap((death, at) =>
  LINES.map((line, other) => ({ death, line, turn: at + other }))
);

/** All of them; or every third, by turns. */
function someOf(calls: typeof READS, turn: number) {
  const all = Object.entries(calls).map(([name, call]) => ({ name, call }));
  return all.filter((_, at) => ALL || at % 3 === turn % 3);
}

describe.each(ALL ? rows : rows.filter((_, at) => at % 3 !== 2))(
  'a kept connection ($line), $death',
  ({ death, line, turn }) => {
    it('should be made up for by another one for every read', async () => {
      await each(someOf(READS, turn), async ({ call }) => {
        const { simulator, proxy, ports } = await lined({ line });
        const before = simulator.requests.length;
        DEATHS[death]!(proxy);
        expect(await outcomeOf(call(ports.library))).toBe('answered');
        expect(simulator.requests.length - before).toBeLessThanOrEqual(2);
      });
    });

    it('should never make the client repeat what may have been done', async () => {
      await each(someOf(CHANGES, turn), async ({ call }) => {
        const { simulator, proxy, ports } = await lined({ line });
        const before = simulator.requests.length;
        DEATHS[death]!(proxy);
        const outcome = await outcomeOf(call(ports.library));
        if (outcome !== 'answered') expect(outcome).toMatchObject({ code: 'CONNECTION', ambiguous: true });
        expect(simulator.requests.length - before, 'requests that the service saw').toBeLessThanOrEqual(1);
      });
    });
  }
);
