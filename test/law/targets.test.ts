// Where the transitions of a file and of a session that waits for pulls lead, written a second time: the law asked by itself.
import type { StateValue } from 'xstate';
import { describe, expect, it } from 'vitest';
import { judge, WRONG_STATE } from '../../machines/law.ts';
import type { UpdateSessionEvent } from '../../machines/service/update-session.ts';
import { beginning, law } from '../../src/simulator/service/law.ts';

/** What a judgement comes to, in one word. */
function ends(machine: keyof typeof law, state: StateValue, event: { type: string }): StateValue {
  const judgement = judge(law[machine], state, event);
  return judgement.allowed ? judgement.state : judgement.refusal;
}

describe('the law of a file', () => {
  const HELD = ['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'VALIDATING', 'READY', 'ERROR'] as const;

  it.each(HELD)('should let a file that is %s be added anew, left as the item has it, or removed', state => {
    expect(['add', 'leave', 'remove'].map(type => ends('updateFile', state, { type }))).toEqual([
      'WAITING_FOR_TRANSFER',
      'READY',
      'removed'
    ]);
  });

  it('should begin where a file waits for its bytes, and a download where it is not prepared', () => {
    const machines = ['updateFile', 'downloadFile', 'updateSession', 'downloadSession'] as const;
    expect(machines.map(name => beginning(law[name]))).toEqual([
      'WAITING_FOR_TRANSFER',
      'UNPREPARED',
      { ACTIVE: 'open' },
      'ACTIVE'
    ]);
  });
});

describe('the law of a session that waits for its pulls', () => {
  const whole = { notReceived: [], missing: [], invalid: [], warnings: [], pullsFailed: 0, pullsRunning: 0 };
  const completing = { ACTIVE: 'completing' };
  type Summary = Extract<UpdateSessionEvent, { type: 'pullSettled' }>['summary'];
  const settled = (more: object) => ({ type: 'pullSettled', summary: { ...whole, ...more } as unknown as Summary });

  it.each<[string, object, StateValue]>([
    ['all is there', {}, 'DONE'],
    ['one failed', { pullsFailed: 1, pullsRunning: 1 }, 'ERROR'],
    ['one is running', { pullsRunning: 1, missing: ['a'] }, completing],
    ['a file is missing', { missing: ['a'] }, 'ERROR'],
    ['a file is not valid', { invalid: ['a'] }, 'ERROR'],
    ['a warning was not to be ignored', { warnings: ['w'] }, 'ERROR']
  ])('should go on when %s', (_, more, state) => {
    expect(ends('updateSession', completing, settled(more))).toEqual(state);
  });

  it('should take no more files, and bytes only of what is fetched', () => {
    const receive = (source: string) => ends('updateSession', completing, { type: 'file.receive', source } as never);
    expect([receive('PULL'), receive('PUSH')]).toEqual([completing, WRONG_STATE]);
    expect(ends('updateSession', completing, { type: 'file.add' })).toBe(WRONG_STATE);
  });
});
