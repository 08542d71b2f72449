// What the server fetches by itself: from an imagined network over the port door, and from real sources over sockets.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Digest } from '../../machines/vocabulary.ts';
import { makeOva } from '../../src/cli/demo-ova.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { certificateFor } from '../client/certificates.ts';
import { type Answer, serve } from '../client/servers.ts';
import { testFolder } from '../sources/folder.ts';
import { type Ended, httpStage, left, opsOf, type PlayOptions, portStage, type Stage } from './stage.ts';

const SECRET = 'canary-signature-b7f2';
const URI = `https://mirror.example/pool/fox.iso?X-Signature=${SECRET}`;
const FOX = Buffer.alloc(600_000, 'the quick brown fox ');
const NOTHING = { sessions: [], items: [] };
const folder = testFolder();
const sha256 = (bytes: Uint8Array): Digest => ({
  algorithm: 'SHA256',
  checksum: createHash('sha256').update(bytes).digest('hex')
});
const truth = new Map([['fox.iso', FOX]]);
const HOUR = 3_600_000;

function stageWith(settings: Parameters<typeof portStage>[0] = {}) {
  return portStage({ pull: { sources: { [URI]: FOX }, stallMs: 24 * HOUR }, ...settings });
}
function pull(stage: Stage, more: object = {}, options: PlayOptions = {}): Promise<Ended> {
  return stage.play({ to: 'images/fox', files: [{ pull: URI, ...more }] }, { truth, secrets: [SECRET], ...options });
}

describe('a file that the server fetches', () => {
  it('should be in the item, with nothing sent from here, and verified by its checksum', async () => {
    const stage = stageWith();
    const { report, progress } = await pull(stage, { checksum: sha256(FOX), size: FOX.length });
    expect(report).toMatchObject({ outcome: 'done', sent: 0, accepted: FOX.length, retries: 0 });
    expect(report.files).toEqual([
      {
        name: 'fox.iso',
        size: FOX.length,
        role: 'plain',
        outcome: 'ready',
        verified: 'digest',
        digest: sha256(FOX),
        pulledFrom: 'https://mirror.example/pool/fox.iso',
        attempts: 1,
        sent: 0,
        accepted: FOX.length
      }
    ]);
    expect(opsOf(stage)).not.toContain('put');
    expect(progress.at(-1)).toMatchObject({ total: { sent: 0, accepted: FOX.length, size: FOX.length } });
    const sha1 = { algorithm: 'SHA1', checksum: createHash('sha1').update(FOX).digest('hex') };
    // The service shows the digest that it was given, and says nothing of others.
    expect((await pull(stage, { checksum: sha1 })).report).toMatchObject({
      outcome: 'done',
      files: [{ digest: sha1 }]
    });
    expect((await pull(stage, { checksum: sha1 })).report).toMatchObject({ outcome: 'upToDate', accepted: 0 });
  });
  it('should be less than certain where less was known, and say so', async () => {
    const sized = (await pull(stageWith(), { size: FOX.length })).report;
    expect([sized.files[0]?.verified, sized.notes.join()]).toEqual(['size', expect.stringContaining('by size only')]);
    const { report, progress } = await pull(stageWith({ bandwidth: 100_000 }));
    expect([report.files[0]?.verified, report.notes.join()]).toEqual([
      'notReported',
      expect.stringContaining('nothing was known to compare')
    ]);
    expect(report.files[0]).toMatchObject({ size: FOX.length, accepted: FOX.length });
    // while nobody knows how much there is, what is there is all that is told
    const between = progress.filter(({ total }) => total.accepted > 0 && total.accepted < FOX.length);
    expect(between.length).toBeGreaterThan(0);
    for (const { total, files } of between) {
      expect([total.unsized, files[0]?.unsized, total.size]).toEqual([true, true, total.accepted]);
    }
    expect(progress.at(-1)?.total).not.toHaveProperty('unsized');
  });
  it('should be shown at the pace of the service, with the time to go', async () => {
    const { progress } = await pull(stageWith({ bandwidth: 100_000 }), { size: FOX.length });
    const paces = progress.map(({ files }) => files[0]).filter(file => file?.state === 'pulling' && file.rate > 0);
    expect(paces.length).toBeGreaterThan(0);
    expect(paces.some(file => file!.etaMs !== undefined && file!.etaMs > 0)).toBe(true);
    for (const file of paces) expect([file?.pull, file?.sent, file?.attempt]).toEqual([true, 0, 1]);
  });
  it('should be waited for much longer than patience lasts, as long as it moves', async () => {
    const long = Buffer.alloc(2_400_000, 'a very long fox ');
    const stage = stageWith({ bandwidth: 8_000, pull: { sources: { [URI]: long } } });
    const policy = { patienceMs: 60_000 };
    const { report } = await pull(stage, { size: long.length }, { policy, truth: new Map([['fox.iso', long]]) });
    expect(report.outcome).toBe('done');
    expect(report.endedAt - report.startedAt).toBeGreaterThan(4 * policy.patienceMs);
  });
  it('should be given up when it stands still, with nothing left', async () => {
    const stage = stageWith();
    stage.simulator.inject({ on: 'pull', do: 'stall', afterBytes: 200_000 });
    const { report } = await pull(stage, {}, { policy: { patienceMs: 60_000 } });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'TIMED_OUT' }, files: [{ outcome: 'failed' }] });
    expect(report.endedAt - report.startedAt).toBeLessThan(3 * 60_000);
    expect(left(stage)).toEqual(NOTHING);
  });
  it.each([
    ['is not what its checksum says', { checksum: sha256(Buffer.from('a hen')) }, 'checksum'],
    ['has another size', { size: 7 }, '7 were announced']
  ])('should fail in the words of the service when it %s', async (_, more, says) => {
    const stage = stageWith();
    const { report } = await pull(stage, more);
    expect(report.outcome).toBe('failed');
    // By the file or by its session, whichever is heard of first.
    expect(['CHECKSUM_MISMATCH', 'FILE_NOT_RECEIVED', 'SESSION_ERROR']).toContain(report.failure?.code);
    expect(report.failure?.message).toContain(says);
    expect(left(stage)).toEqual(NOTHING);
  });
  it('should fail in the words of the service when there is nothing, with nothing left', async () => {
    const stage = stageWith({ pull: { sources: {} } });
    const { report } = await pull(stage);
    expect(report).toMatchObject({ outcome: 'failed', retries: 0 });
    expect(report.failure?.message).toContain('Error transferring file fox.iso');
    expect(opsOf(stage).filter(op => op === 'file.add').length).toBe(1);
    expect(left(stage)).toEqual(NOTHING);
  });
  it('should be asked for when the answer to its add was lost, and be added once', async () => {
    const stage = stageWith({ bandwidth: 100_000 });
    stage.simulator.inject({ on: 'file.add', do: 'loseAnswer' });
    const { report } = await pull(stage, { checksum: sha256(FOX) });
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'digest' }] });
    expect(opsOf(stage).filter(op => op === 'file.add').length).toBe(1);
  });
  it.each(['addFile', 'getFile', 'listFiles'])('should be canceled in the middle (%s), with nothing left', async op => {
    const stage = stageWith({ bandwidth: 100_000 });
    const { report } = await pull(
      stage,
      {},
      { on: (event, run) => void (event.type === 'answer' && event.op === op && run.cancel('enough')) }
    );
    expect(report).toMatchObject({ outcome: 'canceled', failure: { message: 'canceled: enough' } });
    expect(left(stage)).toEqual(NOTHING);
  });
  it('should never be taken for done when somebody else cancels the session', async () => {
    const stage = stageWith({ bandwidth: 50_000 });
    const other = stage.simulator.ports();
    const { report } = await pull(
      stage,
      {},
      {
        on: event => {
          if (event.type !== 'call' || event.op !== 'getFile') return;
          for (const bucket of stage.simulator.state.sessions) {
            for (const { id } of Object.values(bucket)) void other.library.cancelSession(id).catch(() => undefined);
          }
        }
      }
    );
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_CANCELED' } });
    expect(left(stage)).toEqual(NOTHING);
  });
  it.each([
    ['by nothing but its size, when a checksum was given', sha256(FOX), 'done', 'size'],
    ['not at all, when none was', undefined, 'failed', 'no']
  ])(
    'should be verified %s, and somebody else names it anew after it was READY',
    async (_, checksum, outcome, verified) => {
      const HEN = `${URI}&hen`;
      const stage = portStage({ pull: { sources: { [URI]: FOX, [HEN]: Buffer.alloc(FOX.length, 'a hen ') } } });
      const other = stage.simulator.ports();
      const { report } = await stage.play(
        { to: 'images/fox', files: [{ pull: URI, size: FOX.length, ...(checksum && { checksum }) }] },
        {
          on: event => {
            if (event.type !== 'call' || event.op !== 'validate') return;
            for (const bucket of stage.simulator.state.sessions) {
              for (const id of Object.keys(bucket)) {
                const file = { name: 'fox.iso', sourceType: 'PULL', source: { uri: HEN } } as const;
                void other.library.addFile(id, file).catch(() => undefined);
              }
            }
          }
        }
      );
      expect([report.outcome, report.files[0]?.verified]).toEqual([outcome, verified]);
    }
  );
  it('should stand beside files that are sent', async () => {
    const stage = stageWith();
    const hen = Buffer.from('a hen');
    const { report } = await stage.play(
      {
        to: 'images/both',
        files: [
          {
            name: 'hen.txt',
            source: {
              size: hen.length,
              read: async function* () {
                yield hen;
              }
            }
          },
          { pull: URI, checksum: sha256(FOX) }
        ]
      },
      {
        truth: new Map([
          ['hen.txt', hen],
          ['fox.iso', FOX]
        ]),
        secrets: [SECRET]
      }
    );
    expect(report).toMatchObject({ outcome: 'done', sent: hen.length, accepted: hen.length + FOX.length });
  });
});

describe('a server like vcsim, which tells little', () => {
  it('should be followed to the end, and believed for the checksum that it compared', async () => {
    const stage = stageWith({ profile: PROFILES.vcsim, bandwidth: 100_000 });
    const { report } = await pull(stage, { checksum: sha256(FOX) });
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'digest', accepted: FOX.length }] });
    const unknown = await pull(stageWith({ profile: PROFILES.vcsim }));
    expect(unknown.report).toMatchObject({ outcome: 'done', files: [{ verified: 'notReported' }] });
    const wrong = await pull(stageWith({ profile: PROFILES.vcsim }), { checksum: sha256(Buffer.from('a hen')) });
    expect(wrong.report.outcome).toBe('failed');
  });
  it('should fail when there is nothing to fetch', async () => {
    const { report } = await pull(stageWith({ profile: PROFILES.vcsim, pull: { sources: {} } }));
    expect(report.outcome).toBe('failed');
  });
});

describe('an OVF that the server fetches', () => {
  const OVF = 'https://mirror.example/p/vm.ovf';
  const disk = Buffer.alloc(900_000, 'd');
  const ovf = Buffer.from(
    `<Envelope><References><File href="disk.vmdk" size="${disk.length}"/></References></Envelope>`
  );
  it('should bring what it references, which is waited for, and named', async () => {
    const sources = { [OVF]: ovf, 'https://mirror.example/p/disk.vmdk': disk };
    const stage = portStage({ bandwidth: 100_000, pull: { sources } });
    const { report } = await stage.play(
      { to: 'images', files: [{ pull: OVF, checksum: sha256(ovf) }] },
      {
        truth: new Map([
          ['vm.ovf', ovf],
          ['disk.vmdk', disk]
        ])
      }
    );
    expect(report).toMatchObject({ outcome: 'done', files: [{ role: 'descriptor', verified: 'digest' }] });
    expect(report.path).toContain('holding.following.resting');
    expect(report.notes).toContain('fetched besides by the server: disk.vmdk');
  });
  it('should fail when what it references cannot be had, with nothing left', async () => {
    const stage = portStage({ pull: { sources: { [OVF]: ovf } } });
    const { report } = await stage.play({ to: 'images', files: [{ pull: OVF }] }, { truth: new Map() });
    expect(report.outcome).toBe('failed');
    expect(report.failure?.message).toContain('disk.vmdk');
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('an OVA that the server fetches', () => {
  const OVA = 'https://mirror.example/vm.ova';
  it('should become an ovf item with its members, and be less than certain', async () => {
    const { path, files } = await makeOva(folder.path, { name: 'vm', seed: 3, diskBytes: 300_000 });
    const stage = portStage({ pull: { sources: { [OVA]: readFileSync(path) } } });
    const { report } = await stage.play({ to: 'images', files: [{ pull: OVA }] }, { truth: new Map() });
    expect(report).toMatchObject({
      outcome: 'done',
      item: { name: 'vm' },
      files: [{ name: 'vm.ova', role: 'archive', outcome: 'ready', verified: 'notReported' }]
    });
    expect(report.notes.join()).toMatch(/fetched besides by the server: .*vm\.ovf/);
    const held = stage.simulator.contents('vm')!.files.map(({ name }) => name);
    expect(held.sort()).toEqual(
      files
        .map(({ name }) => name)
        .filter(name => !name.endsWith('.mf'))
        .sort()
    );
  });
  it('should be refused when it is none', async () => {
    const stage = portStage({ pull: { sources: { [OVA]: FOX } } });
    const { report } = await stage.play({ to: 'images', files: [{ pull: OVA }] }, { truth: new Map() });
    expect(report.outcome).toBe('failed');
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('a real source', () => {
  const OURS = certificateFor('ours');
  const giving: Answer = ({ method, url }, response) => {
    if (!url?.includes(SECRET)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': FOX.length });
    return response.end(method === 'HEAD' ? undefined : FOX);
  };
  const real = async (answer: Answer, tls?: typeof OURS) => {
    const source = await serve(answer, tls && { tls });
    const stage = await httpStage({ pull: { hosts: [source.place] } });
    const play = (more: object = {}, uri = `${source.url}/fox.iso?sig=${SECRET}`) =>
      stage.play({ to: 'images/fox', files: [{ pull: uri, ...more }] }, { truth, secrets: [SECRET] });
    return { source, stage, play };
  };

  it('should be looked at, and fetched by the server from its own place', async () => {
    const { source, play } = await real(giving);
    const { report } = await play({ checksum: sha256(FOX) });
    expect(report).toMatchObject({
      outcome: 'done',
      sent: 0,
      files: [{ size: FOX.length, verified: 'digest', pulledFrom: `${source.url}/fox.iso` }]
    });
    expect(source.seen.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
    expect(source.seen[1]?.headers['user-agent']).not.toBe('shelver');
  });
  it('should be believed by the server as it was believed here: by its certificate', async () => {
    const { play, stage } = await real(giving, OURS);
    expect((await play({ ca: OURS.cert })).report.outcome).toBe('done');
    expect((await play({ thumbprint: OURS.sha256 })).report.outcome).toBe('done');
    expect(left(stage).items).toEqual(['fox']);
  });
  it.each([
    ['is not there', 404, {}, 'SOURCE_UNREADABLE'],
    ['has a certificate that nobody vouches for', 200, { tls: true }, 'TLS_UNTRUSTED'],
    [
      'has another certificate than the pinned one',
      200,
      { tls: true, thumbprint: certificateFor('other').sha256 },
      'TLS_PIN_MISMATCH'
    ]
  ])(
    'should be told before anything is made on the server when it %s',
    async (_, status, { tls, ...more }: { tls?: boolean }, code) => {
      const { stage, play } = await real(
        (_request, response) => response.writeHead(status).end(),
        tls ? OURS : undefined
      );
      const before = opsOf(stage);
      const { report } = await play(more);
      expect(report).toMatchObject({ outcome: 'failed', failure: { code }, path: [] });
      expect(opsOf(stage)).toEqual(before);
    }
  );
  it('should fail in the words of the service when only the service is let down, with nothing left', async () => {
    const { stage, play } = await real((request, response) =>
      request.method === 'HEAD' ? giving(request, response, undefined as never) : response.writeHead(404).end()
    );
    const { report } = await play();
    expect(report.outcome).toBe('failed');
    expect(report.failure?.message).toContain('Error transferring file fox.iso');
    expect(left(stage)).toEqual(NOTHING);
  });
  it('should be left to the server where it is not to be looked at', async () => {
    const { source, play } = await real(giving, OURS);
    const { report } = await play({ probe: false, thumbprint: OURS.sha1 });
    expect([report.outcome, report.notes[0]]).toEqual([
      'done',
      'fox.iso: the source was not looked at before (as asked)'
    ]);
    expect(source.seen.map(({ method }) => method)).toEqual(['GET']);
    expect((await play({ probe: false, thumbprint: certificateFor('other').sha1 })).report.outcome).toBe('failed');
  });
  it('should not be waited for by whoever cancels while it is looked at', async () => {
    let asked = (): void => undefined;
    const looking = new Promise<void>(resolve => {
      asked = resolve;
    });
    const { stage, source } = await real(() => asked());
    const abort = new AbortController();
    void looking.then(() => abort.abort('enough'));
    const { report } = await stage.play(
      { to: 'images/fox', files: [{ pull: `${source.url}/fox.iso` }] },
      { truth, signal: abort.signal }
    );
    expect(report.outcome).toBe('canceled');
    await Promise.all(
      source.sockets.map(socket => socket.destroyed || new Promise(resolve => socket.once('close', resolve)))
    );
  });
});
