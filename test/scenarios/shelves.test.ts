// Shelves that do not take everything, take only what is new, and take it in order.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/simulator/index.ts';
import { bytesOf } from '../run/bytes.ts';
import { ovfPackage } from '../run/worlds.ts';
import { httpStage, left, opsOf, PASSWORD, portStage } from './stage.ts';

const CONTENT = Buffer.alloc(600_000, 'the quick brown fox ');
const fox = { name: 'fox.bin', source: bytesOf(CONTENT, 50_000) };
const spec = { to: 'images/fox', files: [fox] };

describe('a shelf that does not take it', () => {
  it('should refuse for a library that is subscribed', async () => {
    const stage = await httpStage({ libraries: [{ name: 'images', type: 'SUBSCRIBED' }] });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'INVALID_ELEMENT_TYPE' } });
    expect(report.failure?.message).toContain('"images"');
    expect(opsOf(stage)).not.toContain('item.create');
  });

  it('should refuse for a library that is not there, or is there twice', async () => {
    const nowhere = await portStage().play({ ...spec, to: 'isos/fox' });
    expect(nowhere.report.failure).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('"isos"') });
    const twice = await portStage({ libraries: ['images', 'images'] }).play(spec);
    expect(twice.report.failure).toMatchObject({ code: 'AMBIGUOUS', message: expect.stringContaining('2 libraries') });
  });

  it('should refuse while somebody else holds a session on the item, and leave both alone', async () => {
    const users = { user: PASSWORD, other: 'secret' };
    const stage = await httpStage({ users, libraries: [{ name: 'images', items: [{ name: 'fox' }] }] });
    const { library } = stage.simulator.ports({ username: 'other' });
    const [itemId] = await library.findItems({ name: 'fox' });
    await library.createSession({ itemId: itemId! });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'RESOURCE_BUSY' } });
    expect(left(stage)).toEqual({ sessions: ['ACTIVE'], items: ['fox'] });
  });

  it('should keep an item that was there before, when the upload fails', async () => {
    const stage = await httpStage({ libraries: [{ name: 'images', items: [{ name: 'fox' }] }] });
    stage.simulator.inject({ on: 'put', do: 'answer', status: 403, times: 'always' });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'UNAUTHORIZED' } });
    expect(left(stage)).toEqual({ sessions: [], items: ['fox'] });
    expect(stage.simulator.contents('fox')).toMatchObject({ contentVersion: 1, files: [] });
  });
});

describe('the same command twice', () => {
  it('should send no byte the second time, and step no version', async () => {
    const stage = await httpStage();
    const files = ovfPackage(seededRandom(5));
    expect((await stage.play({ to: 'images/vm', files })).report.outcome).toBe('done');
    const puts = opsOf(stage).filter(op => op === 'put').length;
    const again = await stage.play({ to: 'images/vm', files });
    expect(again.report).toMatchObject({ outcome: 'upToDate', sent: 0, retries: 0 });
    expect(again.report.files.every(file => file.outcome === 'unchanged')).toBe(true);
    expect(opsOf(stage).filter(op => op === 'put')).toHaveLength(puts);
    expect(opsOf(stage).filter(op => op === 'session.create')).toHaveLength(1);
    expect(stage.simulator.contents('vm')?.contentVersion).toBe(2);
  });

  it('should send only what differs', async () => {
    const stage = await httpStage();
    const other = { name: 'other.bin', source: bytesOf('other') };
    await stage.play({ to: 'images/fox', files: [fox, other] });
    const changed = { name: 'other.bin', source: bytesOf('OTHER') };
    const { report } = await stage.play({ to: 'images/fox', files: [fox, changed] });
    expect(report.outcome).toBe('done');
    expect(report.files.map(({ name, outcome, sent }) => [name, outcome, sent])).toEqual([
      ['fox.bin', 'unchanged', 0],
      ['other.bin', 'ready', 5]
    ]);
    expect(stage.simulator.contents('fox')?.contentVersion).toBe(3);
  });

  it('should take away what shall not stay, under replace, and only then', async () => {
    const stage = await httpStage();
    await stage.play({ to: 'images/fox', files: [fox, { name: 'old.bin', source: bytesOf('old') }] });
    const names = () =>
      stage.simulator
        .contents('fox')!
        .files.map(({ name }) => name)
        .sort();
    await stage.play({ to: 'images/fox', files: [{ name: 'new.bin', source: bytesOf('new') }] });
    expect(names()).toEqual(['fox.bin', 'new.bin', 'old.bin']);
    const { report } = await stage.play({ to: 'images/fox', files: [fox], ifExists: 'replace' });
    expect(report.outcome).toBe('done');
    expect(names()).toEqual(['fox.bin']);
  });
});

describe('an item of many files', () => {
  const many = Array.from({ length: 9 }, (_, index) => ({
    name: `part${index}.bin`,
    source: bytesOf(`${index}`.repeat(20_000))
  }));

  it.each([1, 2, 3, 7])('should send %d at a time, no more and no fewer', async parallel => {
    const { report, witness } = await portStage({ bandwidth: 10_000 }).play({
      to: 'images/parts',
      files: many,
      parallel
    });
    expect(report.outcome).toBe('done');
    expect(witness.livePushes).toEqual({ perFile: 1, all: parallel });
  });

  it('should send manifest, then descriptor, then disks, each when the one before is READY', async () => {
    const stage = await httpStage({ rules: { validatingMs: 30 } });
    const ended = await stage.play({ to: 'images/vm', files: ovfPackage(seededRandom(5)) });
    expect(ended.report.outcome).toBe('done');
    const steps = ended.events.flatMap(event => {
      if (event.type !== 'call' && event.type !== 'answer') return [];
      return event.op === 'push' || event.op === 'addFile' ? [`${event.type} ${event.op} ${event.about}`] : [];
    });
    const first = (what: string) => steps.findIndex(step => step.includes(what));
    const last = (what: string) => steps.findLastIndex(step => step.includes(what));
    expect(first('vm.mf')).toBe(0);
    expect(first('vm.ovf')).toBeGreaterThan(last('vm.mf'));
    expect(first('.vmdk')).toBeGreaterThan(last('vm.ovf'));
  });
});
