import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, waitFor } from 'xstate';
import { FAILURES, type FailureCode, failure } from '../../machines/vocabulary.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { uploadActors } from '../../src/effects/actors.ts';
import { asFailure, performCall, performSleep } from '../../src/effects/perform.ts';
import { PortFailure } from '../../src/ports.ts';
import { ARGS, counting, never } from './counting.ts';

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
    const policy = { maxAttempts: 5, baseMs: 300, capMs: 20_000, retryAfterCapMs: 60_000, retryCost: 5, breakCost: 10 };
    const actor = createActor(attempt, { input: { policy, call: { op: 'findLibraries', args: { name: 'images' } } } });
    actor.start();
    const { output } = await clock.run(waitFor(actor, ({ status }) => status === 'done'));
    expect(output).toMatchObject({ ok: true, value: ['l1'], attempts: 3 });
    expect([calls.length, lines]).toEqual([3, ['findLibraries', 'findLibraries', 'findLibraries']]);
    expect(clock.now()).toBe(1_000 + 75 + 150);
  });
});
