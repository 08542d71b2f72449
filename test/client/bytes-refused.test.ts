import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { connected, failureOf, json, serve, TOKEN, text, thrownBy, vcenter } from './servers.ts';
import { endless, MIB, ok, small, UPLOAD, uploading } from './uploading.ts';

describe('a push that the server refuses', () => {
  const said = {
    error_type: 'INVALID_ARGUMENT',
    messages: [{ id: 'm', default_message: 'The checksum differs.', args: [] }]
  };

  it('should end in what the server said, with the digests, because all was read', async () => {
    const { push } = await uploading((_, response) => void json(response, 400, said));
    expect(await failureOf(push({ source: small(), hash: ['MD5'] }))).toEqual({
      code: 'CHECKSUM_MISMATCH',
      message: 'The checksum differs.',
      service: { errorType: 'INVALID_ARGUMENT', status: 400, messages: said.messages },
      sent: 11,
      digests: [{ algorithm: 'MD5', checksum: createHash('md5').update('hello world').digest('hex') }]
    });
  });

  it.each([
    ['keeps the connection', () => {}],
    ['resets it at once', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()]
  ])('early should stop the sending at once and be heard, when the server %s', async (_, then) => {
    const { push } = await uploading(
      (request, response) => {
        request.pause();
        json(response, 507, said, { 'retry-after': '3' });
        response.on('finish', () => then(request.socket));
      },
      {},
      true
    );
    const source = endless();
    const refused = await failureOf(push({ source, hash: ['SHA1'] }));
    expect(refused).toMatchObject({ code: 'CHECKSUM_MISMATCH', message: 'The checksum differs.', retryAfterMs: 3_000 });
    expect(refused.digests).toBeUndefined();
    expect(refused.ambiguous).toBeUndefined();
    expect(refused.sent).toBeLessThan(64 * MIB);
    expect(source.closed).toBe(1);
  });

  it('early with success should not be taken for success', async () => {
    const { server, push } = await uploading((_, response) => void response.writeHead(200).end(), {}, true);
    expect(await failureOf(push({ source: endless() }))).toMatchObject({
      code: 'TRANSFER_REFUSED',
      message: `${server.place} answered 200 before it had all the bytes`
    });
  });

  it.each([
    [404, 'nothing here', 'TRANSFER_REFUSED'],
    [400, '', 'TRANSFER_REFUSED'],
    [400, 'wrong digest', 'CHECKSUM_MISMATCH'],
    [413, '{"error_type":"INVALID_ARGUMENT","messages":[]}', 'TRANSFER_REFUSED'],
    [403, '', 'UNAUTHORIZED'],
    [429, '', 'UNAVAILABLE'],
    [500, 'vmdk: invalid format', 'SERVER_ERROR'],
    [503, '', 'UNAVAILABLE']
  ])('with %i and text "%s" should be %s', async (status, body, code) => {
    const { push } = await uploading((_, response) => void text(response, status, body));
    const refused = await failureOf(push({ source: small() }));
    expect(refused).toMatchObject({ code, sent: 11 });
    if (body && !body.startsWith('{')) expect(refused.message).toBe(body);
  });

  it('should hear a refusal that is cut short, and not more of one than anybody reads', async () => {
    const cut = await uploading((request, response) => {
      response.writeHead(500, { 'content-length': '1000' });
      response.write('half a sen', () => request.socket.destroy());
    });
    expect(await failureOf(cut.push({ source: small() }))).toMatchObject({ code: 'SERVER_ERROR' });
    const long = await uploading((_, response) => {
      response.writeHead(500);
      const more = () => void response.write('x'.repeat(65_536), error => error ?? setImmediate(more));
      more();
    });
    expect(await failureOf(long.push({ source: small() }))).toMatchObject({ code: 'SERVER_ERROR' });
  });

  it('because the login ended should find a new login at the next attempt', async () => {
    let logins = 0;
    const server = await serve(
      vcenter((_, response, { method, url, headers }) => {
        if (url === '/api/session' && method === 'POST') return json(response, 201, `canary-token-${++logins}`);
        if (method !== 'PUT') return false;
        return headers['vmware-api-session-id'] === 'canary-token-1' ? json(response, 401) : json(response, 200);
      })
    );
    const { bytes } = await connected(server.url);
    const push = () => bytes.push({ uri: `${server.url}${UPLOAD}`, source: small(), hash: [] });
    expect(await failureOf(push())).toMatchObject({
      code: 'TRANSFER_REFUSED',
      message: `${server.place} refused the bytes: the login had ended`,
      sent: 11
    });
    expect(await push()).toMatchObject({ sent: 11 });
    expect(logins).toBe(2);
  });

  it('because it was not shown the session should say how to trust that host', async () => {
    const foreign = await serve((_, response) => void response.writeHead(401).end());
    const { push } = await uploading(ok);
    expect(await failureOf(push({ source: small(), uri: `${foreign.url}${UPLOAD}` }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: `${foreign.place} refused the bytes: this host is not trusted with the login session (trustedHosts)`
    });
  });

  it('should not repeat the upload address or the session, whatever the server says', async () => {
    const echo = `PUT ${UPLOAD} of canary-transfer-0123456789 with ${TOKEN} failed`;
    const { server, push } = await uploading((request, response) => void text(response, 500, `${echo} ${request.url}`));
    const refused = await thrownBy(push({ source: small() }));
    expect(inspect(refused, { depth: 9 })).not.toContain('canary');
    const signed = await thrownBy(push({ source: small(), uri: `${server.url}${UPLOAD}?sig=canary-signature` }));
    expect(inspect(signed, { depth: 9 })).not.toContain('canary');
    await server.close();
    const dead = await thrownBy(push({ source: small() }));
    expect(dead.failure.code).toBe('CONNECTION');
    expect(inspect(dead, { depth: 9, showHidden: true })).not.toContain('canary');
  });
});

describe('a push whose connection fails', () => {
  it('on the way should tell what was sent, and be certain that the server has not all', async () => {
    const { server, push } = await uploading(
      request => {
        let had = 0;
        request.on('data', chunk => {
          had += chunk.length;
          if (had > 3 * MIB) request.socket.resetAndDestroy();
        });
      },
      {},
      true
    );
    const source = endless();
    const broken = await failureOf(push({ source, hash: ['SHA1'] }));
    expect(broken).toEqual({
      code: 'CONNECTION',
      message: `${server.place} broke the connection before its answer was complete`,
      sent: expect.any(Number)
    });
    expect(broken.sent).toBeGreaterThan(0);
    expect(source.closed).toBe(1);
  });

  it('after the last byte should be ambiguous, with the digests', async () => {
    const { push } = await uploading(request => void request.socket.destroy());
    expect(await failureOf(push({ source: small(), hash: ['MD5'] }))).toMatchObject({
      code: 'CONNECTION',
      ambiguous: true,
      sent: 11,
      digests: [{ algorithm: 'MD5' }]
    });
  });

  it('before it began should say so, and read nothing that it does not need', async () => {
    const { server, push } = await uploading(ok);
    await server.close();
    const refused = await failureOf(push({ source: endless() }));
    expect(refused).toEqual({
      code: 'CONNECTION',
      message: `nobody answers at ${server.place} (connection refused)`,
      sent: 0
    });
  });

  it.each([
    ['while sending', endless, undefined],
    ['while waiting for the answer', small, true]
  ])('by standing still %s should be STALLED', async (_, source, ambiguous) => {
    const { server, push } = await uploading(request => void request.pause(), { timeouts: { stallMs: 100 } }, true);
    const stalled = await failureOf(push({ source: source() }));
    expect(stalled).toMatchObject({
      code: 'STALLED',
      message: `no byte moved to or from ${server.place} for too long`
    });
    expect(stalled.ambiguous).toBe(ambiguous);
  });
});
