// Whether the judge of what is left believes no more than it must.
import { describe, expect, it } from 'vitest';
import { isItemTold, knownSessions, untoldSessions } from './left.ts';
import type { Witnessed } from './witness.ts';

const create = (more: Partial<Witnessed>): Witnessed => ({
  op: 'createSession',
  args: [],
  from: 0,
  began: 1,
  seen: '',
  ...more
});
const MAY_COME = 'left on the server: perhaps a session on item i1: a create was not answered';
const NAMED = 'left on the server: session s1 (the connection broke)';

describe('what a run knows', () => {
  it('should be sessions that a create was answered with, and those that stand in the journal as its own', () => {
    const calls = [create({ value: 's1', ended: 2 }), create({ value: undefined, ended: 3, failed: 'CONNECTION' })];
    const records = [{ type: 'facts', data: { sessionId: 's2', before: ['s3'] } }] as never;
    const isKnown = knownSessions({ calls, records });
    expect(['s1', 's2', 's3', 'undefined'].filter(isKnown)).toEqual(['s1', 's2']);
  });
});

describe('a session that is open at the end', () => {
  const judge = (isKnown: boolean, notes: string[], left = true) =>
    untoldSessions(['s1'], () => isKnown, { left, notes });

  it('should be named where the run knew of it', () => {
    expect(judge(true, [NAMED])).toEqual([]);
    expect(judge(true, [MAY_COME])).toEqual([expect.stringContaining('no note of what is left names it')]);
  });
  it('should be one that may come where nobody heard of it', () => {
    for (const note of [MAY_COME, 'left on the server: session of run r1 on item i1', NAMED])
      expect(judge(false, [note])).toEqual([]);
    for (const note of ['left on the server: item i1 (no)', 'left in the folder: the part of a', 'session s1 stays'])
      expect(judge(false, [note])).toEqual([expect.stringContaining('no note says that there may be one')]);
  });
  it('should be told as data, too', () => {
    expect(judge(false, [MAY_COME], false)).toEqual([expect.stringContaining('does not say that something is left')]);
  });
});

it('should believe of an item only what names it, or says that one may come', () => {
  const told = (note: string) => isItemTold('i1', { notes: [note] });
  expect(told('left on the server: item i1 (no)')).toBe(true);
  expect(told('left on the server: perhaps an item "a" in library "b": a create was not answered')).toBe(true);
  expect(told('left on the server: item i2 (no)')).toBe(false);
  expect(told(MAY_COME)).toBe(false);
});
