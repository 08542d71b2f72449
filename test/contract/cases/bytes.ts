// Bytes on their way into a session.
import { expect } from 'vitest';
import { failure } from '../../../machines/vocabulary.ts';
import { type ByteSource, PortFailure } from '../../../src/ports.ts';
import { added, begun, digestOf, eventually, failureOf, pushed, refused, sourceOf, visible } from '../asking.ts';
import type { Case, Subject } from '../contract.ts';

const WAITS = { status: 'WAITING_FOR_TRANSFER', bytesTransferred: 0 };
const LARGE = Buffer.alloc(700_000, 'shelver ');

export const byteCases: readonly Case[] = [
  {
    name: 'take bytes, and tell size and digest of what came',
    check: async subject => {
      const { session } = await begun(subject);
      await pushed(subject, session, 'a', 'hello', { size: 5 });
      expect(await subject.library.getFile(session, 'a')).toMatchObject({
        status: 'READY',
        size: 5,
        bytesTransferred: 5,
        digest: digestOf('SHA1', 'hello')
      });
    }
  },
  {
    name: 'take many bytes, counted and hashed on the way',
    check: async subject => {
      const { library, bytes } = subject;
      const { session } = await begun(subject);
      const uri = await added(subject, session, 'a');
      const counts: number[] = [];
      const pushed = await bytes.push({
        uri,
        source: sourceOf(LARGE, 20),
        hash: ['SHA256', 'MD5'],
        onSent: sent => counts.push(sent)
      });
      expect(pushed.sent).toBe(LARGE.length);
      expect(pushed.digests).toEqual(
        expect.arrayContaining([digestOf('SHA256', LARGE.toString()), digestOf('MD5', LARGE.toString())])
      );
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect(counts.at(-1)).toBe(LARGE.length);
      expect(await library.getFile(session, 'a')).toMatchObject({ status: 'READY', size: LARGE.length });
    }
  },
  {
    name: 'take an empty file',
    check: async subject => {
      const { item, session } = await begun(subject);
      await pushed(subject, session, 'empty', '', { size: 0 });
      expect(await subject.library.getFile(session, 'empty')).toMatchObject({ status: 'READY', size: 0 });
      await subject.library.complete(session);
      expect(await visible(subject, item)).toEqual({ empty: 0 });
    }
  },
  {
    name: 'take several bodies at once',
    check: async subject => {
      const { item, session } = await begun(subject);
      const names = ['a', 'b', 'c', 'd'];
      await Promise.all(names.map(name => pushed(subject, session, name, name.repeat(300_000))));
      await subject.library.complete(session);
      expect(await visible(subject, item)).toEqual(Object.fromEntries(names.map(name => [name, 300_000])));
    }
  },
  {
    name: 'replace what came before by a second body',
    check: async subject => {
      const { library, bytes } = subject;
      const { item, session } = await begun(subject);
      const uri = await added(subject, session, 'a');
      for (const content of ['first', 'and then']) await bytes.push({ uri, source: sourceOf(content), hash: [] });
      await library.complete(session);
      expect(await visible(subject, item)).toEqual({ a: 8 });
    }
  },
  {
    name: 'not take another size than was announced',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject);
      for (const size of [4, 6]) {
        const { code, service } = await failureOf(pushed(subject, session, 'a', 'hello', { size }));
        expect(code).toBe('TRANSFER_REFUSED');
        expect(service).toMatchObject({ errorType: 'INVALID_ARGUMENT', status: 400 });
        const file = await library.getFile(session, 'a');
        expect(file).toMatchObject({ status: 'ERROR', errorMessage: expect.stringContaining('a') });
        expect(file.size).toBeUndefined();
      }
      await refused(library.complete(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      await pushed(subject, session, 'a', 'hello', { size: 5 });
      await library.complete(session);
    }
  },
  {
    name: 'check digests by every algorithm that it knows, and refuse others',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject);
      const { algorithms } = library.server;
      expect(algorithms).toContain('SHA1');
      for (const algorithm of algorithms) {
        const digest = digestOf(algorithm, 'hello');
        await failureOf(pushed(subject, session, algorithm, 'jello', { digest }));
        expect((await library.getFile(session, algorithm)).status).toBe('ERROR');
        const upper = { ...digest, checksum: digest.checksum.toUpperCase() };
        await pushed(subject, session, algorithm, 'hello', { digest: upper });
        expect(await library.getFile(session, algorithm)).toMatchObject({ status: 'READY', digest });
      }
      const unknown = { algorithm: 'CRC32', checksum: '3610a686' };
      const spec = { name: 'a', sourceType: 'PUSH', digest: unknown } as const;
      await refused(library.addFile(session, spec), 'INVALID_ARGUMENT');
    }
  },
  {
    name: 'check digests by SHA-2',
    check: async subject => {
      expect(subject.library.server.algorithms).toEqual(expect.arrayContaining(['SHA256', 'SHA512']));
      const { session } = await begun(subject);
      await pushed(subject, session, 'a', 'hello', { digest: digestOf('SHA512', 'hello') });
    }
  },
  {
    name: 'forget a body whose source breaks off, and take another at the same place',
    check: async subject => {
      const { session } = await begun(subject);
      const uri = await added(subject, session, 'a');
      const broken = sourceThat(() => {
        throw new PortFailure(failure('SOURCE_UNREADABLE', 'the disk is broken'));
      });
      const { sent } = await refused(subject.bytes.push({ uri, source: broken, hash: ['SHA1'] }), 'SOURCE_UNREADABLE');
      expect(sent).toBe(100_000);
      await waitsAgain(subject, session, uri);
    }
  },
  {
    name: 'forget a body that is given up, and take another at the same place',
    check: async subject => {
      const { session } = await begun(subject);
      const uri = await added(subject, session, 'a');
      const stop = new AbortController();
      const endless = sourceThat(
        signal =>
          new Promise((_, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason));
            stop.abort();
          })
      );
      await refused(subject.bytes.push({ uri, source: endless, hash: [], signal: stop.signal }), 'CANCELED');
      await waitsAgain(subject, session, uri);
    }
  },
  {
    name: 'take no bytes where there is no upload, and never show the place in a failure',
    check: async subject => {
      const { session } = await begun(subject);
      const uri = await added(subject, session, 'a');
      const secret = uri.split('/').at(-2)!;
      const said = await refused(
        subject.bytes.push({
          uri: uri.replace(secret, secret.split('').reverse().join('')),
          source: sourceOf('x'),
          hash: []
        }),
        'NOT_FOUND'
      );
      expect(JSON.stringify(said)).not.toContain(secret.split('').reverse().join(''));
      await subject.library.cancelSession(session);
      const late = await refused(subject.bytes.push({ uri, source: sourceOf('x'), hash: [] }), 'NOT_FOUND');
      expect(JSON.stringify(late)).not.toContain(secret);
    }
  }
];

async function waitsAgain({ library, bytes }: Subject, session: string, uri: string): Promise<void> {
  const file = await eventually(
    () => library.getFile(session, 'a'),
    ({ status }) => status === WAITS.status
  );
  expect(file).toMatchObject(WAITS);
  await bytes.push({ uri, source: sourceOf('hello'), hash: [] });
  expect(await library.getFile(session, 'a')).toMatchObject({ status: 'READY', size: 5 });
}

/** Gives the half of what it promises, and then what happens. */
function sourceThat(then: (signal?: AbortSignal) => Promise<Uint8Array> | never): ByteSource {
  return {
    size: 200_000,
    read: async function* (signal) {
      yield Buffer.alloc(100_000);
      yield await then(signal);
    }
  };
}
