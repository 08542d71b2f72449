// Logins that end while bytes go, servers that have none to give, certificates that have run out.
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/connect.ts';
import { createRetryBudget } from '../../../src/retry-budget.ts';
import { selfSignedCertificate } from '../../../src/simulator/http/certificate.ts';
import { call, folderWith, left as leftBy, serve } from '../../cli/call.ts';
import { failureOf, serve as serveHttp, vcenter, withLogin } from '../../client/servers.ts';
import { bytesOf } from '../../run/bytes.ts';
import { httpStage, left, opsOf, type Stage, timelessHttpStage } from '../stage.ts';

const HOUR = 3_600_000;
const spec = { to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf('the quick brown fox '.repeat(1_000)) }] };
const DONE = { sessions: [], items: ['fox'] };
const NOTHING = { sessions: [], items: [] };
const count = (stage: Stage, op: string) => opsOf(stage).filter(its => its === op).length;

describe('a login that ends while bytes go', () => {
  it.each(['session.complete', 'session.get'])(
    'should be made again when hours of sending are answered with 401, and the upload be finished (govmomi #1832): %s',
    async on => {
      const stage = await httpStage();
      stage.simulator.inject({ on, do: 'expireLogin' });
      const { report } = await stage.play(spec);
      expect(report).toMatchObject({ outcome: 'done', retries: 0, files: [{ verified: 'digest', attempts: 1 }] });
      expect([count(stage, 'put'), count(stage, 'login.create'), left(stage)]).toEqual([1, 2, DONE]);
    }
  );

  it('should be kept alive beside four hours of sending, so that it does not even end (terraform-provider-vcd #482)', async () => {
    const stage = await timelessHttpStage({ bandwidth: 3, sessionTimeoutMs: 40 * 60_000, loginTimeoutMs: HOUR / 2 });
    const files = [{ name: 'slow.bin', source: bytesOf(new Uint8Array(3 * 4 * 3_600).fill(7)) }];
    const { report } = await stage.play({ to: 'images/fox', files }, { policy: { watchMs: 15 * 60_000 } });
    expect(report).toMatchObject({ outcome: 'done', files: [{ attempts: 1 }] });
    expect(report.endedAt - report.startedAt).toBeGreaterThanOrEqual(4 * HOUR);
    expect([count(stage, 'login.create'), count(stage, 'session.create')]).toEqual([1, 1]);
  });

  it.each(['item.create', 'session.create', 'file.add', 'put'])(
    'should not be fatal in mid-import (govc: 401 in mid-import): %s',
    async on => {
      const stage = await httpStage({ rules: { putNeedsLogin: true } });
      stage.simulator.inject({ on, do: 'expireLogin' });
      const { report } = await stage.play(spec);
      expect([report.outcome, report.item?.contentVersion, left(stage)]).toEqual(['done', '2', DONE]);
    }
  );
});

describe('a server that has no login to give', () => {
  it('should be asked again when it answers 503, after as long as it wants (packer-plugin-vsphere #217)', async () => {
    const folder = folderWith({ 'fox.iso': 'the quick brown fox' });
    const { env, simulator } = await serve();
    for (const status of [503, 429]) {
      simulator.inject({ on: 'login.create', do: 'answer', status, retryAfter: 0 });
      const { code } = await call(['upload', `${folder}/fox.iso`, 'images', '--json'], { env });
      expect([status, code]).toEqual([status, 0]);
    }
    expect(leftBy(simulator)).toEqual({ items: ['fox'], sessions: [] });
  });

  it('should be believed when it never has, and by whom the budget is empty at once', async () => {
    const { simulator, listening } = await serve();
    simulator.inject({ on: 'login.create', do: 'answer', status: 503, message: 'Too many sessions.', times: 'always' });
    const options = { url: listening.url, username: 'user', password: 'pass', budget: createRetryBudget(5) };
    expect(await failureOf(connect(options))).toMatchObject({ code: 'UNAVAILABLE', message: 'Too many sessions.' });
    expect(simulator.requests.length).toBe(2);
  });

  it('should be left by whoever asks to stop, while he waits for his turn', async () => {
    const { simulator, listening } = await serve();
    simulator.inject({ on: 'login.create', do: 'answer', status: 503, retryAfter: 60, times: 'always' });
    const stop = new AbortController();
    const connecting = failureOf(
      connect({ url: listening.url, username: 'user', password: 'pass', signal: stop.signal })
    );
    const asked = setInterval(() => simulator.requests.length > 0 && setImmediate(() => stop.abort()), 5);
    onTestFinished(() => clearInterval(asked));
    expect(await connecting).toMatchObject({ code: 'CANCELED' });
  });

  it.each([
    ['well', [], 0],
    ['badly', [{ on: 'put', do: 'answer', status: 403, times: 'always' }], 7]
  ])(
    'should have one login of a command that sends many items, and get it back when that ends %s (kubernetes-sigs/cluster-api-provider-vsphere #1818)',
    async (_, faults, exit) => {
      const names = ['a.iso', 'b.iso', 'c.iso', 'd.iso'];
      const folder = folderWith(Object.fromEntries(names.map(name => [name, name])));
      const { env, simulator } = await serve({ faults });
      const words = ['upload', ...names.map(name => `${folder}/${name}`), 'images', '--parallel-items', '4', '--json'];
      expect((await call(words, { env })).code).toBe(exit);
      const logins = simulator.requests.map(({ op }) => op).filter(op => op.startsWith('login.'));
      expect(logins).toEqual(['login.create', 'login.delete']);
      expect(leftBy(simulator).sessions).toEqual([]);
    }
  );
});

describe('a certificate of vCenter that has run out', () => {
  it('should be named as the reason, with what to do, before anything is sent (packer-plugin-vsphere #155)', async () => {
    // Made for ten years, eleven years ago; and its authority is believed.
    const old = selfSignedCertificate(Date.now() - 11 * 365 * 24 * HOUR, Buffer.from('old'));
    const server = await serveHttp(vcenter(), { tls: old });
    const refused = await failureOf(connect(withLogin(server.url, { ca: old.cert })));
    expect(refused.code).toBe('TLS_UNTRUSTED');
    expect(refused.message).toMatch(/\(it expired on 20\d\d-\d\d-\d\d\)/);
    expect(server.seen).toEqual([]);
    const folder = folderWith({ 'ca.pem': old.cert, 'fox.iso': 'fox' });
    const words = ['upload', `${folder}/fox.iso`, 'images', '--url', server.url, '--ca-file', `${folder}/ca.pem`];
    const { code, stderr } = await call(words, { env: { SHELVER_USERNAME: 'ada', SHELVER_PASSWORD: 'pw' } });
    expect(code).toBe(8);
    expect(stderr).toMatch(
      /^error: the certificate of 127\.0\.0\.1:\d+ .*expired.*\nnext: ask whoever runs the server to renew/
    );
  });

  it('should be what doctor says of it', async () => {
    const old = selfSignedCertificate(Date.now() - 11 * 365 * 24 * HOUR, Buffer.from('old'));
    const server = await serveHttp(vcenter(), { tls: old });
    const folder = folderWith({ 'ca.pem': old.cert });
    const words = ['doctor', '--url', server.url, '--ca-file', `${folder}/ca.pem`];
    const { code, stdout } = await call(words, { env: { SHELVER_USERNAME: 'ada', SHELVER_PASSWORD: 'pw' } });
    expect(code).toBe(8);
    expect(stdout).toMatch(/expired/);
  });

  it('should not be confused with a login that is refused', async () => {
    const stage = await httpStage();
    stage.simulator.inject({ on: 'session.create', do: 'answer', status: 401, times: 'always' });
    const { report } = await stage.play(spec);
    expect([report.failure?.code, left(stage)]).toEqual(['UNAUTHENTICATED', NOTHING]);
  });
});
