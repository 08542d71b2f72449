// The whole life of a download session, and bytes on their way out of it.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { digestOf, imagesOf, itemIn, keeper, published, pushed, refused, SESSION_MS } from '../asking.ts';
import type { Case, Subject } from '../contract.ts';

const LARGE = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));

export const downloadCases: readonly Case[] = [
  {
    name: 'give back every byte of what it holds, and then size and checksum',
    check: async subject => {
      const { library, bytes } = subject;
      const item = await published(subject, { large: LARGE, 'a b%2F+ü': 'hello', empty: '' });
      const session = await library.createDownloadSession({ itemId: item });
      for (const [name, content] of Object.entries({ large: LARGE, 'a b%2F+ü': Buffer.from('hello') })) {
        const { downloadUri, ...file } = await library.prepareFile(session, name);
        expect(file).toEqual({ name, status: 'PREPARED', bytesTransferred: 0 });
        const sink = keeper();
        const counts: number[] = [];
        const onReceived = (count: number) => counts.push(count);
        const fetched = await bytes.fetch({ uri: downloadUri!, from: 0, sink, onReceived });
        expect(fetched).toEqual({ received: content.length, resumed: false });
        expect(sink.bytes().equals(content)).toBe(true);
        expect(counts).toEqual(counts.toSorted((a, b) => a - b));
        expect(counts.at(-1)).toBe(content.length);
        expect(await library.getDownloadFile(session, name)).toEqual({
          name,
          status: 'PREPARED',
          bytesTransferred: content.length,
          size: content.length,
          digest: digestOf('SHA1', content),
          downloadUri
        });
      }
      const { downloadUri } = await library.prepareFile(session, 'empty');
      const sink = keeper();
      expect(await bytes.fetch({ uri: downloadUri!, from: 0, sink })).toEqual({ received: 0, resumed: false });
      expect(await library.getDownloadFile(session, 'empty')).toMatchObject({ size: 0, digest: digestOf('SHA1', '') });
      await library.deleteDownloadSession(session);
    }
  },
  {
    name: 'go on with a download from where it broke off',
    check: async subject => {
      const { library, bytes } = subject;
      const session = await library.createDownloadSession({ itemId: await published(subject, { a: LARGE }) });
      const { downloadUri } = await library.prepareFile(session, 'a');
      const sink = keeper();
      await sink.write(LARGE.subarray(0, 100_001), 0);
      const fetched = await bytes.fetch({ uri: downloadUri!, from: 100_001, sink });
      expect(fetched).toEqual({ received: LARGE.length - 100_001, resumed: true });
      expect(sink.bytes().equals(LARGE)).toBe(true);
      expect(await library.getDownloadFile(session, 'a')).toMatchObject({ size: LARGE.length });
    }
  },
  {
    name: 'go on at the end of a file, where nothing is left, and not behind it',
    check: async subject => {
      const { library, bytes } = subject;
      const session = await library.createDownloadSession({ itemId: await published(subject, { a: 'hello' }) });
      const { downloadUri } = await library.prepareFile(session, 'a');
      const sink = keeper();
      const none = { received: 0, resumed: true };
      expect(await bytes.fetch({ uri: downloadUri!, from: 5, sink })).toEqual(none);
      expect(sink.bytes()).toHaveLength(0);
      const failure = await refused(bytes.fetch({ uri: downloadUri!, from: 6, sink }), 'TRANSFER_REFUSED');
      expect(failure).toMatchObject({ received: 0, service: { status: 416 } });
    }
  },
  {
    name: 'have several downloads of one item, side by side with an update, each with its own links',
    check: async subject => {
      const { library, bytes } = subject;
      const item = await published(subject, { a: 'hello' });
      const update = await library.createSession({ itemId: item });
      const sessions = [
        await library.createDownloadSession({ itemId: item }),
        await library.createDownloadSession({ itemId: item })
      ];
      await library.createDownloadSession({ itemId: await itemIn(subject, 'other') });
      expect(await library.listDownloadSessions({ itemId: item })).toEqual(sessions);
      expect(await library.listDownloadSessions()).toHaveLength(3);
      await refused(library.listDownloadSessions({ itemId: randomUUID() }), 'NOT_FOUND');
      const files = await Promise.all(sessions.map(session => library.prepareFile(session, 'a')));
      expect(new Set(files.map(({ downloadUri }) => downloadUri)).size).toBe(2);
      await library.cancelDownload(sessions[0]!);
      await pushed(subject, update, 'a', 'another');
      await library.complete(update);
      const sink = keeper();
      await bytes.fetch({ uri: files[1]!.downloadUri!, from: 0, sink });
      expect(sink.bytes().toString()).toBe('hello');
    }
  },
  {
    name: 'begin a download once for a token',
    check: async subject => {
      const itemId = await published(subject, {});
      const token = randomUUID();
      const first = await subject.library.createDownloadSession({ itemId }, { token });
      expect(await subject.library.createDownloadSession({ itemId }, { token })).toBe(first);
      expect(await subject.library.createDownloadSession({ itemId }, { token: randomUUID() })).not.toBe(first);
    }
  },
  {
    name: 'cancel a download, and then only read and delete its session',
    check: async subject => {
      const { library } = subject;
      const { session, uri } = await linked(subject);
      await library.cancelDownload(session);
      expect((await library.getDownloadSession(session)).state).toBe('CANCELED');
      for (const operation of [
        () => library.cancelDownload(session),
        () => library.failDownload(session, 'x'),
        () => library.keepDownloadAlive(session),
        () => library.prepareFile(session, 'a')
      ]) {
        await refused(operation(), 'NOT_ALLOWED_IN_CURRENT_STATE');
      }
      expect(await library.listDownloadFiles(session)).toEqual([
        { name: 'a', status: 'UNPREPARED', bytesTransferred: 0 }
      ]);
      await dead(subject, uri);
      await library.deleteDownloadSession(session);
      await refused(library.getDownloadSession(session), 'NOT_FOUND');
    }
  },
  {
    name: 'fail a download with the words of the client',
    check: async subject => {
      const { session, uri } = await linked(subject);
      await subject.library.failDownload(session, 'The disk of the client is full: "ü".');
      expect(await subject.library.getDownloadSession(session)).toMatchObject({
        state: 'ERROR',
        errorMessage: 'The disk of the client is full: "ü".'
      });
      await dead(subject, uri);
    }
  },
  {
    name: 'delete a download session while it is ACTIVE',
    check: async subject => {
      const { session, uri } = await linked(subject);
      await subject.library.deleteDownloadSession(session);
      await refused(subject.library.deleteDownloadSession(session), 'NOT_FOUND');
      expect(await subject.library.listDownloadSessions()).toEqual([]);
      await dead(subject, uri);
    }
  },
  {
    name: 'let a download expire that nobody keeps alive',
    check: async subject => {
      const { library } = subject;
      const { session, uri } = await linked(subject);
      const { expiresAt, serverNow } = await library.getDownloadSession(session);
      expect(expiresAt! - serverNow!).toBe(SESSION_MS);
      await subject.wait(SESSION_MS - 1000);
      await library.keepDownloadAlive(session, 40.5);
      await subject.wait(SESSION_MS - 1000);
      await library.keepDownloadAlive(session, 30);
      expect(await library.getDownloadSession(session)).toMatchObject({ state: 'ACTIVE', progress: 40 });
      await refused(library.keepDownloadAlive(session, 101), 'INVALID_ARGUMENT');
      await subject.wait(SESSION_MS + 1000);
      await refused(library.getDownloadSession(session), 'NOT_FOUND');
      await dead(subject, uri);
    }
  },
  {
    name: 'keep a download session from other users, and not its bytes from whoever has the link',
    check: async subject => {
      const { library, other } = subject;
      const { session } = await linked(subject);
      expect(await other.listDownloadSessions()).toEqual([]);
      for (const operation of [
        () => other.getDownloadSession(session),
        () => other.cancelDownload(session),
        () => other.deleteDownloadSession(session),
        () => other.keepDownloadAlive(session),
        () => other.listDownloadFiles(session),
        () => other.prepareFile(session, 'a')
      ]) {
        await refused(operation(), 'NOT_FOUND');
      }
      expect((await library.getDownloadSession(session)).state).toBe('ACTIVE');
    }
  },
  {
    name: 'refuse to prepare what is not there',
    check: async subject => {
      const { library } = subject;
      await refused(library.createDownloadSession({ itemId: randomUUID() }), 'NOT_FOUND');
      const { session } = await linked(subject);
      await refused(library.prepareFile(session, 'b'), 'INVALID_ARGUMENT');
      await refused(library.getDownloadFile(session, 'b'), 'INVALID_ARGUMENT');
      for (const id of ['x', `${randomUUID()}:${randomUUID()}`]) {
        await refused(library.prepareFile(id, 'a'), 'NOT_FOUND');
        await refused(library.listDownloadFiles(id), 'NOT_FOUND');
      }
    }
  },
  {
    name: 'end a download in ERROR whose item is deleted',
    check: async subject => {
      const { library } = subject;
      const item = await published(subject, { a: 'hello' });
      const session = await library.createDownloadSession({ itemId: item });
      await library.deleteItem(item);
      expect(await library.getDownloadSession(session)).toMatchObject({ state: 'ERROR', itemId: item });
      expect(await library.listItems(await imagesOf(subject))).toEqual([]);
    }
  },
  {
    name: 'not mistake one kind of session for the other',
    check: async subject => {
      const { library } = subject;
      const { session: download } = await linked(subject);
      const { session: update } = await begunElsewhere(subject);
      await refused(library.getSession(download), 'NOT_FOUND');
      await refused(library.getDownloadSession(update), 'NOT_FOUND');
      expect(await library.listSessions()).not.toContain(download);
    }
  },
  {
    name: 'give up a download that is called off',
    check: async subject => {
      const { uri } = await linked(subject, LARGE);
      const stop = new AbortController();
      const sink = {
        write: async () => stop.abort()
      };
      await refused(subject.bytes.fetch({ uri, from: 0, sink, signal: stop.signal }), 'CANCELED');
      await refused(subject.bytes.fetch({ uri, from: 0, sink, signal: stop.signal }), 'CANCELED');
    }
  }
];

/** A session with a link to the file `a`. */
async function linked(subject: Subject, content: string | Uint8Array = 'hello') {
  const session = await subject.library.createDownloadSession({ itemId: await published(subject, { a: content }) });
  const { downloadUri } = await subject.library.prepareFile(session, 'a');
  return { session, uri: downloadUri! };
}

async function begunElsewhere(subject: Subject) {
  const item = await itemIn(subject, 'elsewhere');
  return { item, session: await subject.library.createSession({ itemId: item }) };
}

/** Nothing can be read there any more, and no failure shows the place. */
async function dead({ bytes }: Subject, uri: string): Promise<void> {
  const failure = await refused(bytes.fetch({ uri, from: 0, sink: keeper() }), 'NOT_FOUND');
  expect(JSON.stringify(failure)).not.toContain(uri.split('/').at(-2)!);
}
