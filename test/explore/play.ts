// Plays a plan to its end: the real upload() or download(), life after life, in the plan's world. What was seen on the way is
// handed to the checkers.
import { download } from '../../src/download.ts';
import { createRetryBudget } from '../../src/retry-budget.ts';
import type { RunOptions } from '../../src/run.ts';
import type { UploadSpec } from '../../src/spec.ts';
import { upload } from '../../src/upload.ts';
import { activeDownloads } from '../invariants/download.ts';
import { type Held, holding } from '../invariants/held.ts';
import { wordIn } from '../invariants/standing.ts';
import { standingOf } from '../invariants/upload.ts';
import { witness } from '../invariants/witness.ts';
import { clientClock } from './client-clock.ts';
import { type Life, lifeOf } from './life.ts';
import type { Happening, Plan } from './plan.ts';
import { rivalsOf } from './rivals.ts';
import type { Ending, Lived, Seen } from './seen.ts';
import { RUN, uploadSpecOf, type World, worldOf } from './world.ts';

/** No run may take longer than this in its world: then it never ends. */
const ENDLESS_MS = 14 * 86_400_000;
/** What the server does late, after the client gave up, it has done by then. */
const AFTERWARDS_MS = 90_000;

export async function play(plan: Plan): Promise<Seen> {
  const world = worldOf(plan);
  const { clock, simulator } = world;
  const rivals = rivalsOf(simulator, { item: 'item', kind: plan.job.kind }, world.owners);
  const before = standingOf(simulator);
  const folderBefore = new Map(world.target.kept);
  let aheadMs = plan.skewMs;
  const said: { at: number; what: string }[] = [];
  const lives: Lived[] = [];
  let interactions = 0;
  const named = new Map<string, number>();
  let ending: Ending | undefined;

  for (let index = 0; ending === undefined; index++) {
    const crash = plan.crashes[index];
    world.journal.isBroken = false;
    const own = clientClock(clock, aheadMs);
    const cancel = new AbortController();
    const begin = (event: Happening, name: string): void => {
      const act = (): void => {
        if (event.do === 'cancel' && lives.at(-1) !== lived) return;
        if (event.do !== 'rival') said.push({ at: clock.now(), what: inWords(event) });
        if (event.do === 'cancel') {
          const asked = lived.events.some(({ type, ...its }) => type === 'facts' && isAsked(its));
          lived.canceledAt ??= { asked, during: name, at: clock.now() };
          cancel.abort('somebody asked');
        } else if (event.do === 'setClock') aheadMs += event.byMs;
        else if (event.do === 'suspend') own.suspend(event.forMs);
        else if (event.do === 'breakJournal') world.journal.isBroken = true;
        else if (event.do === 'expireSessions') {
          for (const id of activeSessions(world)) simulator.expire(id);
        } else if (event.do === 'rival') rivals.act(event.user, event.act);
      };
      if (event.afterMs === 0) act();
      else clock.sleepUntil(clock.now() + event.afterMs).then(act);
    };
    // Each process has a budget of its own.
    const ports = { ...world.ports, budget: createRetryBudget(plan.budget) };
    const life = lifeOf(ports, {
      crash,
      clock: own,
      base: clock,
      landsWhenGivenUp: plan.line.landsWhenGivenUp,
      before: name => {
        interactions += 1;
        const nth = (named.get(name) ?? 0) + 1;
        named.set(name, nth);
        for (const event of plan.events)
          if (event.call === undefined ? event.at === interactions : event.call === name && event.at === nth)
            begin(event, name);
      },
      died: () => {
        lived.diedAt = seen.place();
      }
    });
    const seen = witness(life.ports, visibleIn(world));
    const held = holding();
    const lived: Lived = { events: [], progress: [], witness: seen, held, from: interactions + 1, clockAhead: aheadMs };
    lives.push(lived);
    const cleanUp = plan.cleanUp && index === plan.crashes.length && index > 0 ? 'cleaned up' : undefined;
    const run = begun(plan, world, life, lived, { cleanUp, signal: cancel.signal });
    let isDead = false;
    let atEnd = before;
    life.dead.then(() => {
      isDead = true;
      atEnd = standingOf(simulator);
    });
    run.timeline$.subscribe(event => {
      if (!isDead) lived.events.push(event);
    });
    run.progress$.subscribe(value => lived.progress.push(value));
    const limit = new AbortController();
    const endless = clock.sleepUntil(clock.now() + ENDLESS_MS, limit.signal).then(
      () => 'endless' as const,
      () => 'never' as const
    );
    const report = await clock
      .run(
        Promise.race([
          run.report.then(its => ({ its, atEnd: standingOf(simulator), open: activeDownloads(simulator) })),
          life.dead,
          endless
        ])
      )
      .catch((cause: Error) => cause);
    limit.abort();
    if (report === 'dead') {
      said.push({ at: clock.now(), what: `life ${index + 1} ends: ${crashInWords(crash)}` });
      await clock.advanceBy(crash?.downMs ?? 0);
      const ended = (await world.ports.journal.read(RUN)).findLast(({ type }) => type === 'ended');
      if (ended !== undefined) {
        ending = { how: 'endedBeforeCrash', ...(ended.data as { outcome: string; left: boolean }), atEnd };
      }
      continue;
    }
    if (report instanceof Error) ending = { how: 'stuck', why: report.message };
    else if (typeof report === 'string') ending = { how: 'endless' };
    else {
      await clock.advanceBy(AFTERWARDS_MS);
      ending = {
        how: 'reported',
        report: report.its,
        atEnd: report.atEnd,
        openDownloads: report.open,
        stillWaiting: life.waiting(),
        stillSleeping: own.waiting
      };
    }
  }
  if (ending.how !== 'reported') await clock.advanceBy(AFTERWARDS_MS);
  return {
    plan,
    world,
    before,
    folderBefore,
    lives,
    ending,
    others: rivals,
    said: [...said, ...rivals.said],
    interactions,
    records: await world.ports.journal.read(RUN)
  };
}

function begun(plan: Plan, world: World, life: Life, { witness: { ports: its }, held }: Lived, more: RunOptions) {
  const { job } = plan;
  const options = { run: RUN, ...more };
  const ports = its.disk === undefined ? its : { ...its, disk: held.disk(its.disk) };
  if (job.kind === 'upload') return upload(ports, watched(uploadSpecOf(job), held), options);
  const { ifExists, parallel, deadlineMs } = job;
  const spec = { from: 'images/item', to: held.target(life.folder(world.target)), ifExists, parallel };
  return download(ports, deadlineMs === undefined ? spec : { ...spec, deadlineMs }, options);
}

/** The same spec, whose sources are watched. */
function watched(spec: UploadSpec, held: Held): UploadSpec {
  const files = spec.files.map(file =>
    typeof file === 'object' && 'source' in file ? { ...file, source: held.source(file.name, file.source) } : file
  );
  return { ...spec, files };
}

function isAsked(event: object): boolean {
  return (event as { changed?: { asked?: unknown } }).changed?.asked === true;
}

/** What everybody sees of the items, made anew only when an item has changed. */
function visibleIn({ simulator }: World): () => string {
  let items: unknown;
  let text = '';
  return () => {
    const { state } = simulator;
    if (state.items !== items) {
      items = state.items;
      text = JSON.stringify([...standingOf(simulator).items].map(([id, { version, files }]) => [id, version, files]));
    }
    return text;
  };
}

function activeSessions({ simulator: { state } }: World): string[] {
  return [...state.sessions, ...state.downloads]
    .flatMap(bucket => Object.values(bucket))
    .filter(its => wordIn(its.state) === 'ACTIVE')
    .map(({ id }) => id);
}

function inWords(event: Happening): string {
  switch (event.do) {
    case 'cancel':
      return 'somebody cancels the run';
    case 'setClock':
      return `the client's clock is set ${event.byMs < 0 ? 'back' : 'forward'} by ${Math.abs(event.byMs) / 1_000} s`;
    case 'suspend':
      return `the client's machine sleeps for ${event.forMs / 1_000} s`;
    case 'breakJournal':
      return 'the journal cannot be written any more';
    case 'expireSessions':
      return 'all sessions expire';
    default:
      return 'another client acts';
  }
}

function crashInWords(crash: Plan['crashes'][number] | undefined): string {
  if (crash === undefined) return '';
  const { lands } = crash;
  const how =
    lands === 'never' ? 'never arrives' : lands === 'before' ? 'arrives, unanswered' : `arrives ${lands} ms later`;
  return `the client dies at its ${crash.call ?? 'interaction'} ${crash.at}, which ${how}; nobody is there for ${crash.downMs / 1_000} s`;
}
