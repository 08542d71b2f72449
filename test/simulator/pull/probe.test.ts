// A look at a source on behalf of a client: file.probe, which /rest alone has.
import { afterEach, describe, expect, it } from 'vitest';
import { selfSignedCertificate, thumbprintsOf } from '../../../src/simulator/http/certificate.ts';
import type { PullOptions } from '../../../src/simulator/index.ts';
import { type HttpDoor, httpDoorIn, send } from '../doors.ts';
import { type Answering, type Origin, originOf } from './pulling.ts';

const ITS = selfSignedCertificate(Date.now(), Buffer.alloc(16, 3));
const { sha1 } = thumbprintsOf(ITS.cert);
const REAL = 'com.vmware.vdcs.cls-main';

let origin: Origin | undefined;
let door: HttpDoor;
afterEach(async () => {
  await door.close();
  await origin?.close();
  origin = undefined;
});

const answer =
  (status: number): Answering =>
  (req, res) =>
    res.writeHead(req.method === 'HEAD' ? status : 200).end();

async function begin(pull: PullOptions | false = {}): Promise<void> {
  door = await httpDoorIn('rest')({ pull: pull && { hosts: ['127.0.0.1'], ...pull } });
}
async function asked(source_endpoint: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const { listening, token } = door;
  const { status, body } = await send(
    `${listening.url}/rest/com/vmware/content/library/item/updatesession/file?~action=probe`,
    {
      method: 'POST',
      headers: { 'vmware-api-session-id': token, 'content-type': 'application/json' },
      body: JSON.stringify({ source_endpoint })
    }
  );
  return { status, body: JSON.parse(body).value };
}
const probed = async (uri: string, more = {}) => (await asked({ uri, ...more })).body;
const said = (id: string, text: string, arg: string) => [{ id: `${REAL}.${id}`, default_message: text, args: [arg] }];

describe('a look at a source', () => {
  it('should find one that is there, without fetching it', async () => {
    origin = await originOf({ '/a': 'hello' });
    await begin();
    expect(await probed(`${origin.url}/a`)).toEqual({ status: 'SUCCESS', error_messages: [] });
    expect(origin.asked).toEqual(['HEAD /a']);
  });

  it.each([405, 501])('should ask by GET where HEAD is answered with %i', async status => {
    origin = await originOf({ '/a': answer(status) });
    await begin();
    expect(await probed(`${origin.url}/a`)).toEqual({ status: 'SUCCESS', error_messages: [] });
    expect(origin.asked).toEqual(['HEAD /a', 'GET /a']);
  });

  it('should find what is only imagined', async () => {
    await begin({ sources: { 'https://images.example/a': 'x' } });
    expect(await probed('https://images.example/a')).toEqual({ status: 'SUCCESS', error_messages: [] });
  });

  it('should show the certificate of one that is trusted', async () => {
    origin = await originOf({ '/a': 'hello' }, ITS);
    await begin();
    const shown = { ssl_thumbprint: sha1, ssl_certificate: ITS.cert };
    for (const trust of [{ ssl_certificate_thumbprint: sha1 }, { ssl_certificate: ITS.cert }]) {
      expect(await probed(`${origin.url}/a`, trust)).toEqual({ status: 'SUCCESS', error_messages: [], ...shown });
    }
  });

  it('should show the certificate of one that is not, so that it can be given', async () => {
    origin = await originOf({ '/a': 'hello' }, ITS);
    await begin();
    const why = 'the certificate of the source is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)';
    expect(await probed(`${origin.url}/a`)).toEqual({
      status: 'CERTIFICATE_ERROR',
      ssl_thumbprint: sha1,
      ssl_certificate: ITS.cert,
      error_messages: said('http_request_error_peer_not_authenticated', `HTTP request error: ${why}`, why)
    });
    expect(origin.asked).toEqual([]);
  });

  it.each([
    ['http://[?sig=1', 'invalid_url_format', 'Invalid URL format for http://[', 'http://['],
    [
      'ftp://u:p@x/a?sig=1',
      'file_probe_unsupported_uri_scheme',
      'The specified URI ftp://x/a is not supported',
      'ftp://x/a'
    ],
    ['file:///a', 'file_probe_unsupported_uri_scheme', 'The specified URI file:///a is not supported', 'file:///a']
  ])('should say that it cannot look at %s', async (uri, id, text, arg) => {
    await begin();
    expect(await probed(uri)).toEqual({ status: 'INVALID_URL', error_messages: said(id, text, arg) });
  });

  it.each([
    ['http://evil.example/a', 'INVALID_URL', 'the host evil.example is not one that this service may fetch from'],
    ['http://u:p@127.0.0.1/a', 'INVALID_URL', 'the address holds a user name or password'],
    ['http://inner.example/a', 'INVALID_URL', 'inner.example leads to an address that is not allowed'],
    ['http://gone.example/a', 'HOST_NOT_FOUND', 'the host gone.example is not known']
  ])('should say why it may not look at %s', async (uri, status, why) => {
    const lookup = async (host: string) => (host === 'inner.example' ? ['127.0.0.1'] : []);
    await begin({ hosts: ['inner.example', 'gone.example'], lookup });
    if (uri.includes('127')) {
      await door.close();
      await begin();
    }
    const error_messages = said('http_request_error', `HTTP request error: ${why}`, why);
    expect(await probed(uri)).toEqual({ status, error_messages });
  });

  it('should tell a status that is no 200', async () => {
    origin = await originOf({});
    await begin();
    const why = 'the source answered with status 404';
    const error_messages = said('http_request_error', `HTTP request error: ${why}`, why);
    expect(await probed(`${origin.url}/a`)).toEqual({ status: 'UNKNOWN_ERROR', error_messages });
  });

  it('should tell a source that is silent', async () => {
    origin = await originOf({ '/a': () => undefined });
    await begin({ stallMs: 20 });
    expect(await probed(`${origin.url}/a`)).toMatchObject({ status: 'TIMED_OUT' });
  });

  it('should end with the simulator', async () => {
    origin = await originOf({ '/a': () => undefined });
    await begin();
    const answered = asked({ uri: `${origin.url}/a` });
    const broken = expect(answered).rejects.toThrow('the connection broke');
    while (origin.asked.length === 0) await new Promise(resolve => setImmediate(resolve));
    await door.simulator.close();
    await broken;
  });

  it('should need an address, a login, and a simulator that fetches', async () => {
    await begin();
    expect(await asked({})).toMatchObject({ status: 400, body: { messages: [{ args: ['uri'] }] } });
    const { status } = await send(
      `${door.listening.url}/rest/com/vmware/content/library/item/updatesession/file?~action=probe`,
      { method: 'POST', body: JSON.stringify({ source_endpoint: { uri: 'http://x' } }) }
    );
    expect(status).toBe(401);
    await door.close();
    await begin(false);
    expect((await asked({ uri: 'http://x/' })).body).toMatchObject({ error_type: 'UNSUPPORTED' });
  });
});
