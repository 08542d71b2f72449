// The races that have a name, in orders that fast-check draws: whoever wins, the outcome is what the server holds. And both sides
// win at times, or the race says nothing.
//
//   RACE_RUNS=5000 npx vitest run test/model/races    many orders, from another seed each time
//   RACE_SEED=… RACE_PATH=… npx vitest run test/model/races -t '…'    one of them again
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { OnBusy } from '../../../src/spec.ts';
import { sharedJournal } from '../../run/two-processes.ts';
import { anyOrder, crossing, inTurns, late, silence } from './order.ts';
import { answersOf, type Ended, enter, type Racing, raced, type World, worldOf } from './race.ts';
import { racedDownload } from './race-download.ts';
import { brokenByTwo, hasCompleted } from './two.ts';

const { RACE_RUNS: runs, RACE_SEED: seed, RACE_PATH: path } = process.env;
const own = seed ?? (runs === undefined ? '11' : undefined);
const HOW = {
  numRuns: Number(runs ?? 12),
  ...(own !== undefined && { seed: Number(own) }),
  path
};

// Many orders take their time.
vi.setConfig({ testTimeout: runs === undefined ? 60_000 : 7_200_000 });

/** Who won, and how often. */
function counting() {
  const wins = new Map<string, number>();
  return {
    won: (who: string) => wins.set(who, (wins.get(who) ?? 0) + 1),
    both: (...sides: string[]) => {
      if (path !== undefined) return;
      expect([...wins.keys()]).toEqual(expect.arrayContaining(sides));
    }
  };
}

function isFair({ problems, report }: Ended): void {
  expect(problems.join('; '), `${report.outcome} (${report.failure?.message ?? ''})`).toBe('');
}

describe('complete against cancel', () => {
  it('should end as what the server holds when the run is canceled about then', async () => {
    const { won, both } = counting();
    const when = fc.constantFrom('push', 'validate', 'complete');
    // Half of the completes arrive at some time after the connection broke.
    const lost = fc.constantFrom(undefined, 'complete');
    const property = fc.asyncProperty(anyOrder(), when, fc.boolean(), lost, async (order, op, isNew, loses) => {
      const world = worldOf(order);
      let inTime = false;
      const ended = await raced(world, {
        canceled: true,
        loses,
        spec: { to: isNew ? 'images/new' : 'images/old' },
        before: crossing(order, op, 'somebody cancels', (run, events) => {
          inTime = !events.some(event => event.type === 'facts' && 'asked' in event.changed && event.changed.asked);
          run().cancel('enough');
        })
      });
      isFair(ended);
      // A wish that was heard before complete was decided on is never forgotten.
      if (inTime) expect(ended.report.outcome).toBe('canceled');
      won(ended.report.outcome);
    });
    await fc.assert(property, HOW);
    both('done', 'canceled');
  });

  it('should end as what the server holds when another client cancels the session', async () => {
    const { won, both } = counting();
    const when = fc.constantFrom('push', 'validate', 'complete');
    const property = fc.asyncProperty(anyOrder(), when, async (order, op) => {
      const world = worldOf(order);
      const { library } = world.simulator.ports({ username: 'ann' });
      let said = 'nothing';
      const ended = await raced(world, {
        before: crossing(order, op, 'another client cancels', async () => {
          const [session = ''] = await library.listSessions();
          said = await library.cancelSession(session).then(
            () => 'canceled',
            () => 'refused'
          );
        })
      });
      isFair(ended);
      const { outcome } = ended.report;
      expect(outcome === 'done').toBe(said !== 'canceled');
      if (said === 'canceled') expect(ended.report.failure?.code).toBe('SESSION_CANCELED');
      won(`${outcome}, ${said}`);
    });
    await fc.assert(property, HOW);
    both('done, refused', 'failed, canceled');
  });
});

describe('keep-alive against expiry', () => {
  it('should open another session when it is gone, and go on in the first one when it is not', async () => {
    const { won, both } = counting();
    const silences = fc.tuple(fc.nat(4), fc.integer({ min: 1_000, max: 6_000 }));
    const property = fc.asyncProperty(anyOrder(), silences, async (order, [nth, ms]) => {
      const world = worldOf(order, { sessionTimeoutMs: 4_000 });
      let signs = 0;
      const ended = await raced(world, {
        // The sources stand still for longer than a session lives: signs of life are all that keeps it.
        pauseMs: 5_000,
        before: its => {
          if (its === 'keepAlive' && signs++ === nth) silence(order, world.clock, ms);
        }
      });
      isFair(ended);
      const { witness } = ended.evidence;
      const opened = answersOf(witness, 'createSession').filter(its => its === 'ok').length;
      won(`${ended.report.outcome}, ${opened === 1 ? 'one session' : 'more sessions'}`);
    });
    await fc.assert(property, HOW);
    both('done, one session', 'done, more sessions');
  });
});

describe('push against the session’s ERROR', () => {
  it('should not be done unless complete was there first, and say why', async () => {
    const { won, both } = counting();
    const when = fc.constantFrom('push', 'push', 'getFile', 'validate', 'complete');
    const property = fc.asyncProperty(anyOrder(), when, async (order, op) => {
      const world = worldOf(order);
      const { library } = world.simulator.ports({ username: 'ann' });
      let said = 'nothing';
      const ended = await raced(world, {
        before: crossing(order, op, 'the session fails', async () => {
          const [session = ''] = await library.listSessions();
          said = await library.failSession(session, 'the disk of the server is full').then(
            () => 'failed',
            () => 'refused'
          );
        })
      });
      isFair(ended);
      const { report, evidence } = ended;
      expect(report.outcome === 'done').toBe(said !== 'failed');
      if (said === 'failed') expect(report.failure?.message).toContain('the disk of the server is full');
      const pushes = answersOf(evidence.witness, 'push');
      won(pushes.length === 2 && pushes.every(its => its === 'ok') ? 'pushed' : 'not pushed');
      won(report.outcome);
    });
    await fc.assert(property, HOW);
    both('pushed', 'not pushed', 'failed', 'done');
  });
});

describe('abort against success', () => {
  it('should settle, and tell of an upload what the server holds', async () => {
    const { won, both } = counting();
    const when = fc.constantFrom('complete', 'getSession', 'listItemFiles', 'deleteSession');
    const property = fc.asyncProperty(anyOrder(), when, async (order, op) => {
      const world = worldOf(order);
      const abort = new AbortController();
      const ended = await raced(world, {
        canceled: true,
        signal: abort.signal,
        before: crossing(order, op, 'the signal', () => abort.abort())
      });
      isFair(ended);
      won(ended.report.outcome);
    });
    await fc.assert(property, HOW);
    both('done', 'canceled');
  });
});

describe('abort against success of a download', () => {
  it('should settle, keep whole files or none, and leave no part', async () => {
    const { won, both } = counting();
    const when = fc.constantFrom('prepareFile', 'fetch', 'deleteDownloadSession');
    const property = fc.asyncProperty(anyOrder(), when, async (order, op) => {
      const { report, problems } = await racedDownload(worldOf(order), op);
      expect(problems.join('; '), `${report.outcome} (${report.failure?.message ?? ''})`).toBe('');
      won(report.outcome);
    });
    await fc.assert(property, HOW);
    both('done', 'canceled');
  });
});

describe('two runs on one item', () => {
  const policy = fc.constantFrom<OnBusy>('fail', 'wait', 'take-over');

  it('should come one after the other, or not at all, whoever is quicker', async () => {
    const { won, both } = counting();
    const property = fc.asyncProperty(anyOrder(), policy, fc.boolean(), async (order, onBusy, isOneUser) => {
      const world = worldOf(order);
      const { alive, of } = sharedJournal();
      alive.add(41).add(42);
      const one = enter(world, { name: 'one', journal: of(41), spec: { onBusy } });
      const two = enter(world, { name: 'two', user: isOneUser ? 'ann' : 'bob', journal: of(42), spec: { onBusy } });
      const ended = await endOf(world, [one, two]);
      expect((await brokenByTwo({ world, ended, versionBefore: 1 })).join('; ')).toBe('');
      const outcomes = ended.map(({ report }) => (hasCompleted(report) ? 'through' : report.failure?.code));
      // Who waits comes through in the end, and one of two always does.
      expect(outcomes).toContain('through');
      expect(outcomes.every(its => its === 'through' || (its === 'RESOURCE_BUSY' && onBusy !== 'wait'))).toBe(true);
      won(`${onBusy}: ${outcomes.join(', ')}`);
    });
    await fc.assert(property, { ...HOW, numRuns: HOW.numRuns * 2 });
    both('fail: through, RESOURCE_BUSY', 'fail: RESOURCE_BUSY, through', 'wait: through, through');
  });

  it('should share what a dead one has left when both take over', async () => {
    const { won, both } = counting();
    const property = fc.asyncProperty(anyOrder(), async order => {
      const world = worldOf(order);
      const { alive, of } = sharedJournal();
      alive.add(41).add(42);
      const { library } = world.simulator.ports({ username: 'ann' });
      const [itemId = ''] = await library.findItems({ name: 'old' });
      const sessionId = await library.createSession({ itemId });
      await of(40).append([{ v: 1, run: DEAD, at: 0, type: 'facts', data: { sessionId } }]);
      const one = enter(world, { name: 'one', journal: of(41), spec: { onBusy: 'take-over' } });
      const two = enter(world, { name: 'two', journal: of(42), spec: { onBusy: 'take-over' } });
      const ended = await endOf(world, [one, two]);
      expect((await brokenByTwo({ world, ended, versionBefore: 1 })).join('; ')).toBe('');
      const outcomes = ended.map(({ report }) => (hasCompleted(report) ? 'through' : report.failure?.code));
      expect(outcomes).toContain('through');
      expect(outcomes.every(its => its === 'through' || its === 'RESOURCE_BUSY')).toBe(true);
      won(outcomes.join(', '));
    });
    await fc.assert(property, HOW);
    both('through, RESOURCE_BUSY', 'RESOURCE_BUSY, through');
  });
});

const DEAD = '11111111-7d1b-4c55-9a44-0d6c1f2b3a4d';

async function endOf(world: World, runs: readonly Racing[]): Promise<Ended[]> {
  await inTurns(world.order, world.clock, Promise.all(runs.map(({ run }) => run.report)));
  await late(world.order, world.clock);
  return Promise.all(runs.map(its => its.ended()));
}
