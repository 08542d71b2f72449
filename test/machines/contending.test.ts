// Another session is on the item: what the upload plan makes of it, for each --on-busy.
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../machines/vocabulary.ts';
import type { CallSpec, Op, SessionOwner } from '../../machines/workflow/calls.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import { tokenOf, type UploadInput } from '../../machines/workflow/upload-facts.ts';
import { factsOf } from '../../src/events/facts.ts';
import { send } from '../../src/step.ts';
import { byOp, HOLD, type Play, type PlayOptions, play, refuse, type Script, turns } from './play.ts';
import { completing, fileIs, GOOD, inputWith, POLICY, RUN, sessionIs } from './samples.ts';

type Answers = Partial<Record<Op, unknown>>;
const BUSY = refuse('RESOURCE_BUSY', { service: { errorType: 'RESOURCE_BUSY', messages: [] } });
const owner = (
  session: string,
  standing: SessionOwner['standing'],
  more: Partial<SessionOwner> = {}
): SessionOwner => ({
  session,
  run: `run-of-${session}`,
  standing,
  ...(standing !== 'gone' && { pid: 41 }),
  ...(standing === 'elsewhere' && { host: 'build-7' }),
  ...more
});

/** A service whose item is there, and busy as told; sessions other than the upload's own are what `rivals` says. */
function service(more: Answers, rivals: Readonly<Record<string, string>> = {}, own = 's1'): Script {
  const ours = completing(
    byOp({ ...GOOD, findItems: ['i1'], listItemFiles: turns([], GOOD.listItemFiles), ownersOf: [], ...more })
  );
  return (call: CallSpec, times, path) => {
    if (call.op === 'getSession' && call.args.id !== own) {
      const its = rivals[call.args.id];
      return its === 'gone' ? refuse('NOT_FOUND') : its === undefined ? refuse('UNAUTHORIZED') : sessionIs(its);
    }
    return ours(call, times, path);
  };
}
const upload = (
  answers: Answers,
  input: Partial<UploadInput> = {},
  options: PlayOptions & { rivals?: Readonly<Record<string, string>>; adopts?: boolean } = {}
): Play =>
  play(uploadMachine, inputWith(input), service(answers, options.rivals, options.adopts ? 's7' : 's1'), options);
const failed = (its: Play): Failure => its.output().failure as Failure;
const CONTENT = ['findLibraries', 'getLibrary', 'findItems', 'getItem', 'listItemFiles'];
const calls = (its: Play): string[] => its.calls.slice(CONTENT.length);
const cancelAt = (op: Op, time = 1): PlayOptions => ({ cancelAt: (call, times) => call.op === op && times === time });

describe('--on-busy fail', () => {
  it.each<[string, Answers, string, string]>([
    [
      'somebody else’s session, which cannot be seen',
      { listSessions: [] },
      'none of yours is on it, so it is of another user: the service does not show whose',
      'ask who else works on it'
    ],
    [
      'a session of which the journal knows nothing',
      { listSessions: ['s7'] },
      'your session s7, of which this journal knows nothing',
      '--on-busy take-over --force'
    ],
    [
      'a session that a process works on',
      { listSessions: ['s7'], ownersOf: [owner('s7', 'alive')] },
      'session s7 of the run run-of-s7, which process 41 is working on',
      '--on-busy wait'
    ],
    [
      'a session of another machine',
      { listSessions: ['s7'], ownersOf: [owner('s7', 'elsewhere')] },
      'which process 41 on build-7 may be working on',
      '--on-busy take-over --force'
    ],
    [
      'a session that nobody works on any more',
      { listSessions: ['s7', 's8'], ownersOf: [owner('s8', 'gone')] },
      'knows nothing; session s8 of the run run-of-s8, which nobody is working on any more',
      'shelver resume run-of-s8; or end it: --on-busy take-over'
    ],
    [
      'a session of this very run',
      { listSessions: ['s7'], ownersOf: [owner('s7', 'alive', { run: RUN })] },
      'session s7 of this run itself',
      '--on-busy wait'
    ],
    [
      'a session, and a journal that cannot be read',
      { listSessions: ['s7'], ownersOf: refuse('JOURNAL') },
      'your session s7',
      'shelver sessions ls'
    ]
  ])('should say what is known of it: %s', (_, answers, said, next) => {
    const its = upload({ createSession: BUSY, ...answers });
    expect(failed(its)).toMatchObject({ code: 'RESOURCE_BUSY', service: { errorType: 'RESOURCE_BUSY' } });
    expect(failed(its).message).toMatch(/^another update session is open on the item "ubuntu" in library "images": /);
    expect(failed(its).message).toContain(said);
    expect(failed(its).next).toContain(next);
    expect(its.output()).toMatchObject({ outcome: 'failed', opened: false, left: false });
    const asked = answers.listSessions?.toString() === '' ? [] : ['ownersOf'];
    expect(calls(its)).toEqual(['listSessions', 'createSession', 'listSessions', ...asked]);
  });

  it('should be busy, too, when its own sessions cannot be listed', () => {
    const its = upload({ createSession: refuse('RESOURCE_BUSY'), listSessions: turns([], refuse('UNAUTHORIZED')) });
    expect(failed(its)).toEqual({
      code: 'RESOURCE_BUSY',
      message: expect.stringContaining('whether it is one of yours could not be asked: scripted UNAUTHORIZED')
    });
  });
});

describe('--on-busy wait', () => {
  const wait = { onBusy: 'wait' } as const;
  it('should try again until the item is free, more and more seldom, and go on then', () => {
    const busy = Array.from({ length: 6 }, () => BUSY);
    const its = upload({ createSession: turns(...busy, 's1'), listSessions: ['s7'] }, wait, { luck: 1 });
    expect(its.output()).toMatchObject({ outcome: 'done', before: ['s7'], sessionId: 's1' });
    expect(its.waits.slice(0, 6)).toEqual([1_000, 1_000, 2_000, 4_000, 8_000, 8_000]);
    // Before each create it is listed anew what is there; what it waits for is never touched, or it would live for ever.
    expect(its.calls.filter(op => op === 'createSession')).toHaveLength(7);
    expect(its.calls.filter(op => op === 'listSessions')).toHaveLength(8);
    expect(its.calls.filter(op => op === 'cancelSession')).toEqual([]);
  });

  it('should wait shorter by chance, so that those who wait do not come together', () => {
    const its = upload({ createSession: turns(BUSY, 's1') }, wait, { luck: 0 });
    expect(its.waits[0]).toBe(500);
  });

  it('should say for whom it waits, and stop saying so', () => {
    const whys = new Set<string>();
    const each: PlayOptions['each'] = ({ snapshot }) => {
      const { why } = snapshot.context as { why?: Failure };
      whys.add(`${JSON.stringify(snapshot.value).slice(2, 12)}: ${why?.message}`);
    };
    upload({ createSession: turns(BUSY, 's1'), listSessions: ['s7'] }, wait, { each });
    const why = 'another session is on the item: your session s7, of which this journal knows nothing';
    expect([...whys]).toContain(`contending: ${why}`);
    expect([...whys].filter(text => /^(holding|verifying)/.test(text)).every(text => text.endsWith('undefined'))).toBe(
      true
    );
  });

  it('should give up when its time is over, not a moment later, and say how long it waited', () => {
    const its = upload({ createSession: BUSY }, wait, { luck: 1 });
    expect(its.waits.reduce((sum, ms) => sum + ms, 0)).toBe(POLICY.busyMs);
    expect(failed(its).code).toBe('RESOURCE_BUSY');
    expect(failed(its).message).toContain(
      'has been open on the item "ubuntu" in library "images" for all of the 1 min'
    );
  });

  it.each<[string, Answers]>([
    ['was made', { createSession: turns(BUSY, 's1', BUSY), listSessions: [] }],
    [
      'was found',
      {
        createSession: turns(BUSY, refuse('CONNECTION', { ambiguous: true }), BUSY),
        listSessions: turns([], [], [], ['s1'], [])
      }
    ]
  ])('should wait anew for whoever comes when a session that %s is lost', (_, sessions) => {
    const its = upload({ ...sessions, getSession: refuse('NOT_FOUND'), push: refuse('NOT_FOUND') }, wait, { luck: 1 });
    expect(failed(its).code).toBe('RESOURCE_BUSY');
    expect(its.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(POLICY.busyMs + 1_000);
  });

  it('should end at once when it is canceled while it rests', () => {
    const its = upload({ createSession: BUSY, listSessions: ['s7'] }, wait, { holdWaits: () => true });
    expect(its.tree.snapshot.value).toEqual({ contending: { waiting: 'resting' } });
    const [tree, commands] = send(its.tree, { type: 'cancel', reason: 'test' } as never);
    expect(commands).toEqual([{ do: 'stop', at: 'busyRest' }]);
    expect(tree.snapshot.output).toMatchObject({ outcome: 'canceled', left: false });
  });

  it.each<[string, PlayOptions]>([
    ['looks who is there', cancelAt('listSessions', 2)],
    ['asks whose it is', cancelAt('ownersOf')],
    ['lists before the next try', cancelAt('listSessions', 3)],
    ['tries the first time', cancelAt('createSession')],
    ['tries again', cancelAt('createSession', 2)]
  ])('should end when it is canceled while it %s, with nothing left behind', (_, options) => {
    const its = upload({ createSession: BUSY, listSessions: ['s7'] }, wait, options);
    expect(its.output()).toMatchObject({ outcome: 'canceled', left: false });
    expect(its.calls.filter(op => op === 'cancelSession' || op === 'failSession')).toEqual([]);
  });

  it('should end what it has opened after all when it was canceled meanwhile', () => {
    const its = upload({ createSession: turns(BUSY, 's1') }, wait, cancelAt('createSession', 2));
    expect(its.output().outcome).toBe('canceled');
    expect(its.calls.slice(-2)).toEqual(['cancelSession', 'deleteSession']);
  });

  it('should fail as answered when a later create fails for another reason', () => {
    const its = upload({ createSession: turns(BUSY, refuse('UNAUTHORIZED')) }, wait);
    expect(failed(its).code).toBe('UNAUTHORIZED');
  });

  it('should write nothing down that would make a later life end it', () => {
    const its = upload({ createSession: turns(BUSY, HOLD) }, wait);
    const facts = factsOf(its.tree);
    expect(facts).toMatchObject({ opened: true, failure: undefined, wish: undefined });
    const later = play(
      uploadMachine,
      inputWith({ ...wait, known: facts }),
      service({ listItemFiles: GOOD.listItemFiles })
    );
    expect(later.output().outcome).toBe('done');
  });
});

describe('--on-busy take-over', () => {
  const take = { onBusy: 'take-over' } as const;
  const force = { ...take, force: true };
  const dead = { listSessions: turns([], ['s7'], []), ownersOf: [owner('s7', 'gone')] };

  it('should end a session whose owner is gone, and go on', () => {
    const its = upload({ createSession: turns(BUSY, 's1'), ...dead }, take, { rivals: { s7: 'ACTIVE' } });
    expect(its.output()).toMatchObject({
      outcome: 'done',
      before: [],
      notes: ['taken over: session s7 of the run run-of-s7, which nobody is working on any more']
    });
    expect(calls(its).slice(0, 10)).toEqual(
      'listSessions createSession listSessions ownersOf getSession cancelSession deleteSession listSessions createSession getSession'.split(
        ' '
      )
    );
  });

  it.each<[string, Answers, Partial<UploadInput>, string, string]>([
    [
      'of a process that lives',
      { ownersOf: [owner('s7', 'alive')] },
      take,
      'which process 41 is working on',
      'it is not taken over while it lives'
    ],
    [
      'of a process that lives, by force',
      { ownersOf: [owner('s7', 'alive')] },
      force,
      'which process 41 is working on',
      'it is not taken over while it lives'
    ],
    ['of another machine', { ownersOf: [owner('s7', 'elsewhere')] }, take, 'build-7', 'end it: --force'],
    ['that the journal does not know', {}, take, 'of which this journal knows nothing', 'end it: --force'],
    [
      'while the journal cannot be read, by force',
      { ownersOf: refuse('JOURNAL') },
      force,
      'your session s7',
      '--force'
    ],
    ['of another user', { listSessions: [] }, force, 'it is of another user', 'ask who else works on it']
  ])('should leave a session %s, and say why', (_, answers, input, said, next) => {
    const its = upload({ createSession: BUSY, listSessions: ['s7'], ...answers }, input, { rivals: { s7: 'ACTIVE' } });
    expect(failed(its).code).toBe('RESOURCE_BUSY');
    expect(failed(its).message).toContain(said);
    expect(failed(its).next).toContain(next);
    expect(its.calls.filter(op => /^(get|cancel|delete)Session$/.test(op))).toEqual([]);
  });

  it.each<[string, Answers]>([
    ['that the journal does not know', {}],
    ['of another machine', { ownersOf: [owner('s7', 'elsewhere')] }]
  ])('should end a session %s by force', (_, answers) => {
    const its = upload({ createSession: turns(BUSY, 's1'), listSessions: turns([], ['s7'], []), ...answers }, force, {
      rivals: { s7: 'ACTIVE' }
    });
    expect(its.output().outcome).toBe('done');
  });

  it('should end a session of an earlier life of its own without more ado', () => {
    const mine = { ...dead, ownersOf: [owner('s7', 'alive', { run: RUN })] };
    const its = upload({ createSession: turns(BUSY, 's1'), ...mine }, take, { rivals: { s7: 'ACTIVE' } });
    expect(its.output().outcome).toBe('done');
  });

  it('should try again when the session has gone by itself meanwhile', () => {
    const its = upload({ createSession: turns(BUSY, 's1'), ...dead }, take, { rivals: { s7: 'gone' } });
    expect(its.output()).toMatchObject({ outcome: 'done', notes: [] });
    expect(its.calls).not.toContain('cancelSession');
  });

  it('should leave one that has ended: what is in the way is another user’s then', () => {
    const its = upload({ createSession: BUSY, ...dead }, take, { rivals: { s7: 'DONE' } });
    expect(failed(its).message).toContain('it is of another user');
    expect(its.calls).not.toContain('cancelSession');
  });

  it('should say so when it cannot look at the session, or cannot end it', () => {
    expect(failed(upload({ createSession: BUSY, ...dead }, take)).code).toBe('UNAUTHORIZED');
    const its = upload({ createSession: BUSY, ...dead, cancelSession: refuse('SERVER_ERROR') }, take, {
      rivals: { s7: 'ACTIVE' }
    });
    expect(failed(its).code).toBe('SERVER_ERROR');
    expect(its.output().left).toBe(false);
  });

  it('should go on although the ended session could not be deleted', () => {
    const its = upload(
      { createSession: turns(BUSY, 's1'), ...dead, deleteSession: turns(refuse('UNAUTHORIZED'), null) },
      take,
      {
        rivals: { s7: 'ACTIVE' }
      }
    );
    expect(its.output().outcome).toBe('done');
  });

  it('should not fight for ever with somebody who opens one after the other', () => {
    const its = upload({ createSession: BUSY, listSessions: ['s7'], ownersOf: [owner('s7', 'gone')] }, take, {
      rivals: { s7: 'ACTIVE' }
    });
    expect(failed(its).code).toBe('RESOURCE_BUSY');
    expect(its.calls.filter(op => op === 'cancelSession')).toHaveLength(POLICY.maxAttempts);
    expect(failed(its).next).toContain('shelver cleanup run-of-s7');
  });

  it.each<[Op, number, boolean]>([
    ['getSession', 1, false],
    ['cancelSession', 1, true],
    ['deleteSession', 1, true]
  ])('should finish what it has begun to end when it is canceled at %s', (op, time, finished) => {
    const its = upload({ createSession: BUSY, ...dead }, take, { rivals: { s7: 'ACTIVE' }, ...cancelAt(op, time) });
    expect(its.output().outcome).toBe('canceled');
    expect(its.calls.includes('deleteSession')).toBe(finished);
  });
});

describe('a session found after a create that nobody answered', () => {
  const LOST = refuse('CONNECTION', { ambiguous: true });
  const at = (status: string, sourceType = 'PUSH') => [fileIs(status, { sourceType })];
  const OPEN = { rivals: { s7: 'ACTIVE', s8: 'ACTIVE' } };

  it.each<[string, Answers]>([
    ['nobody says a word about it', {}],
    ['the journal has it as this run’s', { ownersOf: [owner('s7', 'alive', { run: RUN })] }],
    ['it lists what the item holds', { listFiles: at('READY', 'NONE') }],
    ['the journal cannot be asked', { ownersOf: refuse('JOURNAL') }],
    ['it is gone, as the session itself says then', { listFiles: refuse('NOT_FOUND') }]
  ])('should be this run’s when %s', (_, answers) => {
    const its = upload({ createSession: LOST, listSessions: turns([], ['s7']), ...answers }, {}, { adopts: true });
    expect(its.output()).toMatchObject({ sessionId: 's7', outcome: 'done' });
  });

  it.each<[string, Answers]>([
    ['the journal has it as another run’s', { ownersOf: [owner('s7', 'alive')] }],
    ['somebody sends into it', { listFiles: at('TRANSFERRING') }],
    ['the service fetches into it', { listFiles: at('WAITING_FOR_TRANSFER', 'PULL') }]
  ])('should be left alone when %s, and nothing of it be ended', (_, answers) => {
    const its = upload({ createSession: LOST, listSessions: turns([], ['s7']), ...answers }, {}, OPEN);
    expect(failed(its).code).toBe('RESOURCE_BUSY');
    expect(failed(its).message).toContain('session s7');
    expect(its.output()).toMatchObject({ sessionId: undefined, before: ['s7'] });
    // Its own create may still take effect.
    expect(its.output().notes).toEqual([expect.stringContaining('perhaps a session on item i1')]);
    expect(its.calls.filter(op => /^(addFile|failSession|cancelSession|deleteSession)$/.test(op))).toEqual([]);
  });

  it.each([
    ['anybody sends into it', OPEN],
    ['it is open', {}]
  ])('should be left alone while the service does not say whether %s, and be told', (_, options) => {
    const answers = { createSession: LOST, listSessions: turns([], ['s7']), listFiles: refuse('UNAUTHORIZED') };
    const its = upload(answers, {}, options);
    expect(failed(its).code).toBe('UNAUTHORIZED');
    expect(its.output()).toMatchObject({ sessionId: undefined, left: true });
    expect(its.output().notes).toEqual([
      'left on the server: perhaps session s7 (scripted UNAUTHORIZED)',
      expect.stringContaining('perhaps a session on item i1')
    ]);
    expect(its.calls.filter(op => /^(addFile|failSession|cancelSession|deleteSession)$/.test(op))).toEqual([]);
  });

  it('should be waited for when it is not this run’s', () => {
    const its = upload(
      {
        createSession: turns(LOST, 's1'),
        listSessions: turns([], ['s7'], ['s7'], []),
        ownersOf: turns([owner('s7', 'alive')])
      },
      { onBusy: 'wait' }
    );
    expect(its.output()).toMatchObject({ outcome: 'done', sessionId: 's1' });
  });

  it.each<Op>(['ownersOf', 'getSession', 'listFiles'])('should be ended when the run is canceled at %s', op => {
    const its = upload({ createSession: LOST, listSessions: turns([], ['s7']) }, {}, { ...cancelAt(op), ...OPEN });
    expect(its.output()).toMatchObject({ outcome: 'canceled', sessionId: 's7' });
    expect(its.calls.slice(-3)).toEqual(['cancelSession', 'deleteSession', 'listSessions']);
  });

  it('should be ended when the run was canceled before it was found', () => {
    const its = upload(
      { createSession: LOST, listSessions: turns([], ['s7']) },
      {},
      { ...cancelAt('createSession'), ...OPEN }
    );
    expect(its.output()).toMatchObject({ outcome: 'canceled', sessionId: 's7' });
    const over = { ...cancelAt('createSession'), rivals: { s7: 'CANCELED' } };
    const none = upload({ createSession: LOST, listSessions: turns([], ['s7']) }, {}, over);
    expect(none.output()).toMatchObject({ outcome: 'canceled', sessionId: undefined });
    expect(none.calls).toContain('deleteSession');
    expect(none.calls.filter(op => op === 'createSession')).toHaveLength(1);
  });

  it('should not be ended by a clean-up that comes later, when it is another run’s', () => {
    const known = { ...LATER, opened: true, before: ['s0'], wish: 'cleaned up' };
    const answers = { listSessions: ['s0', 's7', 's8'], ownersOf: turns([owner('s7', 'alive')], []) };
    const its = upload(answers, { known }, OPEN);
    expect(its.output()).toMatchObject({ outcome: 'canceled', sessionId: 's8' });
    expect(its.calls).toEqual([
      'listSessions',
      'ownersOf',
      'listSessions',
      'ownersOf',
      'getSession',
      'listFiles',
      'cancelSession',
      'deleteSession'
    ]);
  });

  it.each(['CANCELED', 'gone'])(
    'should not be sent into when it is %s by now, and another one be opened under a token of its own',
    s7 => {
      const known = { ...LATER, opened: true, before: [] };
      const tokens: string[] = [];
      const answers = { listSessions: ['s7'], listItemFiles: GOOD.listItemFiles };
      const script = service(answers, { s7 });
      const its = play(uploadMachine, inputWith({ known }), (call, times, path) => {
        if (call.op === 'createSession') tokens.push(call.args.token);
        return script(call, times, path);
      });
      expect(its.output()).toMatchObject({ outcome: 'done', sessionId: 's1', generation: 2 });
      expect(its.calls.slice(0, 6)).toEqual([
        'listSessions',
        'ownersOf',
        'getSession',
        'deleteSession',
        'listSessions',
        'createSession'
      ]);
      expect(tokens).toEqual([tokenOf(RUN, 'session', 2)]);
    }
  );

  it('should be taken away when it has ended, and nothing more be opened than may be, or nothing at all', () => {
    const ended = { rivals: { s7: 'CANCELED' } };
    const last = { ...LATER, opened: true, before: [], generation: POLICY.maxAttempts };
    const spent = upload({ listSessions: ['s7'] }, { known: last }, ended);
    expect([failed(spent).code, spent.calls]).toEqual([
      'SESSION_CANCELED',
      ['listSessions', 'ownersOf', 'getSession', 'deleteSession']
    ]);
    const known = { ...LATER, opened: true, before: [], wish: 'cleaned up' };
    const its = upload({ listSessions: ['s7'] }, { known }, ended);
    expect(its.output()).toMatchObject({ outcome: 'canceled', sessionId: 's7' });
    expect(its.calls).toEqual(['listSessions', 'ownersOf', 'getSession', 'deleteSession']);
  });
});

const LATER = { itemId: 'i1', itemMade: false, making: false, generation: 1, asked: false, done: false, files: [] };
