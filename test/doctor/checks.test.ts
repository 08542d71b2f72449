import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { judged, tlsCheck } from '../../src/doctor/certificate.ts';
import { journalCheck, nodeCheck, spaceCheck } from '../../src/doctor/machine.ts';
import { clockCheck, loginCheck, serviceCheck } from '../../src/doctor/service.ts';
import { datastoreCheck, libraryCheck, privilegesCheck } from '../../src/doctor/shelf.ts';
import { dnsCheck, proxyCheck, settingsCheck, tcpCheck } from '../../src/doctor/way.ts';
import { DAY_MS, knowing, NOW, patient, reachOf, refusing, SETTINGS, SHOWN, WHERE } from './patient.ts';

const WAY = [settingsCheck, proxyCheck, dnsCheck, tcpCheck, tlsCheck, serviceCheck, clockCheck, loginCheck];

describe('the way to the server', () => {
  it('should be told step by step', async () => {
    const findings = await patient().look(...WAY);
    expect(findings.map(({ result, message }) => `${result}: ${message}`)).toEqual([
      'ok: https://vc.example:443 as ada (address: --url)',
      'ok: none',
      'ok: vc.example is 192.0.2.7',
      'ok: vc.example:443 takes a connection (3 ms)',
      'ok: trusted: by CN=house authority, valid until 2027-06-01, SHA-256 AA:BB',
      'ok: a content library service (12 ms): version 8.0.3, profile 8.0, dialect api',
      'ok: the clocks agree',
      'ok: ada is let in'
    ]);
  });

  it('should say what the proxy is looked up for', async () => {
    const proxy = { secure: false, host: 'proxy.example', port: 3128, place: 'proxy.example:3128' };
    const settings = async () => ({ ...SETTINGS, proxyFrom: 'HTTPS_PROXY' });
    const findings = await patient({ settings, reaches: { proxy } }).look(...WAY.slice(0, 3));
    expect(findings[1]).toMatchObject({
      result: 'ok',
      message: 'everything goes through proxy.example:3128 (HTTPS_PROXY)',
      facts: { proxy: 'proxy.example:3128', from: 'HTTPS_PROXY' }
    });
    expect(findings[2]?.message).toBe('the proxy proxy.example is 192.0.2.7');
  });

  it('should not look up what is no name', async () => {
    const settings = async () => ({ ...SETTINGS, where: { ...WHERE, host: '[::1]' } });
    const findings = await patient({ settings, reaches: { lookUp: async () => ['::1'] } }).look(...WAY.slice(0, 3));
    expect(findings[2]?.message).toBe('[::1] is an address: there is no name to look up');
  });

  it('should warn of a way without encryption, but not on this machine', async () => {
    const at = (host: string) => async () => ({ ...SETTINGS, where: { ...WHERE, secure: false, host } });
    const [first, far] = await patient({ settings: at('vc.example') }).look(settingsCheck, knowing(tlsCheck, {}));
    expect(first?.message).toContain('http://vc.example:443');
    expect(far).toMatchObject({ result: 'warning', next: expect.stringContaining('https://') });
    const [, near] = await patient({ settings: at('localhost') }).look(settingsCheck, knowing(tlsCheck, {}));
    expect(near?.result).toBe('ok');
  });
});

describe('a certificate', () => {
  const trusting = { insecure: false, pinned: false };
  const refused = (message: string) => failure('TLS_UNTRUSTED', message);

  it.each([
    ['expires soon', { validUntil: NOW + 9.5 * DAY_MS }, 'it expires in 9 days', 'renewed'],
    ['expires tomorrow', { validUntil: NOW + DAY_MS }, 'it expires in 1 day', 'renewed'],
    ['has expired', { validUntil: NOW - 1 }, 'it expired on 2026-06-01', 'renewed'],
    ['is not valid yet', { validFrom: NOW + DAY_MS }, 'it is valid from 2026-06-02 only', 'clocks'],
    ['is for another name', { ownName: false }, 'it is for another name (CN=vc.example)', '--url'],
    [
      'hangs on one that ends soon',
      { chain: [{ subject: 'CN=old', validUntil: NOW + DAY_MS }] },
      'the certificate above it, CN=old, ends on 2026-06-02',
      'renewed'
    ]
  ])('that %s is a warning where it is believed all the same', (_, more, says, next) => {
    for (const how of [trusting, { insecure: false, pinned: true }, { insecure: true, pinned: false }]) {
      const found = judged({ ...SHOWN, ...more }, NOW, how);
      expect(found.says).toContain(says);
      expect(found.next).toContain(next);
    }
  });

  it('should say how it is believed', () => {
    expect(judged(SHOWN, NOW, { insecure: false, pinned: true })).toMatchObject({
      says: expect.stringMatching(/^the pinned one: /),
      facts: { sha256: 'AA:BB', validUntil: '2027-06-01T12:00:00.000Z' }
    });
    expect(judged(SHOWN, NOW, { insecure: true, pinned: true }).next).toBeUndefined();
    const unseen = judged(SHOWN, NOW, { insecure: true, pinned: false });
    expect(unseen.says).toContain('believed unseen (--insecure)');
    expect(unseen.next).toBe('pin it instead: --thumbprint AA:BB; or give --ca-file');
  });

  it.each([
    ['its issuer is unknown', {}, 'give the authority that issued it: --ca-file FILE'],
    ['it has expired', { validUntil: NOW - 1 }, 'have it renewed by whoever runs the server'],
    ['it is not valid yet', { validFrom: NOW + 1 }, 'check the clocks here and on the server'],
    ['it is for another name', { ownName: false }, 'use the name in the certificate for --url']
  ])('that is not believed fails, with what to do: %s', async (why, more, next) => {
    const greet = async () => ({ ...SHOWN, ...more, refused: refused(`not trusted (${why})`) });
    const [, finding] = await patient({ reaches: { greet } }).look(
      settingsCheck,
      knowing(tlsCheck, { reach: reachOf({ greet }) })
    );
    expect(finding).toMatchObject({ result: 'failed', code: 'TLS_UNTRUSTED' });
    expect(finding?.message).toContain('(issued by CN=house authority, valid until ');
    expect(finding?.next).toBe(`${next}; or, if whoever runs the server confirms it: --thumbprint AA:BB`);
  });

  it('that is not the pinned one is not offered to be pinned', () => {
    const other = { ...SHOWN, refused: failure('TLS_PIN_MISMATCH', 'another one') };
    expect(() => judged(other, NOW, { insecure: false, pinned: true })).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ next: expect.not.stringContaining('--thumbprint') })
      })
    );
  });
});

describe('the service', () => {
  it('should be told apart from a login that is refused', async () => {
    const connect = refusing('UNAUTHENTICATED', 'it does not accept this password');
    const findings = await patient({ connect }).look(...WAY);
    expect(findings.map(({ result }) => result)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'failed']);
    expect(findings[5]?.message).toContain('asks for a login');
    expect(findings.at(-1)).toMatchObject({ code: 'UNAUTHENTICATED', message: 'it does not accept this password' });
  });

  it('should see no password while it is in trouble', async () => {
    let asked = 0;
    const connect = async (): Promise<never> => {
      asked += 1;
      throw new Error('not to be asked');
    };
    const findings = await patient({ connect, reaches: { ask: refusing('UNAVAILABLE') } }).look(...WAY);
    expect(findings.slice(5).map(({ result }) => result)).toEqual(['failed', 'skipped', 'skipped']);
    expect(asked).toBe(0);
    const other = await patient({ connect: refusing('NOT_THE_SERVICE') }).look(...WAY);
    expect(other[5]).toMatchObject({ result: 'failed', code: 'NOT_THE_SERVICE' });
  });

  it.each([
    [59_999, 'ok', 'the clocks agree'],
    [60_000, 'warning', 'the clock of the server is 1:00 ahead of the one here'],
    [-3_600_000, 'warning', 'the clock of the server is 1:00:00 behind the one here'],
    [undefined, 'skipped', 'the server does not tell its time']
  ])('should have its clock compared: %s', async (skewMs, result, message) => {
    const first = { status: 401, now: NOW, tookMs: 1, ...(skewMs !== undefined && { serverNow: NOW + skewMs }) };
    const [finding] = await patient().look(knowing(clockCheck, { first }));
    expect(finding).toMatchObject({ result, message });
  });

  it('should say when it tells no version', async () => {
    const its = patient();
    const server = { ...(await its.means.connect()), version: undefined };
    const findings = await patient({ connect: async () => server }).look(...WAY);
    expect(findings[5]?.message).toContain('it does not tell its version');
  });
});

describe('this machine', () => {
  it('should have a journal that can be written, and room for it', async () => {
    const [journal, space] = await patient().look(journalCheck, spaceCheck);
    expect(journal).toMatchObject({ result: 'ok', message: '/state/journal.db can be written; no run is unfinished' });
    expect(space).toMatchObject({ result: 'ok', facts: { freeBytes: 2 ** 40 } });
  });

  it('should be told of unfinished runs, of no journal, and of a full disk', async () => {
    const its = await patient().means.journal();
    const unfinished = (count: number) => async () => ({ ...its!, unfinished: count });
    const [one] = await patient({ journal: unfinished(1) }).look(journalCheck);
    expect(one).toMatchObject({ result: 'warning', message: expect.stringContaining('1 run unfinished') });
    const [two] = await patient({ journal: unfinished(2) }).look(journalCheck);
    expect(two?.message).toContain('2 runs unfinished');
    const [none, noSpace] = await patient({ journal: async () => undefined }).look(journalCheck, spaceCheck);
    expect([none?.result, noSpace?.result]).toEqual(['warning', 'skipped']);
    const [, full] = await patient({ freeBytes: async () => 1024 }).look(journalCheck, spaceCheck);
    expect(full).toMatchObject({ result: 'warning', message: '1.0 KiB free for the journal' });
    const freeBytes = () => Promise.reject(Object.assign(new Error('x'), { code: 'EIO' }));
    const [, unknown] = await patient({ freeBytes }).look(journalCheck, spaceCheck);
    expect(unknown).toMatchObject({ result: 'failed', code: 'JOURNAL', message: expect.stringContaining('EIO') });
    const [broken] = await patient({ journal: refusing('JOURNAL', 'locked') }).look(journalCheck);
    expect(broken).toMatchObject({ result: 'failed', code: 'JOURNAL', message: 'locked' });
  });

  it.each([
    ['v20.18.9', 'failed'],
    ['v18.20.0', 'failed'],
    ['v20.19.0', 'ok'],
    ['v22.0.0', 'ok'],
    ['v24.1.0', 'ok']
  ])('should have a Node that is new enough: %s', async (node, result) => {
    const [finding] = await patient({ node }).look(nodeCheck);
    expect(finding?.result).toBe(result);
  });
});

describe('the library', () => {
  const SHELF = [settingsCheck, knowing(libraryCheck, {}), privilegesCheck, datastoreCheck];
  const house = { libraries: [{ name: 'images', items: [{ name: 'a', type: 'iso' }] }] };

  async function look(more: Parameters<typeof patient>[0] = {}) {
    const its = patient({ house, ...more });
    const server = await its.means.connect();
    const checks = SHELF.map(check => (check.id === 'library' ? knowing(libraryCheck, { server }) : check));
    return its.look(...checks);
  }

  it('should be found, and what may be asked of it asked', async () => {
    const [, library, privileges, datastore] = await look();
    expect(library).toMatchObject({ result: 'ok', facts: { name: 'images', type: 'LOCAL' } });
    expect(privileges).toMatchObject({ result: 'ok', facts: { read: true, update: true, download: true } });
    expect(datastore).toMatchObject({ result: 'skipped' });
    const [, , empty] = await look({ house: {} });
    expect(empty).toMatchObject({ result: 'ok', message: expect.stringContaining('it is empty') });
  });

  it('should not be a subscribed one, and not be missing', async () => {
    const found = { id: 'l1', name: 'mirror', type: 'SUBSCRIBED' };
    const [, library, privileges] = await look({ findLibrary: async () => found });
    expect(library).toMatchObject({ result: 'failed', code: 'INVALID_ELEMENT_TYPE' });
    expect(privileges).toMatchObject({ result: 'skipped', message: 'not looked at, because library failed' });
    const [, missing] = await look({ findLibrary: refusing('NOT_FOUND', 'there is no library "x"') });
    expect(missing).toMatchObject({ result: 'failed', code: 'NOT_FOUND' });
  });

  async function lookRefusing(what: 'listSessions' | 'listDownloadSessions', code: 'UNAUTHORIZED' | 'CONNECTION') {
    const its = patient({ house });
    const server = await its.means.connect();
    const refusingServer = { ...server, library: { ...server.library, [what]: refusing(code, `no ${what}`) } };
    const [finding] = (
      await its.look(knowing(libraryCheck, { server: refusingServer }), knowing(privilegesCheck, {}))
    ).slice(1);
    return finding;
  }

  it('should tell which privilege is missing', async () => {
    expect(await lookRefusing('listSessions', 'UNAUTHORIZED')).toMatchObject({
      result: 'failed',
      code: 'UNAUTHORIZED',
      next: expect.stringContaining('ContentLibrary.UpdateSession')
    });
    expect(await lookRefusing('listDownloadSessions', 'UNAUTHORIZED')).toMatchObject({
      result: 'warning',
      next: expect.stringContaining('ContentLibrary.DownloadSession')
    });
    expect(await lookRefusing('listSessions', 'CONNECTION')).toMatchObject({ result: 'failed', code: 'CONNECTION' });
    expect(await lookRefusing('listDownloadSessions', 'CONNECTION')).toMatchObject({ code: 'CONNECTION' });
  });

  it('should have room, where the server tells', async () => {
    const library = { id: 'l', name: 'images', type: 'LOCAL', datastoreId: 'datastore-12' };
    const server = await patient({ house }).means.connect();
    const room = async (bytes: number | undefined, its: object = library) => {
      const known = { library: its, server: { ...server, freeSpace: async () => bytes } };
      return (await patient().look(knowing(datastoreCheck, known as never)))[0];
    };
    expect(await room(2 ** 40)).toMatchObject({ result: 'ok', message: '1024.0 GiB free on datastore-12' });
    expect(await room(2 ** 30)).toMatchObject({ result: 'warning' });
    expect(await room(undefined)).toMatchObject({ result: 'skipped' });
    expect(await room(2 ** 40, { id: 'l', name: 'i', type: 'LOCAL' })).toMatchObject({ result: 'skipped' });
  });
});
