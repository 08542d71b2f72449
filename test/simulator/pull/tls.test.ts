// Whom the simulator trusts when it pulls over TLS: authorities, or exactly the certificate that the client named.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSignedCertificate, thumbprintsOf } from '../../../src/simulator/http/certificate.ts';
import type { PullOptions } from '../../../src/simulator/index.ts';
import { type Answering, type Origin, originOf, type Pulling, pulling, reasonOf, until } from './pulling.ts';

const certificate = (serial: number) => selfSignedCertificate(Date.now(), Buffer.alloc(16, serial));
const ITS = certificate(1);
const OTHER = certificate(2);
const { sha1, sha256 } = thumbprintsOf(ITS.cert);

let origins: Origin[] = [];
let pull: Pulling;
afterEach(async () => {
  await pull.close();
  for (const origin of origins) await origin.close();
  origins = [];
});

async function secure(answers: Parameters<typeof originOf>[0], tls = ITS): Promise<Origin> {
  const origin = await originOf(answers, tls);
  origins.push(origin);
  return origin;
}

async function pulled(uri: string, source: Parameters<Pulling['add']>[2] = {}, options: PullOptions = {}) {
  pull = await pulling({ pull: { hosts: ['127.0.0.1', 'localhost'], ...options } });
  await pull.add(uri, {}, source);
  const file = await pull.settled();
  return file.status === 'READY' ? 'READY' : reasonOf(file);
}

describe('a pull over TLS', () => {
  it.each([
    ['a thumbprint of SHA-1', { thumbprint: sha1 }],
    ['one of SHA-256', { thumbprint: sha256 }],
    ['one in small letters, without colons', { thumbprint: sha1.replaceAll(':', '').toLowerCase() }],
    ['the certificate', { certificate: ITS.cert }],
    ['the certificate, whatever the thumbprint', { certificate: ITS.cert, thumbprint: 'AA:BB' }]
  ])('should trust by %s', async (_, source) => {
    const { url } = await secure({ '/a': 'hello' });
    expect(await pulled(`${url}/a`, source)).toBe('READY');
    expect(await pull.library.complete(pull.sessionId)).toBeUndefined();
    expect(await pull.held()).toEqual({ 'a.iso': 'hello' });
  });

  const { sha1: otherSha1, sha256: otherSha256 } = thumbprintsOf(OTHER.cert);
  it.each([
    ['nothing', {}, 'the certificate of the source is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)'],
    ['another SHA-1', { thumbprint: otherSha1 }, 'the certificate of the source has not the thumbprint given'],
    ['another SHA-256', { thumbprint: otherSha256 }, 'the certificate of the source has not the thumbprint given'],
    [
      'no thumbprint at all',
      { thumbprint: 'AA:BB' },
      'the thumbprint given for the source is neither SHA-1 nor SHA-256 in hexadecimal'
    ],
    [
      'letters that are no hexadecimal',
      { thumbprint: 'zz'.repeat(20) },
      'the thumbprint given for the source is neither SHA-1 nor SHA-256 in hexadecimal'
    ],
    [
      'another certificate, although the thumbprint fits',
      { certificate: OTHER.cert, thumbprint: sha1 },
      'the certificate of the source is not the one given'
    ],
    ['a text that is no certificate', { certificate: 'x' }, 'the certificate given for the source is not PEM']
  ])('should not trust by %s, and send no request then', async (_, source, reason) => {
    const origin = await secure({ '/a': 'hello' });
    expect(await pulled(`${origin.url}/a`, source, { attempts: 5 })).toBe(reason);
    expect(origin.asked).toEqual([]);
    expect(origin.made()).toBe(1);
  });

  it('should trust an authority that the simulator was given, for the names in the certificate', async () => {
    const { url, port } = await secure({ '/a': 'hello' });
    expect(await pulled(`${url}/a`, {}, { ca: ITS.cert })).toBe('READY');
    await pull.close();
    expect(await pulled(`https://localhost:${port}/a`, {}, { ca: ITS.cert })).toBe('READY');
    await pull.close();
    const elsewhere = { ca: ITS.cert, hosts: ['images.example', '127.0.0.1'], lookup: async () => ['127.0.0.1'] };
    expect(await pulled(`https://images.example:${port}/a`, {}, elsewhere)).toBe(
      'the certificate of the source is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)'
    );
  });

  it('should hold a thumbprint against an authority: it replaces the usual trust', async () => {
    const { url } = await secure({ '/a': 'hello' });
    expect(await pulled(`${url}/a`, { thumbprint: otherSha1 }, { ca: ITS.cert })).toBe(
      'the certificate of the source has not the thumbprint given'
    );
  });

  it('should give a server up that does not greet', async () => {
    const { port } = await (async () => {
      const origin = await originOf({});
      origins.push(origin);
      return origin;
    })();
    expect(await pulled(`https://127.0.0.1:${port}/a`, {}, { attempts: 1 })).toMatch(
      /^the connection to the source broke/
    );
  });
});

describe('a server that does not say a word under TLS', () => {
  async function mute() {
    const sockets = new Set<Socket>();
    const server = createServer(socket => {
      sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
      socket.resume();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    origins.push({ close: async () => void server.close() } as Origin);
    return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/a`, sockets };
  }

  it('should be given up', async () => {
    const { url, sockets } = await mute();
    expect(await pulled(url, {}, { attempts: 1, stallMs: 20 })).toBe('the source was silent for 0.02 s');
    await until(() => sockets.size === 0);
  });

  it('should be left when the pull is not wanted any more', async () => {
    const { url, sockets } = await mute();
    pull = await pulling({ pull: { hosts: ['127.0.0.1'] } });
    await pull.add(url);
    await until(() => sockets.size === 1);
    await pull.library.cancelSession(pull.sessionId);
    await until(() => sockets.size === 0);
  });
});

describe('a redirect under TLS', () => {
  const to =
    (location: string): Answering =>
    (_, res) =>
      res.writeHead(302, { location }).end();

  it('should keep the thumbprint for the server that it was given for', async () => {
    const target = await secure({ '/a': 'hello' });
    const { url } = await secure({ '/a': to(`${target.url}/a`) }, OTHER);
    const source = { thumbprint: otherThumbprint() };
    expect(await pulled(`${url}/a`, source)).toBe(
      'the certificate of the source is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)'
    );
    await pull.close();
    expect(await pulled(`${url}/a`, source, { ca: ITS.cert })).toBe('READY');
  });

  it('should not lead out of TLS', async () => {
    const plain = await originOf({ '/a': 'hello' });
    origins.push(plain);
    const { url } = await secure({ '/a': to(`${plain.url}/a`) });
    expect(await pulled(`${url}/a`, { thumbprint: sha1 })).toBe('the source redirects from https to http');
    expect(plain.made()).toBe(0);
  });

  function otherThumbprint() {
    return thumbprintsOf(OTHER.cert).sha1;
  }
});
