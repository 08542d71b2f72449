// A rehearsal, answer by answer: it asks what the upload would ask, and never one thing that changes anything.
import { describe, expect, it } from 'vitest';
import type { Op } from '../../machines/workflow/calls.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { UploadInput } from '../../machines/workflow/upload-facts.ts';
import { byOp, type PlayOptions, play, refuse, type Script } from '../machines/play.ts';
import { GOOD, inputWith, sessionIs } from '../machines/samples.ts';

type Answers = Partial<Record<Op, unknown>>;

/** The item is there and empty; `sessions` are those of the user on it, by id. */
function rehearse(
  sessions: Readonly<Record<string, unknown>>,
  input: Partial<UploadInput> = {},
  answers: Answers = {},
  options: PlayOptions = {}
) {
  const table = byOp({
    ...GOOD,
    findItems: ['i1'],
    listItemFiles: [],
    listSessions: Object.keys(sessions),
    ownersOf: [],
    ...answers
  });
  const script: Script = (call, times, path) =>
    call.op === 'getSession' ? sessions[call.args.id] : table(call, times, path);
  return play(uploadMachine, inputWith({ rehearse: {}, ...input }), script, options);
}
const ACTIVE = (id: string) => sessionIs('ACTIVE', { id, expiresAt: 9_000 });
const said = (its: ReturnType<typeof rehearse>) => {
  const { outcome, failure, inTheWay } = its.output() as {
    outcome: string;
    failure?: { code: string };
    inTheWay: { id: string }[];
  };
  return [outcome, failure?.code, inTheWay.map(({ id }) => id)];
};
const CHANGING = /^(create|delete|cancel|fail|complete|update|keep|add|remove|push)/;

describe('a rehearsal', () => {
  it.each<[string, Parameters<typeof rehearse>, unknown[]]>([
    ['nothing is in the way', [{}], ['planned', undefined, []]],
    ['the item is not there', [{}, {}, { findItems: [] }], ['planned', undefined, []]],
    ['a session is open', [{ s7: ACTIVE('s7') }], ['failed', 'RESOURCE_BUSY', ['s7']]],
    ['a session has ended', [{ s7: sessionIs('ERROR', { id: 's7' }) }], ['planned', undefined, []]],
    ['a session is gone meanwhile', [{ s7: refuse('NOT_FOUND') }], ['planned', undefined, []]],
    ['a session cannot be looked at', [{ s7: refuse('UNAUTHORIZED') }], ['failed', 'UNAUTHORIZED', []]],
    ['sessions cannot be listed', [{}, {}, { listSessions: refuse('UNAUTHORIZED') }], ['failed', 'UNAUTHORIZED', []]],
    [
      'one of several is open',
      [{ s1: sessionIs('DONE', { id: 's1' }), s2: ACTIVE('s2'), s3: refuse('NOT_FOUND') }],
      ['failed', 'RESOURCE_BUSY', ['s2']]
    ],
    ['it would wait', [{ s7: ACTIVE('s7') }, { onBusy: 'wait' }], ['planned', undefined, ['s7']]],
    [
      'it would take over what nobody has any more',
      [{ s7: ACTIVE('s7') }, { onBusy: 'take-over' }, { ownersOf: [{ session: 's7', run: 'r', standing: 'gone' }] }],
      ['planned', undefined, ['s7']]
    ],
    [
      'it would take over, and may not',
      [
        { s7: ACTIVE('s7') },
        { onBusy: 'take-over' },
        { ownersOf: [{ session: 's7', run: 'r', standing: 'alive', pid: 4 }] }
      ],
      ['failed', 'RESOURCE_BUSY', ['s7']]
    ],
    [
      'nobody can say whose it is',
      [{ s7: ACTIVE('s7') }, { onBusy: 'take-over' }, { ownersOf: refuse('JOURNAL') }],
      ['failed', 'RESOURCE_BUSY', ['s7']]
    ],
    [
      'the session is its own, of an earlier life',
      [{ s7: ACTIVE('s7') }, { rehearse: { session: 's7' } }],
      ['planned', undefined, []]
    ],
    [
      'the server lets several be open',
      [{ s7: ACTIVE('s7') }, { server: { ...inputWith().server, sharesItems: true } }],
      ['planned', undefined, ['s7']]
    ],
    ['the item holds it all', [{}, { ifExists: 'skip' }], ['upToDate', undefined, []]],
    ['the item must not be there', [{}, { ifExists: 'fail' }], ['failed', 'ALREADY_EXISTS', []]]
  ])('should say how it stands, and change nothing, when %s', (_, world, answer) => {
    const its = rehearse(...world);
    expect(said(its)).toEqual(answer);
    expect(its.calls.filter(op => CHANGING.test(op))).toEqual([]);
  });

  it.each<Op>(['findLibraries', 'getItem', 'listItemFiles', 'listSessions', 'getSession', 'ownersOf'])(
    'should end at once when it is canceled during %s, with nothing to take away',
    op => {
      const its = rehearse({ s7: ACTIVE('s7') }, {}, {}, { cancelAt: call => call.op === op });
      expect(its.output().outcome).toBe('canceled');
      expect(its.calls.at(-1)).toBe(op);
    }
  );
});
