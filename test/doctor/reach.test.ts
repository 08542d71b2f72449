// The steps of the way by real sockets: what is wrong with each of them.
import { describe, expect, it } from 'vitest';
import { addressOf } from '../../src/adapters/http/address.ts';
import { httpReach, type ReachOptions } from '../../src/adapters/http/reach.ts';
import type { Reach } from '../../src/reach.ts';
import { selfSignedCertificate, thumbprintsOf } from '../../src/simulator/http/certificate.ts';
import { certificateFor } from '../client/certificates.ts';
import { failureOf, serve, serveProxy, serveTcp, text } from '../client/servers.ts';

const OURS = certificateFor('ours');
const PATIENT = { connectMs: 5_000, headersMs: 5_000, stallMs: 5_000, answerMs: 5_000 };
const QUICK = { ...PATIENT, connectMs: 150, headersMs: 150 };
const DAY_MS = 86_400_000;

function reachTo(url: string, more: Partial<ReachOptions> = {}): Reach & { readonly to: ReturnType<typeof addressOf> } {
  const vcenter = addressOf(url);
  return { ...httpReach({ vcenter, timeouts: PATIENT, ...more }), to: vcenter };
}

describe('a name', () => {
  const coded = (code: string) => async () => {
    throw Object.assign(new Error(code), { code });
  };
  it('should be looked up, and an address not', async () => {
    const reach = reachTo('https://vc.example', { lookUp: async () => ['192.0.2.1', '192.0.2.2'] });
    expect(await reach.lookUp('vc.example')).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(await reach.lookUp('192.0.2.9')).toEqual(['192.0.2.9']);
    expect(await reach.lookUp('[::1]')).toEqual(['::1']);
    expect(await reachTo('https://localhost').lookUp('localhost')).not.toEqual([]);
  });
  it('should be told when there is none, when nobody knows now, and when nobody answers', async () => {
    const looking = (lookUp: ReachOptions['lookUp']) => reachTo('https://vc.example', { lookUp, timeouts: QUICK });
    expect(await failureOf(looking(coded('ENOTFOUND')).lookUp('vc.example'))).toMatchObject({
      code: 'BAD_ADDRESS',
      message: 'there is no host of the name in vc.example'
    });
    expect(await failureOf(looking(coded('EAI_AGAIN')).lookUp('vc.example'))).toMatchObject({ code: 'CONNECTION' });
    const never = looking(() => new Promise(() => undefined));
    expect(await failureOf(never.lookUp('vc.example'))).toMatchObject({ code: 'TIMED_OUT' });
    const abort = new AbortController();
    const waiting = failureOf(never.lookUp('vc.example', { signal: abort.signal }));
    abort.abort();
    expect(await waiting).toMatchObject({ code: 'CANCELED' });
    expect(await failureOf(never.lookUp('vc.example', { signal: abort.signal }))).toMatchObject({ code: 'CANCELED' });
  });
  it('should be the one of the proxy, where there is one', async () => {
    const more = { proxy: 'px.example:3128', lookUp: coded('ENOTFOUND') };
    const reach = reachTo('https://vc.example', more);
    expect(reach.proxy).toMatchObject({ place: 'px.example:3128' });
    expect((await failureOf(reach.lookUp('px.example'))).next).toContain('--proxy none');
  });
});

describe('a connection', () => {
  it('should come about, or be refused', async () => {
    const { url, close } = await serve((_, response) => text(response, 200, 'x'));
    const reach = reachTo(url);
    expect((await reach.dial(reach.to)).tookMs).toBeGreaterThanOrEqual(0);
    await close();
    expect(await failureOf(reach.dial(reach.to))).toMatchObject({ code: 'CONNECTION' });
  });
  it('should go through the proxy, or say that it does not', async () => {
    const { url } = await serve((_, response) => text(response, 200, 'x'));
    const open = await serveProxy();
    const reach = reachTo(url, { proxy: `http://px:secret@127.0.0.1:${open.port}` });
    await reach.dial(reach.to);
    expect(open.asked).toHaveLength(1);
    const closed = await serveProxy({ refuse: 407 });
    const other = reachTo(url, { proxy: `http://px:secret@127.0.0.1:${closed.port}` });
    const failed = await failureOf(other.dial(other.to));
    expect(failed).toMatchObject({ code: 'CONNECTION', message: expect.stringContaining('407') });
    expect(JSON.stringify(failed)).not.toContain('secret');
    expect(() => reachTo(url, { proxy: 'socks://127.0.0.1:1' })).toThrow('socks');
  });
});

describe('a certificate', () => {
  const secure = (tls: { key: string; cert: string }, host?: string) =>
    serve((_, response) => text(response, 200, 'x'), { tls, ...(host !== undefined && { host }) });

  it('should be shown with who vouches for it, believed or not', async () => {
    const { url } = await secure(OURS);
    const reach = reachTo(url);
    const shown = await reach.greet(reach.to);
    expect(shown).toMatchObject({
      subject: 'CN=shelver simulator',
      issuer: 'CN=shelver simulator',
      sha256: OURS.sha256,
      ownName: true,
      chain: [],
      protocol: 'TLSv1.3',
      refused: { code: 'TLS_UNTRUSTED' }
    });
    expect(shown.validUntil - shown.validFrom).toBe(3651 * DAY_MS);
    for (const trust of [{ ca: OURS.cert }, { thumbprint: OURS.sha256 }, { insecure: true }]) {
      const its = reachTo(url, trust);
      expect((await its.greet(its.to)).refused).toBeUndefined();
    }
    const other = reachTo(url, { thumbprint: '0'.repeat(64) });
    expect((await other.greet(other.to)).refused).toMatchObject({ code: 'TLS_PIN_MISMATCH' });
    expect(() => reachTo(url, { thumbprint: 'none' })).toThrow('fingerprint');
  });

  it('should be told to have expired, or to be for another name', async () => {
    const old = selfSignedCertificate(Date.now() - 4000 * DAY_MS, Buffer.from('old'));
    const expired = reachTo((await secure(old)).url, { ca: old.cert });
    const shown = await expired.greet(expired.to);
    expect(shown.refused?.message).toContain('it expired on');
    expect(shown.sha256).toBe(thumbprintsOf(old.cert).sha256);
    expect(shown.validUntil).toBeLessThan(Date.now());
    const elsewhere = reachTo((await secure(OURS, '127.0.0.2')).url, { ca: OURS.cert });
    const named = await elsewhere.greet(elsewhere.to);
    expect(named).toMatchObject({ ownName: false });
    expect(named.refused?.message).toContain('it is for another name');
    const byName = reachTo((await secure(OURS)).url.replace('127.0.0.1', 'localhost'), { ca: OURS.cert });
    expect(await byName.greet(byName.to)).toMatchObject({ ownName: true });
  });

  it('should not be waited for without end', async () => {
    const { port } = await serveTcp(() => undefined);
    const reach = reachTo(`https://127.0.0.1:${port}`, { timeouts: QUICK });
    expect(await failureOf(reach.greet(reach.to))).toMatchObject({ code: 'TIMED_OUT' });
    const abort = new AbortController();
    const waiting = failureOf(reach.greet(reach.to, { signal: abort.signal }));
    abort.abort();
    expect(await waiting).toMatchObject({ code: 'CANCELED' });
  });
});

describe('a first answer', () => {
  it('should be asked for without a login, and tell the time', async () => {
    const server = await serve((_, response) => text(response, 401, '{}'));
    const answer = await reachTo(server.url).ask();
    expect(answer.status).toBe(401);
    expect(Math.abs(answer.serverNow! - answer.now)).toBeLessThan(30_000);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    const timeless = await serve((_, response) => {
      response.sendDate = false;
      text(response, 404, '');
    });
    expect(await reachTo(timeless.url).ask()).not.toHaveProperty('serverNow');
  });
  it('should say that the service is in trouble, or silent', async () => {
    const down = await serve((_, response) => text(response, 503, 'down for repair'));
    expect(await failureOf(reachTo(down.url).ask())).toMatchObject({ code: 'UNAVAILABLE', message: 'down for repair' });
    const odd = await serve((_, response) => text(response, 501, 'what?'));
    expect(await reachTo(odd.url).ask()).toMatchObject({ status: 501 });
    const silent = await serve(() => undefined);
    expect(await failureOf(reachTo(silent.url, { timeouts: QUICK }).ask())).toMatchObject({ code: 'TIMED_OUT' });
  });
});

it('should tell where an address for bytes leads to, and whether the login goes there', () => {
  const reach = reachTo('https://vc.example');
  expect(reach.leadsTo('https://vc.example/cls/data/x')).toMatchObject({
    to: { place: 'vc.example:443' },
    withLogin: true
  });
  expect(reach.leadsTo('https://esx1.example:902/x')).toMatchObject({
    to: { place: 'esx1.example:902', host: 'esx1.example' },
    withLogin: false
  });
  expect(() => reach.leadsTo('ds:///x')).toThrow('not http');
});
