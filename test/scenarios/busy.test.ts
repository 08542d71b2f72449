// Two on one item: who waits, who takes over from whom, and who leaves the other alone.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { type Journal, PortFailure, type Ports } from '../../src/ports.ts';
import type { UploadSpec } from '../../src/spec.ts';
import { upload } from '../../src/upload.ts';
import { plainView } from '../../src/view/plain.ts';
import { bytesOf } from '../run/bytes.ts';
import { mortal } from '../run/crashing.ts';
import { sharedJournal } from '../run/two-processes.ts';
import { left, opsOf, PASSWORD, playIn, portStage, type VirtualStage } from './stage.ts';

const fox = { name: 'fox.bin', source: bytesOf('the quick brown fox'.repeat(1_000)) };
const spec: UploadSpec = { to: 'images/fox', files: [fox] };
const MINUTE = 60_000;
const WORLD = {
  users: { user: PASSWORD, other: 'secret' },
  libraries: [{ name: 'images', items: [{ name: 'fox' }] }]
};
const FIRST = '11111111-7d1b-4c55-9a44-0d6c1f2b3a4d';

/** A stage on which somebody holds a session on the item. */
async function held(username: 'user' | 'other') {
  const stage = portStage(WORLD);
  const { library } = stage.simulator.ports({ username });
  const [itemId = ''] = await library.findItems({ name: 'fox' });
  return { stage, library, itemId, sessionId: await library.createSession({ itemId }) };
}
const stateOf = ({ simulator }: VirtualStage, id: string): unknown =>
  simulator.state.sessions.flatMap(bucket => Object.values(bucket)).find(session => session.id === id)?.state;
const later = (stage: VirtualStage, ms: number, act: () => unknown): void => {
  void stage.clock.sleepUntil(stage.clock.now() + ms).then(act);
};
const waits = (events: readonly RunEvent[]) => events.filter(event => event.type === 'waiting' && event.why);

describe('an upload that waits', () => {
  it.each<[string, number, (its: Awaited<ReturnType<typeof held>>) => unknown]>([
    ['is canceled', 90_000, ({ library, sessionId }) => library.cancelSession(sessionId)],
    ['is failed', 90_000, ({ library, sessionId }) => library.failSession(sessionId, 'no')],
    ['expires by itself', 5 * MINUTE, () => undefined]
  ])('should go on when the other user’s session %s', async (_, ms, act) => {
    const its = await held('other');
    const begun = its.stage.clock.now();
    later(its.stage, ms, () => act(its));
    const { report, events, progress } = await its.stage.play({ ...spec, onBusy: 'wait' });
    expect(report.outcome).toBe('done');
    expect(report.endedAt - begun).toBeGreaterThanOrEqual(ms);
    expect(report.endedAt - begun).toBeLessThan(ms + 20_000);
    const why =
      'another session is on the item: none of yours is on it, so it is of another user: the service does not show whose';
    expect(new Set(waits(events).map(event => 'why' in event && event.why))).toEqual(new Set([why]));
    const shown = progress.filter(({ phase, waits: its }) => phase === 'contending' && its[0]?.why === why);
    expect(shown.length).toBeGreaterThan(3);
    expect(progress.at(-1)?.waits).toEqual([]);
  });

  it('should not keep alive what it waits for, when that is a session of its own user', async () => {
    const { stage, sessionId } = await held('user');
    const begun = stage.clock.now();
    const { report } = await stage.play({ ...spec, onBusy: 'wait' });
    expect(report.outcome).toBe('done');
    expect(report.endedAt - begun).toBeLessThan(5 * MINUTE + 20_000);
    expect(stateOf(stage, sessionId)).toBeUndefined();
  });

  it('should give up after half an hour, say how long it waited, and ask no more than some hundred times', async () => {
    const { stage, library, sessionId } = await held('other');
    for (let minute = 1; minute < 30; minute++) later(stage, minute * MINUTE, () => library.keepAlive(sessionId));
    const { report, events } = await stage.play({ ...spec, onBusy: 'wait' });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'RESOURCE_BUSY' } });
    expect(report.failure?.message).toContain('for all of the 30 min that were waited: none of yours is on it');
    expect(report.endedAt - report.startedAt).toBeLessThan(30 * MINUTE + 1_000);
    expect(opsOf(stage).filter(op => op === 'session.create').length).toBeLessThan(300);
    expect(events.length).toBeLessThan(3_000);
    expect(stateOf(stage, sessionId)).toMatchObject({});
  });

  it('should obey its own deadline first', async () => {
    const { stage } = await held('other');
    const { report } = await stage.play({ ...spec, onBusy: 'wait', deadlineMs: 2 * MINUTE }, { canceled: true });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'DEADLINE' } });
    expect(report.endedAt - report.startedAt).toBe(2 * MINUTE);
    expect(left(stage)).toEqual({ sessions: ['ACTIVE'], items: ['fox'] });
  });

  it('should end at once when it is canceled, and leave nothing', async () => {
    const { stage } = await held('other');
    let at = 0;
    const { report } = await stage.play(
      { ...spec, onBusy: 'wait' },
      {
        on: (event, run) => {
          if (event.type !== 'waiting' || event.at - stage.clock.now() > 0 || waits([event]).length === 0 || at > 0)
            return;
          at = event.at;
          run.cancel('enough');
        }
      }
    );
    expect(report).toMatchObject({ outcome: 'canceled', left: false });
    expect(report.endedAt).toBe(at);
    expect(left(stage)).toEqual({ sessions: ['ACTIVE'], items: ['fox'] });
  });

  it('should say once in lines why it waits, however long', async () => {
    const { stage } = await held('other');
    const lines: string[] = [];
    const run = upload(stage.ports, { ...spec, onBusy: 'wait' });
    const view = plainView(run, { write: line => lines.push(line), clock: stage.clock });
    await stage.clock.run(run.report);
    view.stop();
    expect(lines.filter(line => /contending/.test(line))).toHaveLength(1);
    expect(lines.filter(line => /another session is on the item/.test(line))).toHaveLength(1);
  });
});

const withJournal = (journal: Journal) => (ports: Ports) => ({ ...ports, journal });

/** A first run that has died, or still lives, with its session open on the item, which it names by its id. */
async function holding(dies: boolean) {
  const stage = portStage(WORLD);
  const { alive, of } = sharedJournal();
  const [first, second] = [of(41), of(42)];
  alive.add(41).add(42);
  const [itemId = ''] = await stage.simulator.ports().library.findItems({ name: 'fox' });
  const byId: UploadSpec = { to: `images/id:${itemId}`, files: [fox] };
  const { ports, dead } = mortal({ ...stage.ports, journal: first }, { at: 18, acts: true });
  const run = upload(ports, byId, { run: FIRST });
  expect(await stage.clock.run(Promise.race([run.report, dead]))).toBe('dead');
  if (dies) alive.delete(41);
  const [sessionId = ''] = await stage.simulator.ports().library.listSessions({ itemId });
  expect(stateOf(stage, sessionId)).toMatchObject({ ACTIVE: expect.anything() });
  const again = () => stage.clock.run(upload({ ...stage.ports, journal: first }, byId, { run: FIRST }).report);
  return { stage, journal: second, sessionId, itemId, again };
}

describe('an upload that takes over', () => {
  const take: UploadSpec = { ...spec, onBusy: 'take-over' };

  it('should end the session of a run that has died, and go on', async () => {
    const { stage, journal, sessionId } = await holding(true);
    const { report } = await playIn(stage, take, { ports: withJournal(journal) });
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'digest' }] });
    expect(report.notes).toEqual([
      `taken over: session ${sessionId} of the run ${FIRST}, which nobody is working on any more`
    ]);
    expect(left(stage)).toEqual({ sessions: [], items: ['fox'] });
  });

  it.each([false, true])('should leave the session of a process that lives, force or not (%s)', async force => {
    const { stage, journal, sessionId } = await holding(false);
    const { report } = await playIn(stage, { ...take, force }, { ports: withJournal(journal) });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'RESOURCE_BUSY' } });
    expect(report.failure?.message).toContain(
      `session ${sessionId} of the run ${FIRST}, which process 41 is working on`
    );
    expect(stateOf(stage, sessionId)).toMatchObject({ ACTIVE: expect.anything() });
  });

  it('should leave a session that the journal does not know, but for --force', async () => {
    const { stage, sessionId } = await held('user');
    const refused = await stage.play(take);
    expect(refused.report.failure).toMatchObject({
      code: 'RESOURCE_BUSY',
      message: expect.stringContaining(`your session ${sessionId}, of which this journal knows nothing`),
      next: expect.stringContaining('--force')
    });
    expect((await stage.play({ ...take, force: true })).report.outcome).toBe('done');
    expect(stateOf(stage, sessionId)).toBeUndefined();
  });

  it('should leave another user’s session, even by force, and say that it cannot be seen', async () => {
    const { stage, sessionId } = await held('other');
    const { report } = await stage.play({ ...take, force: true });
    expect(report.failure?.message).toContain('it is of another user: the service does not show whose');
    expect(stateOf(stage, sessionId)).toMatchObject({ ACTIVE: expect.anything() });
  });

  it.each(['session.list', 'session.get', 'session.cancel', 'session.delete', 'session.create'])(
    'should come through when the answer of %s is lost on the way',
    async on => {
      for (const skip of [0, 1]) {
        const { stage, journal } = await holding(true);
        stage.simulator.inject({ on, do: 'loseAnswer', skip });
        const { report } = await playIn(stage, take, { ports: withJournal(journal) });
        expect(report.outcome, `${on}, after ${skip}`).toBe('done');
        expect(left(stage), `${on}, after ${skip}`).toEqual({ sessions: [], items: ['fox'] });
      }
    }
  );

  it('should leave the first run able to begin anew afterwards, in a session of its own', async () => {
    const { stage, journal, again } = await holding(true);
    expect((await playIn(stage, take, { ports: withJournal(journal) })).report.outcome).toBe('done');
    const report = await again();
    expect(report.outcome).toBe('done');
    expect(left(stage)).toEqual({ sessions: [], items: ['fox'] });
  });

  it('should not have its own session taken by the first run, while it works', async () => {
    const { stage, journal, again, itemId } = await holding(true);
    // The second one stands still with its session open.
    const second = mortal({ ...stage.ports, journal }, { at: 30, acts: true });
    const run = upload(second.ports, take);
    expect(await stage.clock.run(Promise.race([run.report, second.dead]))).toBe('dead');
    const [its = ''] = await stage.simulator.ports().library.listSessions({ itemId });
    const report = await again();
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'RESOURCE_BUSY' } });
    expect(report.failure?.message).toContain(`session ${its} of the run ${run.id}, which process 42 is working on`);
    expect(stateOf(stage, its)).toMatchObject({ ACTIVE: expect.anything() });
  });
});

describe('two that open at the same moment', () => {
  /** Another run of the same user is quicker, and the answer to this one's create never comes. */
  async function overtaken(onBusy: 'fail' | 'wait', works: 'written down' | 'sending') {
    const stage = portStage(WORLD);
    const { alive, of } = sharedJournal();
    alive.add(41).add(42);
    const { library } = stage.simulator.ports();
    const [itemId = ''] = await library.findItems({ name: 'fox' });
    let theirs = '';
    const overtake = async (): Promise<never> => {
      theirs = await library.createSession({ itemId });
      if (works === 'sending') await library.addFile(theirs, { name: 'their.bin', sourceType: 'PUSH' });
      else await of(41).append([{ v: 1, run: FIRST, at: 0, type: 'facts', data: { sessionId: theirs } }]);
      throw new PortFailure(failure('CONNECTION', 'the connection broke', { ambiguous: true }));
    };
    const own = (ports: Ports): Ports => ({
      ...ports,
      journal: of(42),
      library: new Proxy(ports.library, {
        get: (its, key) => (key === 'createSession' && theirs === '' ? overtake : Reflect.get(its, key))
      })
    });
    if (onBusy === 'wait') later(stage, 60_000, () => library.cancelSession(theirs));
    const { report } = await stage.play({ ...spec, onBusy }, { ports: own });
    return { stage, report, theirs };
  }

  it.each(['written down', 'sending'] as const)(
    'should not send into the session of the other, which is %s, nor end it',
    async works => {
      const { stage, report, theirs } = await overtaken('fail', works);
      expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'RESOURCE_BUSY' } });
      expect(report.failure?.message).toContain(`session ${theirs}`);
      expect(opsOf(stage)).not.toContain('session.fail');
      expect(opsOf(stage)).not.toContain('session.cancel');
      expect(stateOf(stage, theirs)).toMatchObject({ ACTIVE: expect.anything() });
    }
  );

  it('should come one after the other when it waits', async () => {
    const { stage, report, theirs } = await overtaken('wait', 'sending');
    expect(report.outcome).toBe('done');
    expect(report.sessionId).not.toBe(theirs);
    expect(report.endedAt - report.startedAt).toBeGreaterThan(60_000);
    expect(stage.simulator.contents('fox')?.files.map(({ name }) => name)).toEqual(['fox.bin']);
  });
});
