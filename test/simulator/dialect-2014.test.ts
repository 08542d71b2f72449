// A server of 6.0 over HTTP: where it answers, in which language, and what it does otherwise than later ones.
import { afterEach, describe, expect, it } from 'vitest';
import { PROFILES, type ProfileName } from '../../src/servers/profiles.ts';
import { decodeError } from '../../src/wire/error-answers.ts';
import { MEDIA_TYPES } from '../../src/wire/media.ts';
import { basic, type HttpDoor, httpDoorIn, type Options, opened, type Sent, send } from './doors.ts';

const ITEM = '/com/vmware/content/library/item';
const SESSION = `${ITEM}/update-session`;
const LOGIN = '/com/vmware/cis/session';

let door: HttpDoor | undefined;
afterEach(async () => {
  await door?.close();
  door = undefined;
});
async function begin(profile: ProfileName = '6.0', options: Options = {}): Promise<HttpDoor> {
  door = await httpDoorIn('rest')({ profile: PROFILES[profile], ...options });
  return door;
}

async function ask(path: string, { headers, ...more }: Sent = {}) {
  const { listening, token } = door!;
  return send(`${listening.url}${path}`, { ...more, headers: { 'vmware-api-session-id': token, ...headers } });
}
const post = (path: string, type: keyof typeof MEDIA_TYPES, body: string, accept = '*/*') =>
  ask(path, { method: 'POST', headers: { 'content-type': MEDIA_TYPES[type], accept }, body });

describe('a server of 6.0', () => {
  it('should answer under /rest and bare, and not in /api', async () => {
    const { sessionId } = await opened(await begin());
    for (const path of [`/rest${SESSION}`, SESSION]) {
      const { status, body, headers } = await ask(path);
      expect([status, JSON.parse(body), headers['content-type']]).toEqual([
        200,
        { value: [sessionId] },
        'application/json'
      ]);
    }
    const api = await ask('/api/content/library/item/update-session');
    expect([api.status, JSON.parse(api.body).error_type]).toEqual([404, 'OPERATION_NOT_FOUND']);
  });

  it('should take every form of a request', async () => {
    const { sessionId, itemId } = await opened(await begin());
    const listed = { value: [sessionId] };
    const parsed = async (answer: ReturnType<typeof ask>) => JSON.parse((await answer).body);
    expect(await parsed(ask(`${SESSION}?library_item_id=${itemId}`))).toEqual(listed);
    expect(await parsed(ask(`${SESSION}/id:${itemId}?~action=list`, { method: 'POST' }))).toEqual(listed);
    expect(await parsed(post(`${SESSION}?~action=list`, 'form', `library_item_id=${itemId}`))).toEqual(listed);
    expect(await parsed(ask(`${SESSION}?~action=list&library_item_id=${itemId}`, { method: 'POST' }))).toEqual(listed);
    const got = { value: { id: sessionId, state: 'ACTIVE' } };
    expect(await parsed(ask(`${SESSION}/id:${sessionId}`))).toMatchObject(got);
    expect(await parsed(ask(`${SESSION}/id:${sessionId}?~action=get`, { method: 'POST' }))).toMatchObject(got);
    const inBody = JSON.stringify({ update_session_id: sessionId });
    expect(await parsed(post(`${SESSION}?~action=get`, 'json', inBody))).toMatchObject(got);
  });

  it('should answer in XML what is asked for in XML, and nothing with nothing', async () => {
    const { sessionId } = await opened(await begin());
    const namespace = 'http://vmware.com/content/library/item/update_session';
    const listed = await ask(SESSION, { headers: { accept: 'text/xml' } });
    expect([listed.status, listed.headers['content-type']]).toEqual([200, 'application/xml']);
    expect(listed.body).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ns0:List-Result xmlns:ns0="${namespace}">` +
        `<value-array><array-item>${sessionId}</array-item></value-array></ns0:List-Result>`
    );
    const body = `<a:KeepAlive-Input xmlns:a="${namespace}"><update_session_id>${sessionId}</update_session_id><client_progress>7</client_progress></a:KeepAlive-Input>`;
    const alive = await post(`/rest${SESSION}?~action=keep-alive`, 'xml', body, 'application/xml');
    expect([alive.status, alive.body]).toEqual([200, '']);
    expect(JSON.parse((await ask(`${SESSION}/id:${sessionId}`)).body).value.client_progress).toBe(7);
  });

  it('should say no in the language that is asked for', async () => {
    await begin();
    const url = `${SESSION}/id:none`;
    const json = await ask(url);
    expect(json.status).toBe(404);
    expect(JSON.parse(json.body)).toMatchObject({
      type: 'com.vmware.vapi.std.errors.not_found',
      value: { messages: [{}] },
      name: 'shelver.simulator.not_found',
      localizableMessages: [{ id: 'shelver.simulator.not_found' }],
      majorErrorCode: 404
    });
    const xml = await ask(url, { headers: { accept: MEDIA_TYPES.xml } });
    expect([xml.status, xml.headers['content-type']]).toEqual([404, 'application/xml']);
    expect(decodeError(404, xml.body)).toEqual(decodeError(404, json.body));
    const nowhere = await ask(`${ITEM}/nowhere`, { headers: { accept: MEDIA_TYPES.xml } });
    expect(decodeError(nowhere.status, nowhere.body)).toMatchObject({ status: 404, errorType: 'OPERATION_NOT_FOUND' });
    const malformed = await post(`${SESSION}?~action=get`, 'xml', '<a>', MEDIA_TYPES.xml);
    expect(decodeError(malformed.status, malformed.body)).toMatchObject({ status: 400, errorType: 'INVALID_ARGUMENT' });
    const large = await post(`${SESSION}?~action=get`, 'xml', ' '.repeat(2 ** 20 + 1), MEDIA_TYPES.xml);
    expect(decodeError(large.status, large.body)).toMatchObject({ status: 413, errorType: 'INVALID_ARGUMENT' });
  });

  it('should log in and out bare, with a cookie for both places, and miss a login in its own words', async () => {
    const { listening } = await begin();
    const login = (accept: string, password = 'pass') =>
      send(`${listening.url}${LOGIN}`, {
        method: 'POST',
        headers: { authorization: basic('user', password), accept }
      });
    const { headers, body } = await login('*/*');
    const { value } = JSON.parse(body);
    expect(headers['set-cookie']).toEqual([`vmware-api-session-id=${value};Path=/;HttpOnly`]);
    const cookie = { cookie: `vmware-api-session-id=${value}` };
    const who = await send(`${listening.url}${LOGIN}?~action=get`, {
      method: 'POST',
      headers: { ...cookie, accept: MEDIA_TYPES.xml }
    });
    expect(who.body).toContain('<value><user>user</user>');
    expect((await send(`${listening.url}${LOGIN}`, { method: 'DELETE', headers: cookie })).status).toBe(200);
    const ended = await send(`${listening.url}${SESSION}`, { headers: { ...cookie, accept: MEDIA_TYPES.xml } });
    expect(decodeError(ended.status, ended.body)).toMatchObject({
      status: 401,
      errorType: 'UNAUTHENTICATED',
      messages: [{ id: 'vapi.method.authentication.required' }]
    });
    const wrong = await login(MEDIA_TYPES.xml, 'word');
    expect(decodeError(wrong.status, wrong.body)).toMatchObject({ status: 401, errorType: 'UNAUTHENTICATED' });
    expect((await login(MEDIA_TYPES.xml)).body).toContain(
      '<ns0:Create-Result xmlns:ns0="http://vmware.com/cis/session">'
    );
  });

  it('should answer a fault of the plan in the language that is asked for', async () => {
    const { simulator, run } = await begin();
    simulator.inject({ on: 'session.list', do: 'answer', status: 503 });
    const answer = await ask(SESSION, { headers: { accept: MEDIA_TYPES.xml } });
    expect(decodeError(answer.status, answer.body)).toMatchObject({ status: 503, errorType: 'SERVICE_UNAVAILABLE' });
    simulator.inject({ on: 'session.list', do: 'slow', bytesPerSecond: 100 });
    const before = door!.clock.now();
    const slow = await run(ask(SESSION, { headers: { accept: MEDIA_TYPES.xml } }));
    expect(door!.clock.now() - before).toBeGreaterThanOrEqual(slow.body.length * 10);
  });

  it('should take the printed name of SHA-1, and delete a session that is canceled', async () => {
    const { sessionId } = await opened(await begin());
    const file = `update_session_id=${sessionId}&file_spec.name=a.iso&file_spec.source_type=PUSH&file_spec.size=5`;
    const digest = (algorithm: string) =>
      `${file}&file_spec.checksum_info.algorithm=${algorithm}&file_spec.checksum_info.checksum=ab`;
    const add = (body: string) => post(`${ITEM}/updatesession/file?~action=add`, 'form', body);
    expect((await add(digest('SHA512'))).status).toBe(400);
    expect(JSON.parse((await add(digest('SH_a1'))).body).value).toMatchObject({ name: 'a.iso', source_type: 'PUSH' });
    expect((await ask(`${SESSION}/id:${sessionId}?~action=cancel`, { method: 'POST' })).status).toBe(200);
    expect((await ask(`${SESSION}/id:${sessionId}`)).status).toBe(404);
  });
});

describe('later servers', () => {
  it('should speak XML under /rest in 6.5, but take no forms of a request that it does not print', async () => {
    const { sessionId } = await opened(await begin('6.5'));
    const xml = { accept: MEDIA_TYPES.xml };
    expect((await ask(`/rest${SESSION}`, { headers: xml })).body).toContain(`<array-item>${sessionId}</array-item>`);
    const missing = await ask(`/rest${SESSION}/id:none`, { headers: xml });
    expect(missing.body).toContain('<type>com.vmware.vapi.std.errors.not_found</type><value><messages-array>');
    expect(missing.body).not.toContain('error_type');
    const namespace = 'http://vmware.com/content/library/item/update_session';
    const failed = `<Fail-Input xmlns="${namespace}"><client_error_message>enough</client_error_message></Fail-Input>`;
    expect((await post(`/rest${SESSION}/id:${sessionId}?~action=fail`, 'xml', failed)).status).toBe(200);
    expect((await ask(`/rest${SESSION}?~action=list`, { method: 'POST' })).status).toBe(404);
  });

  it.each(['6.5', '6.7', '8.0', '9.0', 'vcsim'] as const)('should not answer bare as %s', async profile => {
    await begin(profile);
    expect((await ask(SESSION)).status).toBe(404);
  });

  it.each(['6.7', '8.0'] as const)('should know no XML as %s', async profile => {
    await begin(profile);
    const listed = await ask(`/rest${SESSION}`, { headers: { accept: MEDIA_TYPES.xml } });
    expect([listed.status, listed.headers['content-type'], listed.body]).toEqual([
      200,
      'application/json',
      '{"value":[]}'
    ]);
  });
});
