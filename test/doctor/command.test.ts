// shelver doctor as a whole, before a simulator behind a real socket.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS, type Finding } from '../../src/doctor/check.ts';
import { call, type CallOptions, folderWith, left, serve } from '../cli/call.ts';
import { serve as serveOther, serveProxy, text, vcenter } from '../client/servers.ts';

const NOTHING = { items: [], sessions: [] };

async function doctor(words: readonly string[], options: CallOptions) {
  const { code, stdout, stderr } = await call(['doctor', ...words, '--json'], options);
  const { checks, exit } = JSON.parse(stdout) as { checks: Finding[]; exit: number };
  expect(exit).toBe(code);
  return { code, stderr, checks, by: Object.fromEntries(checks.map(check => [check.id, check])) };
}

describe('shelver doctor', () => {
  it('should find nothing in the way, in order, and leave nothing', async () => {
    const { env, simulator } = await serve();
    const journal = join(folderWith(), 'journal.db');
    const { code, checks, stderr } = await doctor(['images', '--write', '--journal', journal], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(checks.map(({ id }) => id)).toEqual(CHECKS);
    expect(checks.filter(({ result }) => result !== 'ok').map(({ id }) => id)).toEqual(['datastore']);
    expect(left(simulator)).toEqual(NOTHING);
    const transfers = await call(['transfers', '--json', '--journal', journal], { env });
    expect(JSON.parse(transfers.stdout)).toMatchObject({ runs: [] });
    // It was written down as any upload is: had it been killed, `cleanup` would find what it left.
    const all = await call(['transfers', '--all', '--json', '--journal', journal], { env });
    expect(JSON.parse(all.stdout).runs).toMatchObject([
      {
        kind: 'upload',
        place: expect.stringContaining('/shelver-doctor-'),
        ending: { outcome: 'canceled', left: false }
      }
    ]);
  });

  it('should change nothing without --write', async () => {
    const { env, simulator } = await serve();
    const { code, stdout, stderr } = await call(['doctor', 'images'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ok {7}settings {4}http:\/\/127\.0\.0\.1:\d+ as user \(address: SHELVER_URL, .*\)\n/);
    expect(stdout).toMatch(/\nnothing stands in the way, 1 warning\n$/);
    const changing = simulator.requests.filter(({ op }) => /create|add|delete|put/.test(op) && !/^login/.test(op));
    expect(changing).toEqual([]);
  });

  it('should state the certificate over TLS, and how it is believed', async () => {
    const { env, listening } = await serve({}, { tls: true });
    const { sha256 } = listening.thumbprints!;
    const strange = await doctor(['images'], { env });
    expect(strange).toMatchObject({ code: 8, by: { tls: { code: 'TLS_UNTRUSTED' }, login: { result: 'skipped' } } });
    expect(strange.by.tls?.next).toContain(`--thumbprint ${sha256}`);
    expect(strange.stderr).toMatch(/^error: tls: the certificate of .* is not trusted .*\nnext: give the authority/);
    const pinned = await doctor(['images', '--write'], { env: { ...env, SHELVER_THUMBPRINT: sha256 } });
    expect(pinned).toMatchObject({ code: 0, by: { tls: { result: 'ok', facts: { sha256 } }, push: { result: 'ok' } } });
    const file = join(folderWith({ 'ca.pem': listening.caPem! }), 'ca.pem');
    expect((await doctor(['--ca-file', file], { env })).by.tls).toMatchObject({ result: 'ok' });
    expect((await doctor(['--ca-file', `${file}x`], { env })).by.proxy).toMatchObject({ code: 'INVALID_SPEC' });
    expect((await doctor(['--insecure'], { env })).by.tls).toMatchObject({ result: 'warning' });
  });

  it('should tell where each setting comes from, but not what it is', async () => {
    const { listening } = await serve();
    const { port } = await serveProxy();
    const file = join(folderWith({ word: 'pass\n' }), 'word');
    const inUrl = listening.url.replace('//', '//user:pass@');
    const cases: [words: string[], env: Record<string, string>, origins: string][] = [
      [
        ['--url', listening.url, '--username', 'user', '--password-stdin'],
        {},
        'address: --url, user: --username, password: standard input'
      ],
      [
        ['--password-file', file],
        { SHELVER_URL: listening.url, SHELVER_USERNAME: 'user' },
        'password: --password-file'
      ],
      [
        [],
        { SHELVER_URL: listening.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD_FILE: file },
        'password: SHELVER_PASSWORD_FILE'
      ],
      [[], { GOVC_URL: inUrl }, 'address: GOVC_URL, user: GOVC_URL, password: GOVC_URL'],
      [
        [],
        { GOVC_URL: inUrl, GOVC_USERNAME: 'user', GOVC_INSECURE: '1' },
        'user: GOVC_USERNAME, password: GOVC_URL, trust: GOVC_INSECURE'
      ],
      [
        [],
        { VSPHERE_SERVER: listening.url, VSPHERE_USER: 'user', VSPHERE_PASSWORD: 'pass' },
        'address: VSPHERE_SERVER, user: VSPHERE_USER, password: VSPHERE_PASSWORD'
      ],
      [
        [],
        { GOVC_URL: inUrl, SHELVER_PROXY: `http://px:pw@127.0.0.1:${port}` },
        'password: GOVC_URL, proxy: SHELVER_PROXY'
      ]
    ];
    for (const [words, env, origins] of cases) {
      const { by, code } = await doctor(words, { env, stdin: 'pass\n' });
      expect(by.settings?.message).toContain(origins);
      expect(code).toBe(0);
    }
    const none = await doctor([], {});
    expect(none).toMatchObject({ code: 2, by: { settings: { code: 'INVALID_SPEC' }, node: { result: 'ok' } } });
    expect(none.by.proxy?.message).toBe('not looked at, because settings failed');
  });

  it('should find the first thing that is wrong, and have its exit code', async () => {
    const { env, listening } = await serve();
    expect(await doctor([], { env: { ...env, SHELVER_PASSWORD: 'wrong' } })).toMatchObject({
      code: 7,
      by: { service: { result: 'ok' }, login: { code: 'UNAUTHENTICATED' } }
    });
    expect(await doctor(['nothing'], { env })).toMatchObject({ code: 4, by: { library: { code: 'NOT_FOUND' } } });
    const down = await serveOther((_, response) => text(response, 503, 'down'));
    const at = (url: string) => ({ env: { ...env, SHELVER_URL: url } });
    expect(await doctor([], at(down.url))).toMatchObject({ code: 5, by: { service: { code: 'UNAVAILABLE' } } });
    expect(down.seen.filter(({ headers }) => headers.authorization)).toEqual([]);
    const other = await serveOther((_, response) => text(response, 200, 'hello'));
    expect(await doctor([], at(other.url))).toMatchObject({ code: 2, by: { service: { code: 'NOT_THE_SERVICE' } } });
    await down.close();
    expect(await doctor([], at(down.url))).toMatchObject({ code: 5, by: { tcp: { code: 'CONNECTION' } } });
    await listening.close();
    const journal = { ...env, SHELVER_JOURNAL: join(folderWith({ file: 'x' }), 'file', 'journal.db') };
    expect((await doctor([], { env: journal })).by.journal).toMatchObject({ code: 'JOURNAL' });
  });

  it('should say a failure beside the table only where nobody sees that', async () => {
    const options: CallOptions = {
      env: { SHELVER_URL: 'http://127.0.0.1:1', SHELVER_USERNAME: 'u', SHELVER_PASSWORD: 'p' }
    };
    expect((await call(['doctor'], options)).stderr).toMatch(/^error: tcp: nobody answers/);
    const seen = await call(['doctor'], { ...options, tty: ['stdout'] });
    expect(seen).toMatchObject({ code: 5, stderr: '' });
    expect(seen.stdout).toContain('\x1b[31mfailed \x1b[0m');
  });

  it('should ask the server how much room there is', async () => {
    const answer = vcenter(({ method }, response, { url }) => {
      const say = (body: unknown): boolean => text(response, 200, JSON.stringify(body), 'application/json');
      if (method === 'POST' && url.includes('action=find')) return say(['library-1']);
      if (url === '/api/content/library/library-1') {
        return say({
          id: 'library-1',
          name: 'images',
          type: 'LOCAL',
          storage_backings: [{ type: 'DATASTORE', datastore_id: 'datastore-9' }]
        });
      }
      if (url.startsWith('/api/content/library/item?')) return say([]);
      if (url === '/api/vcenter/datastore/datastore-9') return say({ name: 'ds', free_space: 2 ** 41 });
      return false;
    });
    const { url } = await serveOther(answer);
    const env = { SHELVER_URL: url, SHELVER_USERNAME: 'u', SHELVER_PASSWORD: 'p' };
    const { by } = await doctor(['images'], { env });
    expect(by.service?.facts).toMatchObject({ version: '8.0.3.00100', profile: '8.0' });
    expect(by.datastore).toMatchObject({ result: 'ok', facts: { datastore: 'datastore-9', freeBytes: 2 ** 41 } });
  });

  it('should be called rightly', async () => {
    const { env } = await serve();
    for (const [words, says] of [
      [['images/vm'], '"images/vm" names an item, not a library'],
      [['--write'], '--write needs the library to try']
    ] as const) {
      const { code, stderr } = await call(['doctor', ...words], { env });
      expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
    }
    const { code, stdout } = await call(['doctor', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--write');
  });

  it('should clean up and end when it is interrupted', async () => {
    const { env, simulator } = await serve();
    expect((await call(['doctor', 'images'], { env, signalSoon: 'SIGTERM' })).code).toBe(143);
    const onText: CallOptions['onText'] = (said, signal) => {
      if (/^skipped +datastore/.test(said)) signal('SIGINT');
    };
    const { code, stderr } = await call(['doctor', 'images', '--write'], { env, onText });
    expect({ code, says: stderr.includes('ending, and cleaning up on the server') }).toEqual({ code: 130, says: true });
    expect(left(simulator)).toEqual(NOTHING);
  });
});
