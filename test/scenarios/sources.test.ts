// Sources that are not what they seem, and one that is.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { makeOva } from '../../src/cli/demo-ova.ts';
import { type ByteSource, PortFailure } from '../../src/ports.ts';
import { bytesOf } from '../run/bytes.ts';
import { testFolder } from '../sources/folder.ts';
import { httpStage, left, opsOf, portStage, type Stage } from './stage.ts';

const NOTHING = { sessions: [], items: [] };
const folder = testFolder();
const CONTENT = Buffer.alloc(600_000, 'the quick brown fox ');
const fox = { name: 'fox.bin', source: bytesOf(CONTENT, 50_000) };
const spec = { to: 'images/fox', files: [fox] };

/** A source that promises other than it has, or breaks. */
function source(size: number, read: () => AsyncIterable<Uint8Array>): ByteSource {
  return { size, read };
}
const reading = (code: 'SOURCE_CHANGED' | 'SOURCE_UNREADABLE', after = 1) =>
  source(CONTENT.length, async function* () {
    for (let chunk = 0; chunk < after; chunk++) yield CONTENT.subarray(0, 1_000);
    throw new PortFailure(failure(code, 'fox.bin is not what it was'));
  });

describe.each([
  ['over HTTP', () => httpStage()],
  ['by ports', async () => portStage()]
])('a source that cannot be trusted, %s', (_, open: () => Promise<Stage>) => {
  it.each([
    ['shrinks', 'SOURCE_CHANGED'],
    ['cannot be read', 'SOURCE_UNREADABLE']
  ] as const)('should end the upload in one sentence, with nothing left, when it %s', async (_, code) => {
    const stage = await open();
    const { report } = await stage.play({ ...spec, files: [{ ...fox, source: reading(code) }] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code, message: 'fox.bin is not what it was' } });
    expect(opsOf(stage).filter(op => op === 'put').length).toBeLessThanOrEqual(1);
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should be refused when it disagrees with its manifest, and not sent twice', async () => {
    const stage = await open();
    const digest = { algorithm: 'SHA256', checksum: createHash('sha256').update('another fox').digest('hex') };
    const { report } = await stage.play({ ...spec, files: [{ ...fox, digest }] });
    expect(report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'SOURCE_DISAGREES' },
      files: [{ attempts: 1 }]
    });
    expect(report.failure?.message).toContain('fox.bin');
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('files on disk', () => {
  it('should be refused when they shrink or grow while they are sent', async () => {
    for (const [name, now] of [
      ['shrinks.bin', CONTENT.subarray(0, 1_000)],
      ['grows.bin', Buffer.concat([CONTENT, CONTENT])]
    ] as const) {
      const path = folder.put(name, CONTENT);
      const stage = await httpStage();
      const { report } = await stage.play(
        { to: 'images/fox', files: [path] },
        {
          on: event => {
            if (event.type === 'call' && event.op === 'addFile') folder.put(name, now);
          }
        }
      );
      expect(report, name).toMatchObject({ outcome: 'failed', failure: { code: 'SOURCE_CHANGED' } });
      expect(report.failure?.message).toContain(name);
      expect(left(stage)).toEqual(NOTHING);
    }
  });

  it('should be named when they are not there, and the server not asked', async () => {
    const stage = await httpStage();
    const before = opsOf(stage);
    const { report } = await stage.play({ to: 'images/fox', files: [`${folder.path}/none.iso`] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SOURCE_UNREADABLE' } });
    expect(report.failure?.message).toContain('none.iso');
    expect(opsOf(stage)).toEqual(before);
  });

  it('should be refused when a descriptor references what is not there', async () => {
    const path = folder
      .sub('lone')
      .put('vm.ovf', '<Envelope><References><File href="disk.vmdk"/></References></Envelope>');
    const stage = await httpStage();
    const before = opsOf(stage);
    const { report } = await stage.play({ to: 'images/vm', files: [path] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SOURCE_INVALID' } });
    expect(report.failure?.message).toContain('disk.vmdk');
    expect(opsOf(stage)).toEqual(before);
  });

  it('should say every fault of a call that makes no sense', async () => {
    const stage = portStage();
    const { report } = await stage.play({ to: '', files: [], parallel: 99 });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'INVALID_SPEC' }, path: [], files: [] });
    expect(report.failure?.message).toMatch(/library.*files.*parallel/s);
  });
});

describe('an OVA', () => {
  it('should be what the service holds, byte for byte, over a bad night', async () => {
    const { path, files } = await makeOva(folder.path, { name: 'night', seed: 5, diskBytes: 3_000_000 });
    const stage = await httpStage();
    stage.simulator.inject({ on: 'put', file: '*.vmdk', do: 'reset', afterBytes: 1_000_000 });
    stage.simulator.inject({ on: 'put', file: '*.vmdk', do: 'corrupt', atByte: 2_000_000, skip: 1 });
    stage.simulator.inject({ on: 'put', file: '*.ovf', do: 'loseAnswer' });
    stage.simulator.inject({ on: 'session.create', do: 'loseAnswer' });
    const members = await membersOf(path);
    expect([...members.keys()].sort()).toEqual(files.map(({ name }) => name).sort());
    const { report } = await stage.play({ to: 'images', files: [path] }, { truth: members });
    expect(report).toMatchObject({ outcome: 'done', item: { name: 'night', contentVersion: '2' } });
    expect(report.files.map(({ name, verified }) => [name, verified])).toEqual([
      ['night.mf', 'notKept'],
      ['night.ovf', 'digest'],
      ['night-disk1.vmdk', 'digest']
    ]);
    const held = stage.simulator.contents('night')!;
    expect(held.files.map(({ name }) => name).sort()).toEqual(['night-disk1.vmdk', 'night.ovf']);
    for (const file of held.files) expect(Buffer.from((await file.read())!).equals(members.get(file.name)!)).toBe(true);
    const again = await stage.play({ to: 'images', files: [path] }, { truth: members });
    expect(again.report).toMatchObject({ outcome: 'upToDate', sent: 0 });
  });
});

/** The members of an archive, read by somebody else's reader. */
async function membersOf(path: string): Promise<Map<string, Buffer>> {
  const { createReadStream } = await import('node:fs');
  const { extract } = await import('tar-stream');
  const members = new Map<string, Buffer>();
  for await (const entry of createReadStream(path).pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    members.set(entry.header.name, Buffer.concat(chunks));
  }
  return members;
}
