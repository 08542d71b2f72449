import { describe, expect, it } from 'vitest';
import { PortFailure } from '../../src/ports.ts';
import { afterBytesOf, type Fault, faultsOf, parseFaults } from '../../src/simulator/faults.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';

const OPERATIONS = ['session.create', 'session.get', 'file.add', 'put', 'get', 'connection'];
const plan = (...faults: Fault[]) => faultsOf(faults, OPERATIONS, seededRandom(1));
const failureOf = (wrong: () => unknown) => {
  try {
    wrong();
  } catch (error) {
    if (error instanceof PortFailure) return error.failure;
  }
  return undefined;
};

describe('a fault plan', () => {
  it('should meet one request unless it says otherwise', () => {
    const faults = plan({ on: 'session.create', do: 'refuse' });
    expect(faults.take('session.get')).toBeUndefined();
    expect(faults.take('session.create')).toEqual({ on: 'session.create', do: 'refuse' });
    expect(faults.take('session.create')).toBeUndefined();
  });

  it('should meet the number of requests it names, after those it lets pass', () => {
    const faults = plan({ on: 'put', do: 'loseAnswer', times: 2, skip: 1 });
    expect([1, 2, 3, 4].map(() => faults.take('put') !== undefined)).toEqual([false, true, true, false]);
  });

  it('should meet every request where it says always', () => {
    const faults = plan({ on: ['put', 'file.*'], do: 'refuse', times: 'always' });
    expect(['put', 'file.add', 'put'].every(op => faults.take(op) !== undefined)).toBe(true);
    expect(faults.remaining()).toEqual([{ fault: { on: ['put', 'file.*'], do: 'refuse', times: 'always' } }]);
  });

  it('should tell files by name and pattern, and requests without a file apart', () => {
    const faults = plan({ on: '*', file: '*-d?sk*.vmdk', do: 'refuse', times: 'always' });
    const taken = (file?: string) => faults.take('put', file) !== undefined;
    expect([taken('a-disk1.vmdk'), taken('b-dosk.vmdk'), taken('disk.vmdk'), taken('a-disk1.vmdk.gz')]).toEqual([
      true,
      true,
      false,
      false
    ]);
    expect(taken()).toBe(false);
  });

  it('should draw its probability from the seed', () => {
    const draws = () => {
      const faults = plan({ on: 'put', do: 'refuse', probability: 0.3 });
      return Array.from({ length: 1000 }, () => faults.take('put') !== undefined);
    };
    const met = draws();
    expect(met).toEqual(draws());
    expect(Math.abs(met.filter(Boolean).length - 300)).toBeLessThan(60);
  });

  it('should count a probability down where it names a number', () => {
    const faults = plan({ on: 'put', do: 'refuse', probability: 1, times: 1 });
    expect([faults.take('put') !== undefined, faults.take('put') !== undefined]).toEqual([true, false]);
  });

  it('should take faults in the order of the plan, and tell what is left', () => {
    const faults = plan({ on: 'put', do: 'refuse' }, { on: 'put', do: 'loseAnswer', times: 3 });
    expect([faults.take('put')?.do, faults.take('put')?.do]).toEqual(['refuse', 'loseAnswer']);
    expect(faults.remaining()).toEqual([{ fault: { on: 'put', do: 'loseAnswer', times: 3 }, left: 2 }]);
    faults.clear();
    expect(faults.remaining()).toEqual([]);
  });

  it('should take one in from code, and out again', () => {
    const faults = plan();
    const undo = faults.inject({ on: 'put', do: 'reset', afterBytes: 5 });
    expect(faults.remaining()).toHaveLength(1);
    undo();
    expect(faults.take('put')).toBeUndefined();
    expect(failureOf(() => faults.inject({ on: 'putt', do: 'refuse' }))?.message).toContain('no operation "putt"');
  });

  it('should say after how many bytes it acts', () => {
    expect(afterBytesOf({ on: 'put', do: 'reset', afterBytes: 9 })).toBe(9);
    expect(afterBytesOf({ on: 'put', do: 'reset' })).toBe(0);
    expect(afterBytesOf({ on: 'put', do: 'refuse' })).toBe(0);
  });

  it('should be read from a file that holds the list, bare or by name', () => {
    const faults: Fault[] = [{ on: 'put', do: 'answer', status: 503, retryAfter: 2, retryAfterAs: 'date' }];
    expect(parseFaults({ faults }, OPERATIONS)).toEqual(faults);
    expect(parseFaults(faults, OPERATIONS)).toEqual(faults);
  });

  it('should name every fault that is wrong, in one sentence', () => {
    const failure = failureOf(() =>
      parseFaults(
        [
          { on: 'put', do: 'explode' },
          { on: 'put', do: 'refuse' },
          { on: 'sesion.create', do: 'refuse' },
          { on: 'put', do: 'answer', status: 200, retryAftr: 1 },
          'put'
        ],
        OPERATIONS
      )
    );
    expect(failure?.code).toBe('INVALID_SPEC');
    for (const part of ['fault 1: do', 'no operation "sesion.create"', 'fault 4: status', 'retryAftr', 'fault 5']) {
      expect(failure?.message).toContain(part);
    }
    expect(failure?.message).not.toContain('fault 2');
  });

  it('should refuse faults where they cannot happen', () => {
    const inject = (fault: Fault) => failureOf(() => plan().inject(fault))?.message;
    expect(inject({ on: 'session.*', do: 'corrupt' })).toContain('corrupt only happens to "put" and "get" and "pull"');
    expect(inject({ on: 'get', do: 'corrupt' })).toBeUndefined();
    expect(inject({ on: 'get', do: 'transferError' })).toContain('transferError only happens to "put" and "pull"');
    expect(inject({ on: 'connection', do: 'loseAnswer' })).toContain('loseAnswer cannot happen to "connection"');
    expect(inject({ on: 'connection', do: 'stall' })).toBeUndefined();
  });

  it('should say what a plan is when it is given something else', () => {
    for (const wrong of [null, 'put', { fault: [] }, { faults: {} }]) {
      expect(failureOf(() => parseFaults(wrong, OPERATIONS))?.message).toContain('a fault plan is a list');
    }
  });
});
