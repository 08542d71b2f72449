// A dry run changes nothing, and announces what the same call then does: in every world, for uploads and downloads.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../machines/vocabulary.ts';
import { download } from '../../src/download.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { Journal } from '../../src/ports.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { createSimulator, seededRandom, virtualClock } from '../../src/simulator/index.ts';
import type { IfExists, UploadSpec } from '../../src/spec.ts';
import { upload } from '../../src/upload.ts';
import { memoryTarget } from '../download/memory-target.ts';
import { bytesOf } from '../run/bytes.ts';
import { ovfPackage } from '../run/worlds.ts';

const KINDS = ['absent', 'empty', 'same', 'changed', 'more'] as const;
interface World {
  readonly library: 'there' | 'missing' | 'twice' | 'subscribed';
  readonly item: (typeof KINDS)[number];
  readonly session: 'none' | 'ours' | 'ended';
  readonly profile: '8.0' | '6.5';
  readonly source: 'files' | 'package' | 'torn package' | 'changed name';
  readonly ifExists: IfExists;
  readonly onBusy: 'fail' | 'wait' | 'take-over';
  readonly force: boolean;
  readonly hash: boolean;
  readonly parallel: number;
}
const worlds: fc.Arbitrary<World> = fc.record({
  library: fc.oneof(
    { weight: 9, arbitrary: fc.constant('there' as const) },
    fc.constantFrom('missing' as const, 'twice' as const, 'subscribed' as const)
  ),
  item: fc.constantFrom(...KINDS),
  session: fc.oneof(
    { weight: 4, arbitrary: fc.constant('none' as const) },
    fc.constantFrom('ours' as const, 'ended' as const)
  ),
  profile: fc.constantFrom('8.0' as const, '6.5' as const),
  source: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('files' as const, 'package' as const) },
    fc.constantFrom('torn package' as const, 'changed name' as const)
  ),
  ifExists: fc.constantFrom('fail' as const, 'skip' as const, 'update' as const, 'replace' as const),
  onBusy: fc.constantFrom('fail' as const, 'wait' as const, 'take-over' as const),
  force: fc.boolean(),
  hash: fc.boolean(),
  parallel: fc.integer({ min: 1, max: 4 })
});

/** A session of ours stands on the item. */
const BUSY: World = {
  library: 'there',
  item: 'changed',
  session: 'ours',
  profile: '8.0',
  source: 'files',
  ifExists: 'update',
  onBusy: 'fail',
  force: false,
  hash: true,
  parallel: 3
};

/** What is to be uploaded: two plain files, or an ovf package. */
function filesOf({ source }: World): UploadSpec['files'] {
  if (source === 'torn package') return ovfPackage(seededRandom(5)).slice(0, -1);
  if (source === 'changed name') return [{ name: 'a/b', source: bytesOf('x') }];
  if (source === 'package') return ovfPackage(seededRandom(5));
  return [
    { name: 'one.bin', source: bytesOf('one'.repeat(1000)) },
    { name: 'two.bin', source: bytesOf('two'.repeat(500)) }
  ];
}

async function stageOf(world: World) {
  const clock = virtualClock();
  const names = { there: ['images'], missing: ['isos'], twice: ['images', 'images'], subscribed: ['images'] }[
    world.library
  ];
  const type = world.library === 'subscribed' ? ('SUBSCRIBED' as const) : ('LOCAL' as const);
  const held = world.item === 'absent' ? [] : [{ name: 'item', type: world.source === 'package' ? 'ovf' : '' }];
  const simulator = createSimulator({
    clock,
    profile: PROFILES[world.profile],
    libraries: names.map(name => ({ name, type, items: held }))
  });
  const written: unknown[] = [];
  const memory = memoryJournal();
  const journal: Journal = {
    append: async records => {
      written.push(...records);
      await memory.append(records);
    },
    read: run => memory.read(run)
  };
  const ports = simulator.connect({ journal, latencyMs: 1 });
  const files = filesOf({ ...world, source: world.source === 'package' ? 'package' : 'files' });
  if (world.library === 'there' && world.item !== 'absent' && world.item !== 'empty') {
    const more = world.item === 'more' ? [{ name: 'old.bin', source: bytesOf('old') }] : [];
    const first = files.slice(0, world.item === 'changed' ? 0 : 1);
    const its =
      world.source === 'package'
        ? files
        : world.item === 'same'
          ? files
          : [...first, { name: 'two.bin', source: bytesOf('2') }, ...more];
    expect((await clock.run(upload(ports, { to: 'images/item', files: its }).report)).outcome).toBe('done');
  }
  const [itemId] = await clock.run(ports.library.findItems({ name: 'item' }));
  if (world.session !== 'none' && itemId !== undefined && type === 'LOCAL') {
    const id = await clock.run(ports.library.createSession({ itemId }));
    if (world.session === 'ended') await clock.run(ports.library.failSession(id, 'ended'));
  }
  written.length = 0;
  return { clock, simulator, ports, written };
}

/** How one run ended, and what it sent, in order. */
async function play(stage: Awaited<ReturnType<typeof stageOf>>, spec: UploadSpec, dryRun: boolean) {
  const run = upload(stage.ports, spec, { dryRun });
  const events: RunEvent[] = [];
  run.timeline$.subscribe(event => events.push(event));
  const report = await stage.clock.run(run.report);
  await stage.clock.advanceBy(10_000);
  const pushed = events.flatMap(event => (event.type === 'call' && event.op === 'push' ? [String(event.about)] : []));
  return { report, pushed };
}

const exitOf = (failure: { code: keyof typeof FAILURES } | undefined) =>
  failure === undefined ? 0 : FAILURES[failure.code].exit;

describe('a dry run of an upload', () => {
  it('should change nothing, and announce what the same call then does', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(worlds, async world => {
        const stage = await stageOf(world);
        const { ifExists, hash, parallel, onBusy, force } = world;
        const spec: UploadSpec = { to: 'images/item', files: filesOf(world), ifExists, hash, parallel, onBusy, force };
        const before = structuredClone(stage.simulator.state);
        const { report: dry, pushed: none } = await play(stage, spec, true);
        expect(unhurried(stage.simulator.state)).toEqual(unhurried(before));
        expect([none, stage.written, dry.sent, dry.left, dry.dryRun]).toEqual([[], [], 0, false, true]);

        const { report: real, pushed } = await play(stage, spec, false);
        seen.add(`${dry.outcome} ${dry.failure?.code ?? dry.forecast?.thenBusy ?? ''}`);
        expect(dry.outcome).toBe(real.outcome === 'done' ? 'planned' : real.outcome);
        expect(dry.failure?.code).toBe(real.failure?.code);
        expect(exitOf(dry.failure)).toBe(exitOf(real.failure));
        if (dry.outcome === 'failed') return;
        const { item, files, removes, stays, bytes } = dry.forecast!;
        const sent = files.filter(({ does }) => does === 'send');
        expect(new Set(pushed)).toEqual(new Set(sent.map(({ name }) => name)));
        const turns = pushed.map(name => files.find(file => file.name === name)!.turn!);
        expect(turns).toEqual([...turns].sort((a, b) => a - b));
        expect([bytes, item.does === 'create', item.name]).toEqual([real.sent, real.item!.made, 'item']);
        expect(item.does === 'leave').toBe(real.outcome === 'upToDate');
        const was = stateNames(before);
        const now = stateNames(stage.simulator.state);
        expect(was.filter(name => !now.includes(name))).toEqual(removes);
        if (item.does === 'leave' && ifExists === 'skip') return;
        expect(now.filter(name => !files.some(file => file.name === name)).sort()).toEqual([...stays].sort());
        for (const file of sent) expect(file.replaces === true).toBe(was.includes(file.name));
      }),
      {
        numRuns: 45,
        seed: 4,
        examples: [
          [{ ...BUSY, onBusy: 'wait' }],
          [{ ...BUSY, onBusy: 'take-over', force: true }],
          [{ ...BUSY, onBusy: 'take-over' }],
          [BUSY],
          [{ ...BUSY, item: 'same', session: 'none' }],
          [{ ...BUSY, library: 'subscribed', session: 'none' }],
          [{ ...BUSY, library: 'missing' }],
          [{ ...BUSY, library: 'twice' }],
          [{ ...BUSY, source: 'torn package' }],
          [{ ...BUSY, source: 'changed name' }],
          [{ ...BUSY, ifExists: 'fail' }],
          [{ ...BUSY, item: 'more', session: 'none', ifExists: 'replace' }]
        ]
      }
    );
    for (const way of [
      'planned ',
      'planned wait',
      'planned take-over',
      'upToDate ',
      'failed RESOURCE_BUSY',
      'failed ALREADY_EXISTS',
      'failed NOT_FOUND',
      'failed AMBIGUOUS',
      'failed SOURCE_INVALID',
      'failed INVALID_SPEC',
      'failed INVALID_ELEMENT_TYPE'
    ])
      expect(seen, way).toContain(way);
  });
});

/** Without the ends of sessions: that one is looked at puts its end off, as every call about it does. */
function unhurried(state: State): unknown {
  const sessions = state.sessions.map(bucket =>
    Object.values(bucket).map(({ expiresAt: _, dueAt: __, ...session }) => session)
  );
  return { ...state, sessions, dueAt: undefined };
}

type State = Awaited<ReturnType<typeof stageOf>>['simulator']['state'];

/** Names of the files that the items hold, except those that the service never keeps. */
function stateNames(state: State): string[] {
  return state.items.flatMap(bucket => Object.values(bucket).flatMap(({ files }) => files.map(({ name }) => name)));
}

describe('a dry run of a download', () => {
  const there = fc.constantFrom('nothing', 'same', 'other');
  it('should change nothing, and announce what the same call then does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          one: there,
          two: there,
          ifExists: fc.constantFrom('fail' as const, 'skip' as const, 'replace' as const),
          wanted: fc.constantFrom([], ['one.bin'], ['no.bin']),
          item: fc.constantFrom('item', 'item', 'item', 'nowhere')
        }),
        async ({ one, two, ifExists, wanted, item }) => {
          const clock = virtualClock();
          const texts = { 'one.bin': 'one'.repeat(500), 'two.bin': 'two'.repeat(50) };
          const files = Object.entries(texts).map(([name, text]) => ({ name, text }));
          const simulator = createSimulator({
            clock,
            libraries: [{ name: 'images', items: [{ name: 'item', files }] }]
          });
          const ports = simulator.connect({ journal: memoryJournal(), latencyMs: 1 });
          const target = memoryTarget();
          for (const [name, how] of [
            ['one.bin', one],
            ['two.bin', two]
          ] as const) {
            if (how !== 'nothing') target.kept.set(name, Buffer.from(how === 'same' ? texts[name] : 'else'));
          }
          const spec = { from: `images/${item}`, to: target, files: wanted, ifExists };
          const before = structuredClone(simulator.state);
          const [keptBefore, partsBefore] = [new Map(target.kept), new Map(target.parts)];
          const dry = await clock.run(download(ports, spec, { dryRun: true }).report);
          expect(simulator.state).toEqual(before);
          expect([target.kept, target.parts]).toEqual([keptBefore, partsBefore]);
          const real = await clock.run(download(ports, spec).report);
          expect(dry.outcome).toBe(real.outcome === 'done' ? 'planned' : real.outcome);
          expect([dry.failure?.code, exitOf(dry.failure), dry.dryRun]).toEqual([
            real.failure?.code,
            exitOf(real.failure),
            true
          ]);
          if (dry.outcome === 'failed') return;
          const did = { kept: 'fetch', unchanged: 'leave', skipped: 'skip', failed: '', notFetched: '' };
          expect(dry.forecast?.files.map(({ name, does }) => [name, does])).toEqual(
            real.files.map(({ name, outcome }) => [name, did[outcome]])
          );
          expect(dry.forecast?.bytes).toBe(real.kept);
          for (const { name, does, replaces } of dry.forecast!.files) {
            expect(replaces === true).toBe(does === 'fetch' && keptBefore.has(name));
          }
        }
      ),
      { numRuns: 30, seed: 5 }
    );
  });
});
