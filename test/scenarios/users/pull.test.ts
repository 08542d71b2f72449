// Fetches by the server that hang, sources whose certificate nobody vouches for, and proxies on the way.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, folderWith, left as leftBy, serve as serveSimulator } from '../../cli/call.ts';
import { certificateFor } from '../../client/certificates.ts';
import { type Answer, serve, serveProxy } from '../../client/servers.ts';
import { httpStage, left, opsOf, portStage } from '../stage.ts';

const FOX = Buffer.alloc(500_000, 'the quick brown fox ');
const URI = 'https://mirror.example/fox.iso';
const NOTHING = { sessions: [], items: [] };
const OURS = certificateFor('ours');
const checksum = { algorithm: 'SHA256', checksum: createHash('sha256').update(FOX).digest('hex') } as const;
const truth = new Map([['fox.iso', FOX]]);
const giving: Answer = ({ method }, response) => {
  response.writeHead(200, { 'content-length': FOX.length });
  response.end(method === 'HEAD' ? undefined : FOX);
};

describe('a fetch by the server', () => {
  it('should be given up when it stands at 1 %, in a sentence that says what stands still and where to look (terraform-provider-vsphere #1558)', async () => {
    const stage = portStage({ pull: { sources: { [URI]: FOX }, stallMs: 24 * 3_600_000 } });
    stage.simulator.inject({ on: 'pull', do: 'stall', afterBytes: FOX.length / 100 });
    const { report } = await stage.play(
      { to: 'images/fox', files: [{ pull: URI, size: FOX.length }] },
      { truth, policy: { watchMs: 20_000, pollMs: 4_000 } }
    );
    expect(report.failure).toMatchObject({
      code: 'TIMED_OUT',
      message: 'the service has come no further with fetching fox.iso for 15 min',
      next: expect.stringMatching(/^check that the server itself can reach the source/)
    });
    // Fifteen minutes after it last came further, and no sooner.
    const took = report.endedAt - report.startedAt;
    expect([took > 15 * 60_000, took < 17 * 60_000, left(stage)]).toEqual([true, true, NOTHING]);
  });

  it.each([
    ['is not trusted', {}, 'TLS_UNTRUSTED'],
    ['is not the pinned one', { thumbprint: certificateFor('other').sha256 }, 'TLS_PIN_MISMATCH']
  ])(
    'should not begin where the certificate of the source %s, and say its fingerprint (terraform-provider-vsphere #1977, #1978)',
    async (_, trust, code) => {
      const source = await serve(giving, { tls: OURS });
      const stage = await httpStage({ pull: { hosts: [source.place] } });
      const before = opsOf(stage);
      const { report } = await stage.play(
        { to: 'images/fox', files: [{ pull: `${source.url}/fox.iso`, ...trust }] },
        { truth }
      );
      expect([report.failure?.code, report.failure?.message]).toEqual([code, expect.stringContaining(OURS.sha256)]);
      expect([opsOf(stage), left(stage)]).toEqual([before, NOTHING]);
    }
  );

  it.each([
    ['its authority (govmomi #3420)', { ca: OURS.cert }],
    ['its thumbprint (govmomi #1700, #1706, evoila/meho #3574)', { thumbprint: OURS.sha256 }]
  ])('should be believed by the server, too, with %s, and be waited for to DONE', async (_, trust) => {
    const source = await serve(giving, { tls: OURS });
    const stage = await httpStage({ pull: { hosts: [source.place] } });
    const { report } = await stage.play(
      { to: 'images/fox', files: [{ pull: `${source.url}/fox.iso`, checksum, ...trust }] },
      { truth }
    );
    expect(report).toMatchObject({ outcome: 'done', sent: 0, files: [{ verified: 'digest' }] });
    // Looked at once, and fetched once (terraform-provider-vsphere #2369).
    expect(source.seen.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  it('should keep its session alive for as long as it moves, however long that is (evoila/meho #3829)', async () => {
    const stage = portStage({ bandwidth: 130, sessionTimeoutMs: 60_000, pull: { sources: { [URI]: FOX } } });
    const { report } = await stage.play(
      { to: 'images/fox', files: [{ pull: URI, checksum }] },
      { truth, policy: { watchMs: 120_000, pollMs: 60_000, patienceMs: 3_600_000 } }
    );
    expect(report.failure).toBeUndefined();
    expect(report.endedAt - report.startedAt).toBeGreaterThan(3_600_000);
    expect(opsOf(stage).filter(op => op === 'session.create')).toHaveLength(1);
  });

  it('should be told in the words of the server where only the server cannot reach the source (terraform-provider-vsphere #1879)', async () => {
    const stage = portStage({ pull: { sources: {} } });
    const { report } = await stage.play({ to: 'images/fox', files: [{ pull: URI }] }, { truth });
    expect(report.failure?.message).toContain('Error transferring file fox.iso');
    expect([report.outcome, left(stage)]).toEqual(['failed', NOTHING]);
  });
});

describe('a proxy', () => {
  it.each([
    ['an option', (proxy: string) => ({ words: ['--proxy', proxy], env: {} })],
    ['SHELVER_PROXY', (proxy: string) => ({ words: [], env: { SHELVER_PROXY: proxy } })]
  ])('should be gone through for calls and bytes, given by %s (terraform-provider-vsphere #1821)', async (_, given) => {
    const folder = folderWith({ 'fox.iso': FOX });
    const { env, simulator, listening } = await serveSimulator();
    const proxy = await serveProxy();
    const { words, env: more } = given(`http://127.0.0.1:${proxy.port}`);
    const { code } = await call(['upload', join(folder, 'fox.iso'), 'images', ...words], { env: { ...env, ...more } });
    expect([code, leftBy(simulator)]).toEqual([0, { items: ['fox'], sessions: [] }]);
    const place = new URL(listening.url).host;
    expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set([place]));
    // One tunnel at least for the calls, and one for the bytes.
    expect(proxy.asked.length).toBeGreaterThan(1);
  });

  it('should be named when it is what does not answer, with the way around it', async () => {
    const folder = folderWith({ 'fox.iso': FOX });
    const { env } = await serveSimulator();
    const refusing = await serveProxy({ refuse: 403 });
    const words = ['upload', join(folder, 'fox.iso'), 'images', '--proxy', `http://127.0.0.1:${refusing.port}`];
    const { code, stderr } = await call(words, { env });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^error: the proxy 127\.0\.0\.1:\d+ does not connect to .*403.*\nnext: .*--proxy none/);
  });
});
