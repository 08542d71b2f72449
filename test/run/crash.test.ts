// A crash at every interaction with the world, then the same run once more: it must end as if there had been none (S13).
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { wordOf } from '../../machines/law.ts';
import { download } from '../../src/download.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import { PROFILES, type ProfileName } from '../../src/servers/profiles.ts';
import { createSimulator, seededRandom, virtualClock } from '../../src/simulator/index.ts';
import type { UploadSpec } from '../../src/spec.ts';
import { upload } from '../../src/upload.ts';
import { type MemoryTarget, memoryTarget } from '../download/memory-target.ts';
import { activeDownloads } from '../invariants/download.ts';
import { bytesOf } from './bytes.ts';
import { type Crash, mortal } from './crashing.ts';
import { sharedJournal } from './two-processes.ts';
import { ovfPackage } from './worlds.ts';

const RUN = '5f0c2a3e-7d1b-4c55-9a44-0d6c1f2b3a4d';

interface Settings {
  readonly spec: UploadSpec;
  readonly items?: readonly { name: string }[];
  readonly profile?: ProfileName;
  /** How long nobody is there after each crash, in milliseconds. */
  readonly downMs?: number;
  /** What the server can fetch. */
  readonly far?: Promise<Buffer>;
  /** The last life only ends the run. */
  readonly cleanUp?: string;
}

/** One run that dies as told, is taken up again, and is looked at. */
async function lives(
  { spec, items = [], profile = '8.0', downMs = 0, far, cleanUp }: Settings,
  crashes: readonly (Crash | undefined)[],
  cancel?: 'beforeCrash'
) {
  const clock = virtualClock();
  const simulator = createSimulator({
    clock,
    profile: PROFILES[profile],
    libraries: [{ name: 'images', items }],
    pull: { sources: far === undefined ? {} : { [FAR]: await far } }
  });
  const ports = simulator.connect({ journal: memoryJournal(), random: seededRandom(7), latencyMs: 1 });
  let interactions = 0;
  for (const crash of crashes) {
    const { ports: own, dead, count } = mortal(ports, crash);
    const run = upload(own, spec, { run: RUN });
    if (cancel === 'beforeCrash') {
      run.timeline$.subscribe(event => {
        if (event.type === 'call' && event.op === 'push') run.cancel('somebody asked');
      });
    }
    const report = await clock.run(Promise.race([run.report, dead]));
    interactions = count();
    if (report !== 'dead') return { report, interactions, simulator };
    await clock.advanceBy(downMs);
  }
  const { ports: own } = mortal(ports, undefined);
  const report = await clock.run(upload(own, spec, { run: RUN, cleanUp }).report);
  return { report, interactions, simulator };
}

function standing({ simulator }: { simulator: ReturnType<typeof createSimulator> }) {
  const items = simulator.state.items.flatMap(bucket => Object.values(bucket));
  const sessions = simulator.state.sessions.flatMap(bucket => Object.values(bucket));
  return {
    sessions: sessions.map(({ state }) => state),
    items: items.map(({ name, contentVersion, files }) => ({
      name,
      contentVersion,
      files: files.map(file => [file.name, file.size, file.digests])
    }))
  };
}

const plain: Settings = {
  spec: {
    to: 'images/fox',
    files: ['a', 'b'].map(name => ({ name: `${name}.bin`, source: bytesOf(name.repeat(3_000)) }))
  }
};
const worlds: readonly [string, Settings][] = [
  ['that makes its item', plain],
  ['into an item that is there', { ...plain, items: [{ name: 'fox' }] }],
  ['of an OVF package', { spec: { to: 'images/fox', files: ovfPackage(seededRandom(5)) } }],
  ['whose session expires meanwhile', { ...plain, downMs: 3_600_000 }],
  ['to a server of 6.5', { ...plain, profile: '6.5' }],
  ['to a server that knows no tokens and reports little', { ...plain, profile: 'vcsim' }]
];

/** Nobody here knows how long what the server fetches is, or what is in it. */
const FAR = 'http://mirror.example/far.ova';
const fetched: Settings = { spec: { to: 'images/fox', files: [{ pull: FAR }] }, far: ovaOf(['vm.ovf', 'vm.vmdk']) };

/** The same of a download: the folder is there in all lives. */
async function downloads(crashes: readonly Crash[], downMs = 0, meanwhile = (_: MemoryTarget): void => undefined) {
  const clock = virtualClock();
  const simulator = createSimulator({ clock });
  const ports = simulator.connect({ journal: memoryJournal(), random: seededRandom(7), latencyMs: 1 });
  expect((await clock.run(upload(ports, { ...plain.spec, to: 'images/fox' }).report)).outcome).toBe('done');
  const target = memoryTarget();
  const spec = { from: 'images/fox', parallel: 1 };
  for (const crash of [...crashes, undefined]) {
    const life = mortal(ports, crash);
    const run = download(life.ports, { ...spec, to: life.folder(target) }, { run: RUN });
    const report = await clock.run(Promise.race([run.report, life.dead]));
    if (report !== 'dead') return { report, interactions: life.count(), simulator, target };
    await clock.advanceBy(downMs);
    meanwhile(target);
  }
  throw new Error('the last life does not die');
}

describe('a crash at any interaction, then the same run again', () => {
  it.each(worlds)('should end as if there had been none: an upload %s', async (_, settings) => {
    const whole = await lives(settings, []);
    expect(whole.report.outcome).toBe('done');
    const wanted = standing(whole);
    const { interactions: total } = await lives(settings, [{ at: 10_000, acts: false }]);
    expect(total).toBeGreaterThan(20);
    for (let at = 1; at <= total; at++) {
      for (const acts of [false, true]) {
        const ended = await lives(settings, [{ at, acts }]);
        const what = `crash at ${at} of ${total}, ${acts ? 'after' : 'before'} it acts: ${ended.report.failure?.message ?? ''}`;
        expect(standing(ended), what).toEqual(wanted);
        // The last thing that is asked for is that the run has ended: then there is nothing to take up.
        if (at === total && acts) expect(ended.report.failure?.message, what).toContain('has ended (done)');
        else expect(ended.report.outcome, what).toMatch(/^(done|upToDate)$/);
      }
    }
  });

  it('should do so after several crashes, wherever each comes', async () => {
    const random = seededRandom(11);
    const settings = worlds[0]![1];
    const wanted = standing(await lives(settings, []));
    for (let round = 0; round < 150; round++) {
      const crashes = Array.from({ length: 1 + Math.floor(random.next() * 4) }, () => ({
        at: 1 + Math.floor(random.next() * 35),
        acts: random.next() < 0.5
      }));
      const ended = await lives(settings, crashes);
      const what = `${JSON.stringify(crashes)}: ${ended.report.failure?.message ?? ''}`;
      expect(standing(ended), what).toEqual(wanted);
    }
  });

  it('should carry out a wish to cancel that was heard before', async () => {
    const settings = worlds[0]![1];
    const { interactions: total, report } = await lives(settings, [{ at: 10_000, acts: false }], 'beforeCrash');
    expect(report.outcome).toBe('canceled');
    const outcomes = new Set<string>();
    for (let at = 1; at < total; at++) {
      for (const acts of [false, true]) {
        const ended = await lives(settings, [{ at, acts }], 'beforeCrash');
        const what = `crash at ${at} of ${total}, ${acts ? 'after' : 'before'} it acts: ${ended.report.failure?.message}`;
        outcomes.add(ended.report.outcome);
        const items = ended.report.outcome === 'done' ? 1 : 0;
        expect(ended.report.outcome, what).toMatch(/^(done|canceled)$/);
        expect(standing(ended).sessions, what).toEqual([]);
        expect(standing(ended).items.length, what).toBe(items);
      }
    }
    // Before the wish was written down, nobody knew of it any more.
    expect(outcomes).toEqual(new Set(['done', 'canceled']));
  });

  it.each([0, 3_600_000])('should leave a download as if there had been none, %i ms later', async downMs => {
    const whole = await downloads([]);
    expect(whole.report.outcome).toBe('done');
    for (let at = 1; at <= whole.interactions; at++) {
      for (const acts of [false, true]) {
        const { report, simulator, target } = await downloads([{ at, acts }], downMs);
        const what = `crash at ${at} of ${whole.interactions}, ${acts ? 'after' : 'before'} it acts: ${report.failure?.message ?? ''}`;
        expect([...target.parts.keys()], what).toEqual([]);
        expect(target.kept, what).toEqual(whole.target.kept);
        expect(activeDownloads(simulator), what).toEqual([]);
        // Once it is written down that the run has ended, only the folder is still to be closed.
        const told = report.failure?.message.includes('has ended (done)') === true;
        if (told) expect(at, what).toBeGreaterThanOrEqual(whole.interactions - 1);
        else expect(report.outcome, what).toMatch(/^(done|upToDate)$/);
      }
    }
  });

  it('should fetch again what has gone from the folder meanwhile, and never call it kept', async () => {
    const whole = await downloads([]);
    for (let at = 1; at < whole.interactions - 1; at++) {
      const { report, target } = await downloads([{ at, acts: true }], 0, folder => folder.kept.clear());
      expect(report.outcome, `crash at ${at}`).toBe('done');
      expect(target.kept, `crash at ${at}`).toEqual(whole.target.kept);
    }
  });

  it('should not call a file kept that somebody has changed meanwhile', async () => {
    const whole = await downloads([]);
    let changed = 0;
    for (let at = 1; at < whole.interactions - 1; at++) {
      const { report, target } = await downloads([{ at, acts: true }], 0, folder => {
        for (const name of folder.kept.keys()) folder.kept.set(name, Buffer.from('mine'));
      });
      if (Buffer.from('mine').equals(target.kept.get('a.bin') ?? Buffer.alloc(0))) {
        changed += 1;
        expect(report, `crash at ${at}`).toMatchObject({ outcome: 'failed', failure: { code: 'ALREADY_EXISTS' } });
        expect(report.files[0], `crash at ${at}`).toMatchObject({ name: 'a.bin', outcome: 'failed', verified: 'no' });
      } else expect(report.outcome, `crash at ${at}`).toBe('done');
    }
    expect(changed).toBeGreaterThan(3);
  });
});

describe('a crash at any interaction, and then nothing but an end', () => {
  it.each([worlds[1]!, worlds[2]!, ['of an OVA that the server fetches', fetched]] as const)(
    'should leave all of it, and call that done, or nothing: an upload %s',
    async (_, settings) => {
      const whole = await lives(settings, []);
      expect(whole.report.outcome).toBe('done');
      const { interactions: total } = await lives(settings, [{ at: 10_000, acts: false }]);
      const outcomes = new Set<string>();
      for (let at = 1; at < total; at++) {
        for (const acts of [false, true]) {
          const ended = await lives({ ...settings, cleanUp: 'not wanted' }, [{ at, acts }]);
          const { outcome, failure } = ended.report;
          const what = `crash at ${at} of ${total}, ${acts ? 'after' : 'before'} it acts: ${failure?.message ?? ''}`;
          const { sessions, items } = standing(ended);
          expect(sessions, what).toEqual([]);
          if (failure?.code === 'NOT_FOUND') expect(at, what).toBeLessThan(4);
          else outcomes.add(outcome);
          if (outcome === 'done') expect(items, what).toEqual(standing(whole).items);
          else if (settings.items === undefined) expect(items, what).toEqual([]);
          else expect(items, what).toMatchObject([{ contentVersion: 1, files: [] }]);
        }
      }
      expect(outcomes).toEqual(new Set(['done', 'canceled']));
    }
  );
});

describe('a crash while another session is on the item, then the same run again', () => {
  /** Another run's session is on the item: its process has died, or ends it after a while. */
  async function beside(onBusy: 'wait' | 'take-over', crash: Crash | undefined) {
    const clock = virtualClock();
    const simulator = createSimulator({ clock, libraries: [{ name: 'images', items: [{ name: 'fox' }] }] });
    const { library } = simulator.ports();
    const [itemId = ''] = await library.findItems({ name: 'fox' });
    const theirs = await library.createSession({ itemId });
    const { alive, of } = sharedJournal();
    await of(41).append([{ v: 1, run: 'other', at: 0, type: 'facts', data: { sessionId: theirs } }]);
    alive.add(42);
    if (onBusy === 'wait') {
      alive.add(41);
      void clock.sleepUntil(clock.now() + 5_000).then(() => library.cancelSession(theirs));
    }
    const ports = simulator.connect({ journal: of(42), random: seededRandom(7), latencyMs: 1 });
    const spec: UploadSpec = { ...plain.spec, onBusy };
    for (const life of [mortal(ports, crash), mortal(ports, undefined)]) {
      const run = upload(life.ports, spec, { run: RUN });
      const report = await clock.run(Promise.race([run.report, life.dead]));
      if (report !== 'dead') return { report, simulator, theirs, interactions: life.count() };
    }
    throw new Error('the last life does not die');
  }

  it.each(['wait', 'take-over'] as const)('should end as if there had been none: --on-busy %s', async onBusy => {
    const whole = await beside(onBusy, undefined);
    expect(whole.report.outcome).toBe('done');
    const wanted = standing(whole);
    expect(whole.interactions).toBeGreaterThan(30);
    for (let at = 1; at < whole.interactions; at++) {
      for (const acts of [false, true]) {
        const ended = await beside(onBusy, { at, acts });
        const what = `crash at ${at} of ${whole.interactions}, ${acts ? 'after' : 'before'} it acts: ${ended.report.failure?.message ?? ''}`;
        expect(ended.report.outcome, what).toMatch(/^(done|upToDate)$/);
        expect(standing(ended).items, what).toEqual(wanted.items);
        // One that was canceled and not yet deleted is nobody's work any more, and is in nobody's way.
        expect(activeIn(ended.simulator), what).toEqual([]);
      }
    }
  });
});

async function ovaOf([descriptor = '', ...disks]: readonly string[]): Promise<Buffer> {
  const archive = pack();
  const hrefs = disks.map(name => `<File href="${name}" size="2000"/>`).join('');
  archive.entry({ name: descriptor }, `<Envelope><References>${hrefs}</References></Envelope>`);
  for (const name of disks) archive.entry({ name }, Buffer.alloc(2_000, name));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function activeIn({ state }: ReturnType<typeof createSimulator>): string[] {
  return state.sessions.flatMap(bucket =>
    Object.values(bucket).flatMap(session => (wordOf(session.state) === 'ACTIVE' ? [session.id] : []))
  );
}
