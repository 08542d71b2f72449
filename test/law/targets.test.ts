// Where the transitions of files lead, and those of a session that no table over HTTP shows, written a second time: the law asked
// by itself.
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

const WHOLE = { notReceived: [], missing: [], invalid: [], warnings: [], pullsFailed: 0, pullsRunning: 0 };

describe('the law of a file', () => {
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

/** Rows: what happens; columns: where the file stands; cells: where it stands then, `-`: as before. */
const FILES: readonly (readonly [machine: 'updateFile' | 'downloadFile', table: string])[] = [
  [
    'updateFile',
    `
                    | WAITING_FOR_TRANSFER | TRANSFERRING         | VALIDATING | READY        | ERROR | removed
     begin          | TRANSFERRING         | -                    | no         | TRANSFERRING | no    | no
     bytesArrived   | no                   | -                    | no         | no           | no    | no
     received       | no                   | VALIDATING           | no         | no           | no    | no
     dropped        | no                   | WAITING_FOR_TRANSFER | no         | no           | no    | no
     dropped, error | no                   | ERROR                | no         | no           | no    | no
     verified       | no                   | no                   | READY      | no           | no    | no
     mismatched     | no                   | no                   | ERROR      | no           | no    | no
     transferFailed | ERROR                | ERROR                | ERROR      | no           | no    | no
     add            | WAITING_FOR_TRANSFER | WAITING_FOR_TRANSFER | WAITING_FOR_TRANSFER | WAITING_FOR_TRANSFER | WAITING_FOR_TRANSFER | no
     leave          | READY                | READY                | READY      | READY        | READY | no
     remove         | removed              | removed              | removed    | removed      | removed | no`
  ],
  [
    'downloadFile',
    `
              | UNPREPARED        | PREPARE_REQUESTED | PREPARING  | PREPARED   | ERROR
     prepare  | PREPARE_REQUESTED | -                 | -          | -          | PREPARE_REQUESTED
     begin    | no                | PREPARING         | no         | no         | no
     prepared | no                | no                | PREPARED   | no         | no
     failed   | no                | no                | ERROR      | no         | no
     read     | no                | no                | no         | -          | no
     withdraw | no                | UNPREPARED        | UNPREPARED | UNPREPARED | no`
  ]
];

const CELLS = FILES.flatMap(([machine, table]) => {
  const [[, ...states] = [], ...rows] = table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => line.split('|').map(cell => cell.trim()));
  return rows.flatMap(([what = '', ...cells]) =>
    cells.map((cell, at) => ({ machine, what, state: String(states[at]), cell }))
  );
});

describe('the law of a file, cell by cell', () => {
  it.each(CELLS)('should say of $machine in $state when it is $what: $cell', ({ machine, what, state, cell }) => {
    const [type = '', error] = what.split(', ');
    const event = { type, rules: { dropIsError: error !== undefined } };
    expect(ends(machine, state, event)).toBe({ no: WRONG_STATE, '-': state }[cell] ?? cell);
  });
});

describe('the law of a session that is open', () => {
  const open = { ACTIVE: 'open' };
  const cancel = (cancelDeletes: boolean) => ({ type: 'cancel', rules: { cancelDeletes } });

  it.each<[string, { type: string }, StateValue]>([
    ['canceled', cancel(false), 'CANCELED'],
    ['canceled where that deletes it', cancel(true), 'gone'],
    ['left without its item', { type: 'itemDeleted' }, 'ERROR'],
    ['hit by a failure of the server', { type: 'transferFailed' }, 'ERROR'],
    ['past its time', { type: 'expire' }, 'expired']
  ])('should know where it goes when it is %s, whether or not complete was sent', (_, event, state) => {
    expect([ends('updateSession', open, event), ends('updateSession', { ACTIVE: 'completing' }, event)]).toEqual([
      state,
      state
    ]);
  });

  it('should name the file that keeps it from being validated, and nothing else', () => {
    const validate = (more: object) => ({ type: 'file.validate', summary: { ...WHOLE, ...more } });
    const late = { notReceived: [{ name: 'a', status: 'VALIDATING' }] };
    expect(ends('updateSession', open, validate(late))).toBe('fileNotReceived');
    for (const more of [{ missing: ['a'] }, { invalid: ['a'] }, { warnings: ['w'] }, { pullsFailed: 1 }])
      expect(ends('updateSession', open, validate(more))).toEqual(open);
  });

  it('should have a download go the same ways', () => {
    const ways = ['cancel', 'fail', 'itemDeleted', 'expire'].map(type => ends('downloadSession', 'ACTIVE', { type }));
    expect(ways).toEqual(['CANCELED', 'ERROR', 'ERROR', 'expired']);
  });
});

describe('the law of a session that waits for its pulls', () => {
  const completing = { ACTIVE: 'completing' };
  type Summary = Extract<UpdateSessionEvent, { type: 'pullSettled' }>['summary'];
  const settled = (more: object) => ({ type: 'pullSettled', summary: { ...WHOLE, ...more } as unknown as Summary });

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
