import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createActor, waitFor } from 'xstate';
import { describe, expect, it } from 'vitest';
import { FAILURES, type Failed, type FailureCode, failure } from '../../machines/vocabulary.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { uploadActors } from '../../src/effects/actors.ts';
import { effects, type Means } from '../../src/effects/calls.ts';
import { asFailure, performCall, performSleep } from '../../src/effects/perform.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import { type ContentLibrary, PortFailure, type PushRequest } from '../../src/ports.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { virtualClock } from '../../src/simulator/index.ts';
import { inlineHasher } from '../../src/simulator/inline-hasher.ts';
import { bytesOf } from '../run/bytes.ts';

type Counted = readonly [method: string, args: readonly unknown[]];

const CONTENT = 'the quick brown fox';
const FILE = { name: 'fox.bin', source: bytesOf(CONTENT, 4) };

/** Ports that answer every call with its name, and count. */
function counting(answer: (method: string) => unknown = method => method) {
  const calls: Counted[] = [];
  const sent: [string, number][] = [];
  let reads = 0;
  let disposed = 0;
  const noted = (method: string, args: unknown[]): unknown => {
    calls.push([method, args]);
    return answer(method);
  };
  const library = new Proxy({ server: PROFILES['8.0'] } as ContentLibrary, {
    get: (target, key) => (key === 'server' ? target.server : async (...args: unknown[]) => noted(String(key), args))
  });
  const clock = virtualClock(1_000);
  const means: Means = {
    library,
    bytes: {
      push: async (request: PushRequest) => {
        request.onSent?.(7);
        return noted('push', [request]) as never;
      }
    },
    clock,
    random: { next: () => 0.25, uuid: () => 'u' },
    journal: memoryJournal(),
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
    onSent: (file, bytes) => sent.push([file, bytes])
  };
  return { means, calls, sent, clock, reads: () => reads, disposed: () => disposed };
}

const ARGS: { readonly [K in Op]: Extract<CallSpec, { op: K }>['args'] } = {
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
  push: { sessionId: 's', file: 0, name: 'fox.bin', size: 19, uri: 'http://s/cls/data/secret/fox.bin', hash: ['SHA1'] },
  digest: { file: 0, name: 'fox.bin', algorithm: 'SHA256' }
};
const OPS = Object.keys(ARGS) as Op[];
const never = new AbortController().signal;
const SIGNAL = { signal: never };

/** What each port method is asked with: the second half of the translation. */
const ASKED: Partial<Record<Op, readonly unknown[]>> = {
  findLibraries: [{ name: 'images' }, SIGNAL],
  getLibrary: ['l', SIGNAL],
  findItems: [{ libraryId: 'l', name: 'fox' }, SIGNAL],
  createItem: [
    { libraryId: 'l', name: 'fox', type: 'iso' },
    { token: 't', ...SIGNAL }
  ],
  createSession: [{ itemId: 'i' }, { token: 't', ...SIGNAL }],
  listSessions: [{ itemId: 'i' }, SIGNAL],
  updateSession: ['s', { warnings: [{ type: 'W', ignored: true }] }, SIGNAL],
  keepAlive: ['s', undefined, SIGNAL],
  failSession: ['s', 'm', SIGNAL],
  addFile: [
    's',
    { name: 'fox.bin', size: 19, digest: { algorithm: 'SHA1', checksum: 'ab' }, sourceType: 'PUSH' },
    SIGNAL
  ],
  getFile: ['s', 'fox.bin', SIGNAL],
  removeFile: ['s', 'fox.bin', SIGNAL],
  validate: ['s', SIGNAL],
  keepLogin: [SIGNAL]
};

describe('an effect', () => {
  it('should have a test for every one there is', () => {
    expect(OPS.sort()).toEqual(Object.keys(effects).sort());
  });

  it.each(OPS.filter(op => op !== 'digest'))('should make one port call and no other: %s', async op => {
    const { means, calls, reads } = counting();
    const answer = await performCall(means, { op, args: ARGS[op] } as CallSpec, never);
    expect(calls.map(([method]) => method)).toEqual([op]);
    expect(reads()).toBe(0);
    const asked = ASKED[op];
    if (asked !== undefined) expect(calls[0]![1]).toEqual(asked);
    // What a port answers with nothing, the machine hears as null: undefined is no JSON.
    expect([op, null]).toContain(answer.value);
    expect(answer).toMatchObject({ at: 1_000, luck: 0.25 });
  });

  it.each(OPS.filter(op => op !== 'digest'))('should fail as the port fails, after one call: %s', async op => {
    const told = failure('UNAVAILABLE', 'come back later', { retryAfterMs: 7_000 });
    const { means, calls } = counting(() => {
      throw new PortFailure(told);
    });
    const failed = await performCall(means, { op, args: ARGS[op] } as CallSpec, never).catch((cause: Failed) => cause);
    expect(failed).toEqual({ at: 1_000, luck: 0.25, failure: told });
    expect(calls).toHaveLength(1);
  });

  it('should read its source once for a digest, and free the hasher', async () => {
    const { means, calls, reads, disposed } = counting();
    const { value } = await performCall(means, { op: 'digest', args: ARGS.digest }, never);
    expect(value).toEqual({ algorithm: 'SHA256', checksum: createHash('sha256').update(CONTENT).digest('hex') });
    expect([calls.length, reads(), disposed()]).toEqual([0, 1, 1]);
  });

  it('should free the hasher also when the source breaks', async () => {
    const { means, disposed } = counting();
    const source = {
      size: 1,
      read: async function* (): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(0);
        throw new PortFailure(failure('SOURCE_CHANGED', 'fox.bin has shrunk'));
      }
    };
    const failed = performCall(
      { ...means, files: [{ name: 'fox.bin', source }] },
      { op: 'digest', args: ARGS.digest },
      never
    );
    await expect(failed).rejects.toMatchObject({ failure: { code: 'SOURCE_CHANGED' } });
    expect(disposed()).toBe(1);
  });

  it('should push the planned source to the address it is given, and tell how far it is', async () => {
    const { means, calls, sent } = counting();
    await performCall(means, { op: 'push', args: ARGS.push }, never);
    const [request] = calls[0]![1] as [PushRequest];
    expect(request).toMatchObject({ uri: ARGS.push.uri, hash: ['SHA1'], source: means.files[0]!.source });
    expect(sent).toEqual([['fox.bin', 7]]);
  });

  it('should call a file that is not planned a defect', async () => {
    const { means } = counting();
    const failed = performCall(means, { op: 'push', args: { ...ARGS.push, file: 3 } }, never);
    await expect(failed).rejects.toMatchObject({
      failure: { code: 'INTERNAL', message: 'Error: the plan has no file 3' }
    });
  });

  it('should take its time and luck when it is answered, not when it is asked', async () => {
    const { means, clock } = counting();
    const library = { ...means.library, getItem: async () => clock.sleepUntil(5_000) } as unknown as ContentLibrary;
    const answered = performCall({ ...means, library }, { op: 'getItem', args: { id: 'i' } }, never);
    expect(await clock.run(answered)).toMatchObject({ at: 5_000 });
  });
});

describe('what is thrown', () => {
  it('should stay what a port failed with, whatever code it has', () => {
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(FAILURES) as FailureCode[])), fc.string(), (code, message) => {
        const told = failure(code, message);
        return asFailure(new PortFailure(told)) === told;
      })
    );
  });

  it.each([
    [new TypeError('x is undefined'), 'TypeError: x is undefined'],
    ['just a text', 'just a text'],
    [undefined, 'undefined']
  ])('should be called a defect when it is no PortFailure: %s', (cause, message) => {
    expect(asFailure(cause)).toEqual({ code: 'INTERNAL', message });
  });

  it('should reach the machine as a failed call', async () => {
    const { means } = counting(() => {
      throw new RangeError('out of range');
    });
    await expect(performCall(means, { op: 'complete', args: { id: 's' } }, never)).rejects.toEqual({
      at: 1_000,
      luck: 0.25,
      failure: { code: 'INTERNAL', message: 'RangeError: out of range' }
    });
  });
});

describe('the log of calls', () => {
  const logged = async (op: Op, signal: AbortSignal, answer?: (method: string) => unknown) => {
    const lines: unknown[] = [];
    const { means } = counting(answer);
    await performCall(means, { op, args: ARGS[op] } as CallSpec, signal, {
      call: (name, about) => lines.push(['call', name, about]),
      answer: (name, about, outcome) => lines.push(['answer', name, about, Object.keys(outcome)[0]])
    }).catch(() => undefined);
    return lines;
  };

  it.each([
    ['addFile', 'fox.bin'],
    ['getSession', 's'],
    ['listFiles', 's'],
    ['listItemFiles', 'i'],
    ['keepLogin', undefined]
  ] as const)('should tell what %s is about', async (op, about) => {
    expect(await logged(op, never)).toEqual([
      ['call', op, about],
      ['answer', op, about, 'value']
    ]);
  });

  it('should tell a failure', async () => {
    const refuse = () => {
      throw new PortFailure(failure('NOT_FOUND', 'gone'));
    };
    expect(await logged('getItem', never, refuse)).toEqual([
      ['call', 'getItem', 'i'],
      ['answer', 'getItem', 'i', 'failure']
    ]);
  });

  it('should tell nothing of an answer that nobody waits for any more, good or bad', async () => {
    const gone = AbortSignal.abort();
    expect(await logged('getItem', gone)).toEqual([['call', 'getItem', 'i']]);
    const refuse = () => {
      throw new PortFailure(failure('CANCELED', 'given up'));
    };
    expect(await logged('getItem', gone, refuse)).toEqual([['call', 'getItem', 'i']]);
  });

  it('should not use up chance for an answer that nobody waits for', async () => {
    const { means } = counting();
    const answer = await performCall(means, { op: 'getItem', args: { id: 'i' } }, AbortSignal.abort());
    expect(answer.luck).toBe(0);
  });
});

describe('a wait', () => {
  it('should end at its instant, with a stamp', async () => {
    const { means, clock } = counting();
    expect(await clock.run(performSleep(means, { until: 9_000 }, never))).toEqual({
      at: 9_000,
      luck: 0.25,
      value: null
    });
  });

  it('should end at once when it is stopped', async () => {
    const { means } = counting();
    const stop = new AbortController();
    const waiting = performSleep(means, { until: 9_000 }, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('uploadActors', () => {
  it('should give an actor system the same effects, attempts and waits', async () => {
    let times = 0;
    const { means, calls, clock } = counting(() => {
      if (++times < 3) throw new PortFailure(failure('CONNECTION', 'the connection broke'));
      return ['l1'];
    });
    const lines: string[] = [];
    const { attempt } = uploadActors(means, { call: op => lines.push(op) });
    const policy = { maxAttempts: 5, baseMs: 300, capMs: 20_000, retryAfterCapMs: 60_000 };
    const actor = createActor(attempt, { input: { policy, call: { op: 'findLibraries', args: { name: 'images' } } } });
    actor.start();
    const { output } = await clock.run(waitFor(actor, ({ status }) => status === 'done'));
    expect(output).toMatchObject({ ok: true, value: ['l1'], attempts: 3 });
    expect([calls.length, lines]).toEqual([3, ['findLibraries', 'findLibraries', 'findLibraries']]);
    expect(clock.now()).toBe(1_000 + 75 + 150);
  });
});
