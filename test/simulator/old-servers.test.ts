// What the HTTP door does not take: text that is none, and what a server of its age does not know yet.
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROFILES, type ProfileName } from '../../src/servers/profiles.ts';
import { createSimulator, virtualClock } from '../../src/simulator/index.ts';

async function asked(profile: ProfileName, method: string, path: string, body: BodyInit, type = 'application/json') {
  const simulator = createSimulator({ clock: virtualClock(), profile: PROFILES[profile] });
  onTestFinished(() => simulator.close());
  const { url } = await simulator.listen();
  const authorization = `Basic ${btoa('user:pass')}`;
  const login = await fetch(`${url}/rest/com/vmware/cis/session`, { method: 'POST', headers: { authorization } });
  const { value } = (await login.json()) as { value: string };
  const headers = { 'vmware-api-session-id': value, 'content-type': type };
  const answer = await fetch(`${url}${path}`, { method, headers, body });
  return { status: answer.status, text: await answer.text(), items: simulator.state.libraries };
}

describe('a body that is not UTF-8', () => {
  const garbage = (before: string, after: string) =>
    Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xfe]), Buffer.from(after)]);

  it.each([
    ['application/json', garbage('{"create_spec":{"name":"', '","storage_backings":[{"type":"OTHER"}]}}')],
    ['application/xml', garbage('<x>', '</x>')]
  ])('should be refused as what it is (%s)', async (type, body) => {
    const { status, text } = await asked('6.0', 'POST', '/rest/com/vmware/content/local-library', body, type);
    expect([status, text]).toEqual([400, expect.stringContaining('The body is not UTF-8.')]);
  });
});

describe('the update of a session', () => {
  const path = '/rest/com/vmware/content/library/item/update-session/id:x';
  const body = JSON.stringify({ update_spec: { warning_behavior: [] } });

  it.each(['6.0', '6.5'] as const)('should be no operation of %s', async profile => {
    const { status, text } = await asked(profile, 'PATCH', path, body);
    expect([status, text]).toEqual([404, expect.stringContaining('httpNotFound')]);
  });

  it('should be one since', async () => {
    const { status, text } = await asked('6.7', 'PATCH', path, body);
    expect([status, text]).toEqual([404, expect.stringContaining('There is no update session x.')]);
  });
});
