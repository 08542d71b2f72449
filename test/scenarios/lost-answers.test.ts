// Answers that never came: the server has acted, or will act later, and the client must find out before it acts again.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure, type Ports } from '../../src/ports.ts';
import { bytesOf } from '../run/bytes.ts';
import { httpStage, left, opsOf, portStage } from './stage.ts';

const spec = { to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf('the quick brown fox'.repeat(10_000)) }] };
const DONE = { sessions: [], items: ['fox'] };

const count = (stage: Parameters<typeof opsOf>[0], op: string) => opsOf(stage).filter(its => its === op).length;

describe('an answer lost with the connection', () => {
  it.each([
    ['item.create', 1],
    ['session.create', 1],
    ['file.add', 1],
    ['put', 1],
    ['session.complete', 1],
    ['session.delete', 2]
  ])('should cost one question, not a second %s', async (on, times) => {
    const stage = await httpStage();
    stage.simulator.inject({ on, do: 'loseAnswer' });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'digest' }] });
    // Only the delete is repeated without a question: a second one does no harm.
    expect(count(stage, on)).toBe(times);
    expect(left(stage)).toEqual(DONE);
  });

  it.each(['createItem', 'createSession'] as const)(
    'should not make two of a kind when %s is answered 500 although it happened',
    async method => {
      const stage = portStage();
      let times = 0;
      const { report } = await stage.play(spec, {
        ports: ports =>
          changed(ports, method, async act => {
            const value = await act();
            if (++times > 1) return value;
            throw new PortFailure(
              failure('SERVER_ERROR', 'Internal error.', { service: { status: 500, messages: [] } })
            );
          })
      });
      expect(report.outcome).toBe('done');
      expect(times).toBe(1);
      expect(count(stage, method === 'createItem' ? 'item.create' : 'session.create')).toBe(1);
      expect(left(stage)).toEqual(DONE);
    }
  );
});

describe('a call that lands after the client gave it up', () => {
  it.each(['item.create', 'session.create', 'file.add', 'session.complete'])(
    'should be found, not doubled: %s',
    async on => {
      for (const delayMs of [40, 150, 400, 1_000, 2_500]) {
        const stage = portStage({ bandwidth: 50_000 });
        stage.simulator.inject({ on, do: 'late', delayMs });
        const { report } = await stage.play(spec);
        expect(report.outcome, `${delayMs} ms late`).toBe('done');
        expect(left(stage).items, `${delayMs} ms late`).toEqual(['fox']);
      }
    }
  );
});

describe('cleaning up whose answers are lost', () => {
  it('should still take session and item away', async () => {
    const stage = await httpStage();
    stage.simulator.inject({ on: 'file.validate', do: 'answer', status: 400 });
    for (const on of ['session.fail', 'session.delete', 'item.delete'])
      stage.simulator.inject({ on, do: 'loseAnswer' });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', notes: [] });
    expect(left(stage)).toEqual({ sessions: [], items: [] });
  });

  it('should say what it had to leave', async () => {
    const stage = await httpStage();
    stage.simulator.inject({ on: 'file.validate', do: 'answer', status: 400 });
    stage.simulator.inject({ on: ['session.fail', 'session.delete', 'item.delete'], do: 'refuse', times: 'always' });
    const { report } = await stage.play(spec);
    expect(report.outcome).toBe('failed');
    expect(report.notes).toEqual([
      expect.stringContaining(`left on the server: session ${report.sessionId}`),
      expect.stringContaining(`item ${report.item?.id}`)
    ]);
    expect(left(stage)).toEqual({ sessions: ['ACTIVE'], items: ['fox'] });
  });
});

function changed(
  ports: Ports,
  method: 'createItem' | 'createSession',
  how: (act: () => Promise<string>) => Promise<string>
): Ports {
  const library = new Proxy(ports.library, {
    get: (target, key) =>
      key === method
        ? (...args: unknown[]) => how(() => (target[method] as (...its: unknown[]) => Promise<string>)(...args))
        : Reflect.get(target, key)
  });
  return { ...ports, library };
}
