import { describe, expect, it, vi } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { type ByteSource, PortFailure } from '../../src/ports.ts';
import { inlineHasher } from './inline-hasher.ts';
import { failureOf } from './servers.ts';
import { endless, MIB, ok, small, sourceOf, UPLOAD, uploading } from './uploading.ts';

describe('a push whose source fails', () => {
  const gone = new PortFailure(failure('SOURCE_CHANGED', 'a.iso grew'));

  it.each([
    ['by a failure of its own', [Buffer.from('hello'), gone], 10, { code: 'SOURCE_CHANGED', message: 'a.iso grew' }],
    [
      'only when all bytes are there',
      [Buffer.from('hello'), gone],
      5,
      { code: 'SOURCE_CHANGED', message: 'a.iso grew' }
    ],
    [
      'by any error',
      [Buffer.from('hello'), new Error('canary')],
      10,
      { code: 'SOURCE_UNREADABLE', message: 'the source failed while it was read' }
    ],
    [
      'by ending early',
      [Buffer.from('hello')],
      10,
      { code: 'SOURCE_CHANGED', message: 'the source ended after 5 of 10 bytes' }
    ],
    [
      'by not ending',
      [Buffer.from('hello'), Buffer.from('more')],
      5,
      { code: 'SOURCE_CHANGED', message: 'the source gave more than its 5 bytes' }
    ],
    [
      'by more at once',
      [Buffer.from('hello')],
      3,
      { code: 'SOURCE_CHANGED', message: 'the source gave more than its 3 bytes' }
    ]
  ] as const)('%s should report that, and the server never has the whole file', async (_, chunks, size, expected) => {
    const hasher = inlineHasher();
    const complete = vi.fn();
    const { server, push } = await uploading(
      request => {
        request.on('data', () => {});
        request.on('end', complete);
      },
      { hasher },
      true
    );
    expect(await failureOf(push({ source: sourceOf(chunks, size), hash: ['SHA1'] }))).toMatchObject(expected);
    // The connection of the PUT came and went.
    while (!server.sockets[1]?.closed) await new Promise(resolve => setImmediate(resolve));
    expect(complete).not.toHaveBeenCalled();
    expect(hasher.disposed).toBe(1);
  });

  it('should cut the connection, so that the server does not wait', async () => {
    let cut = () => {};
    const closed = new Promise<void>(resolve => {
      cut = resolve;
    });
    const { push } = await uploading(
      request => {
        request.on('data', () => {});
        request.on('close', cut);
      },
      {},
      true
    );
    await failureOf(push({ source: sourceOf([new Uint8Array(3 * MIB), gone], 9 * MIB) }));
    await closed;
  });
});

describe('a push whose source cannot even be asked', () => {
  const cannot = () => {
    throw new Error('cannot');
  };
  it.each([
    ['begin to read', { size: 5, read: cannot }],
    [
      'be let go',
      {
        size: 5,
        read: () => ({
          [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('broken')), return: cannot })
        })
      }
    ]
  ])('should say so when it cannot %s', async (_, source) => {
    const { push } = await uploading(ok);
    expect(await failureOf(push({ source }))).toMatchObject({ code: 'SOURCE_UNREADABLE', sent: 0 });
  });
});

describe('a push that is canceled', () => {
  it('before it began should not reach the server', async () => {
    const { server, push } = await uploading(ok);
    const source = small();
    expect(await failureOf(push({ source, signal: AbortSignal.abort() }))).toEqual({
      code: 'CANCELED',
      message: 'the transfer was canceled',
      sent: 0
    });
    expect(server.count('PUT', UPLOAD)).toBe(0);
    expect(source.read_).toBe(0);
  });

  it('on the way should end at once, close the source and cut the connection', async () => {
    const abort = new AbortController();
    let cut = () => {};
    const closed = new Promise<void>(resolve => {
      cut = resolve;
    });
    const { push } = await uploading(
      request => {
        request.resume();
        request.on('close', cut);
      },
      {},
      true
    );
    const source = endless();
    const onSent = (sent: number) => (sent >= MIB ? abort.abort() : undefined);
    expect(await failureOf(push({ source, signal: abort.signal, onSent, hash: ['SHA1'] }))).toMatchObject({
      code: 'CANCELED'
    });
    expect(source.closed).toBe(1);
    await closed;
  });

  it('should not wait for a source that never answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const abort = new AbortController();
      const { push } = await uploading(ok);
      const stuck: ByteSource = {
        size: 5,
        read: () => ({
          [Symbol.asyncIterator]: () => ({
            next: () => new Promise(() => {}),
            return: () => {
              setImmediate(() => vi.advanceTimersByTime(1_000));
              return new Promise(() => {});
            }
          })
        })
      };
      const pushed = failureOf(push({ source: stuck, signal: abort.signal }));
      setImmediate(() => abort.abort());
      expect(await pushed).toMatchObject({ code: 'CANCELED' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('while its source fails because of that should be CANCELED, not a failure of the source', async () => {
    const abort = new AbortController();
    const { push } = await uploading(ok);
    const source: ByteSource = {
      size: 5,
      async *read() {
        yield Buffer.from('he');
        abort.abort();
        throw new Error('aborted');
      }
    };
    expect(await failureOf(push({ source, signal: abort.signal }))).toMatchObject({ code: 'CANCELED' });
  });
});
