// An item that an upload has made, and takes away again, across a crash: a removal that is still on its way must not take away
// what a later life has sent.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { Known } from '../../machines/workflow/upload-facts.ts';
import { factsOf } from '../../src/events/facts.ts';
import { byOp, HOLD, type Play, type PlayOptions, play, refuse, turns } from './play.ts';
import { GOOD, inputWith, RUN, sessionIs } from './samples.ts';

/** A service on which all goes well but for what is said: its item is `i1`, then `i2`, and empty until a session is DONE. */
function live(answers: Partial<Record<Op, unknown>>, known?: Known, options: PlayOptions = {}) {
  const orders: CallSpec[] = [];
  let state = 'ACTIVE';
  const table = byOp({ ...GOOD, ...answers });
  const its: Play = play(
    uploadMachine,
    inputWith({ known }),
    (call, times, path) => {
      orders.push(call);
      if (call.op === 'createSession') state = 'ACTIVE';
      const value = table(call, times, path);
      if (call.op === 'complete') state = 'DONE';
      if (call.op === 'getSession' && value === undefined) return sessionIs(state);
      if (call.op === 'listItemFiles' && value === GOOD.listItemFiles && state !== 'DONE') return [];
      return value;
    },
    options
  );
  const tokens = orders.flatMap(call => (call.op === 'createItem' ? [call.args.token] : []));
  return { ...its, tokens, ends: ends(its), facts: () => factsOf(its.tree) };
}
function ends({ output }: Play) {
  const its = output() as { outcome?: string; failure?: { code: string }; left?: boolean } | undefined;
  return its && [its.outcome, its.failure?.code, its.left];
}

/** Given up for what may pass, and dead while the removal of the item is on its way. */
const died = (more: Partial<Known> = {}): Known => {
  const first = live({ createSession: refuse('UNAVAILABLE'), deleteItem: HOLD });
  return { ...(JSON.parse(JSON.stringify(first.facts())) as Known), ...more };
};

describe('an upload that takes its empty item away again', () => {
  it('should know so before the removal goes out', () => {
    expect(live({ createSession: refuse('UNAVAILABLE'), listItemFiles: HOLD }).facts().removing).toBe(undefined);
    expect(died()).toMatchObject({ removing: true, itemMade: true, itemId: 'i1', failure: { code: 'UNAVAILABLE' } });
  });

  it('should, in a later life, see it gone before it makes another one, with a token of its own', () => {
    const its = live({ createItem: 'i2' }, died({ wish: undefined }));
    expect(its.ends).toEqual(['done', undefined, false]);
    expect(its.calls.slice(0, 7)).toEqual([
      'listItemFiles',
      'deleteItem',
      'findLibraries',
      'getLibrary',
      'findItems',
      'createItem',
      'listSessions'
    ]);
    expect(its.tokens).toEqual([`${RUN.slice(0, -6)}000004`]);
    expect(its.facts()).toMatchObject({ itemId: 'i2', itemMade: true, generation: 2, removing: undefined });
  });

  it('should go on anew where the removal has landed meanwhile, or lands before its own', () => {
    const landed = live({ listItemFiles: turns(refuse('NOT_FOUND'), GOOD.listItemFiles) }, died());
    expect([landed.ends, landed.calls.includes('deleteItem')]).toEqual([['done', undefined, false], false]);
    expect(live({ deleteItem: refuse('NOT_FOUND') }, died()).ends).toEqual(['done', undefined, false]);
  });

  it('should take an item that is there then for somebody else’s', () => {
    const input = { findItems: ['i9'], getItem: { ...GOOD.getItem, id: 'i9' }, listItemFiles: turns([], []) };
    const its = live({ ...input, createSession: refuse('UNAUTHORIZED') }, died());
    expect(its.ends).toEqual(['failed', 'UNAUTHORIZED', false]);
    expect(its.calls.filter(op => op === 'deleteItem')).toHaveLength(1);
  });

  it('should end the session of the earlier life before, if there is one', () => {
    const its = live({ listSessions: turns(['s1'], []) }, died({ opened: true, before: [] }));
    expect(its.ends).toEqual(['done', undefined, false]);
    expect(its.calls.slice(0, 6)).toEqual([
      'listSessions',
      'ownersOf',
      'getSession',
      'listFiles',
      'failSession',
      'deleteSession'
    ]);
  });

  it('should fail as before where it cannot be taken away, and may be tried once more', () => {
    const its = live({ deleteItem: refuse('CONNECTION') }, died());
    expect(its.ends).toEqual(['failed', 'UNAVAILABLE', true]);
    expect(its.facts().removing).toBe(true);
    expect(live({}, its.facts()).ends).toEqual(['done', undefined, false]);
  });

  it('should leave an item that holds something by then, and fail as before', () => {
    const its = live({ listItemFiles: [{ name: 'theirs.bin', size: 1 }] }, died());
    expect(its.ends).toEqual(['failed', 'UNAVAILABLE', false]);
    expect(its.calls).toEqual(['listItemFiles']);
  });

  it('should only end what failed for good, or was canceled, before or meanwhile', () => {
    const forGood = live({}, died({ failure: failure('NOT_ALLOWED_IN_CURRENT_STATE', 'm'), sessionId: 's1' }));
    expect([forGood.ends, forGood.calls.at(-1)]).toEqual([
      ['failed', 'NOT_ALLOWED_IN_CURRENT_STATE', false],
      'deleteItem'
    ]);
    expect(live({}, died({ wish: 'test' })).ends).toEqual(['canceled', 'CANCELED', false]);
    const meanwhile = live({}, died(), { cancelAt: ({ op }) => op === 'deleteItem' });
    expect(meanwhile.ends).toEqual(['canceled', 'CANCELED', false]);
    expect(meanwhile.calls).toEqual(['listItemFiles', 'deleteItem']);
  });
});
