// Faults on purpose on the way from a source, by their target "pull".
import { afterEach, describe, expect, it } from 'vitest';
import type { Fault, PullOptions } from '../../../src/simulator/index.ts';
import type { Options } from '../doors.ts';
import { type Pulling, pulling, reasonOf } from './pulling.ts';

const URI = 'https://images.example/a.iso';
let pull: Pulling;
afterEach(() => pull.close());

type Wrong = Fault extends infer F ? (F extends unknown ? Omit<F, 'on'> : never) : never;
async function met(fault: Wrong, options: Options = {}, more: PullOptions = {}) {
  const faults = [{ on: 'pull', ...fault }];
  pull = await pulling({ faults, pull: { sources: { [URI]: 'hello' }, attempts: 1, ...more }, ...options });
  await pull.add(URI);
  await pull.clock.runUntilIdle();
  const file = await pull.file();
  return file.status === 'ERROR' ? reasonOf(file) : file.status;
}

describe('a fault of a pull', () => {
  it.each([
    [{ do: 'refuse' }, 'the connection to the source was refused'],
    [{ do: 'reset', afterBytes: 3 }, 'the connection to the source broke'],
    [{ do: 'stall', afterBytes: 3 }, 'the source was silent for 30 s'],
    [{ do: 'answer', status: 404 }, 'the source answered with status 404'],
    [{ do: 'answer', status: 503 }, 'the source answered with status 503'],
    [{ do: 'transferError', message: 'no space left' }, 'no space left'],
    [{ do: 'slow', bytesPerSecond: 1 }, 'READY']
  ] as [Wrong, string][])('should be met: %j', async (fault, how) => {
    expect(await met(fault)).toBe(how);
    expect((await pull.session()).state).toBe(how === 'READY' ? 'ACTIVE' : 'ERROR');
    expect(pull.simulator.faults.remaining()).toEqual([]);
  });

  it.each([{ do: 'refuse' }, { do: 'reset' }, { do: 'stall' }, { do: 'answer', status: 500 }] as Wrong[])(
    'should be got over when it passes, also where a broken body is an error: %j',
    async fault => {
      expect(await met(fault, { rules: { dropIsError: true } }, { attempts: 2 })).toBe('READY');
    }
  );

  it('should be found when it changes a byte', async () => {
    pull = await pulling({
      faults: [{ on: 'pull', do: 'corrupt', atByte: 1 }],
      pull: { sources: { [URI]: 'hello' } }
    });
    const digest = { algorithm: 'SHA1', checksum: 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d' };
    await pull.add(URI, { digest });
    await pull.clock.runUntilIdle();
    expect(reasonOf(await pull.file())).toContain(`but ${digest.checksum} was announced`);
  });

  it('should let the session expire under the pull', async () => {
    pull = await pulling({
      faults: [{ on: 'pull', do: 'expireSession' }],
      pull: { sources: { [URI]: 'hello' } },
      rules: { expiredGraceMs: 1000 }
    });
    await pull.add(URI);
    await pull.clock.advanceBy(0);
    expect(await pull.session()).toMatchObject({ state: 'ERROR', errorMessage: 'The update session has expired.' });
  });

  it('should meet only the file that it names, and not by a pattern that is meant for requests', async () => {
    const faults: Fault[] = [
      { on: '*', do: 'refuse', times: 'always', file: 'never' },
      { on: ['p*', 'get'], do: 'refuse', times: 'always' },
      { on: 'pull', file: 'b*', do: 'refuse' }
    ];
    pull = await pulling({ faults, pull: { sources: { [URI]: 'hello' }, attempts: 1 } });
    await pull.add(URI);
    await pull.clock.runUntilIdle();
    expect((await pull.file()).status).toBe('READY');
    expect(pull.simulator.faults.remaining()).toHaveLength(3);
  });

  it.each(['late', 'loseAnswer', 'expireLogin'])('should not be: %s', async kind => {
    pull = await pulling();
    const fault = { on: 'pull', do: kind, ...(kind === 'late' && { delayMs: 1 }) } as Fault;
    expect(() => pull.simulator.inject(fault)).toThrow(`do: ${kind} cannot happen to "pull"`);
  });
});
