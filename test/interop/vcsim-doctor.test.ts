// shelver doctor before the real vcsim: what it finds, and that nothing of its trial is left.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../cli/call.ts';
import { runGovc } from './govc.ts';
import { peers, type Server, startVcsim } from './peer-processes.ts';

// Without Go there is no real vcsim to run.
describe.skipIf(peers === undefined).each([
  { name: 'over plain HTTP', tls: false },
  { name: 'over TLS', tls: true }
])('shelver doctor before the real vcsim, $name', ({ tls }) => {
  let vcsim: Server;
  beforeAll(async () => {
    vcsim = await startVcsim({ tls });
    await govc('library.create', 'shelf');
  });
  afterAll(() => vcsim?.[Symbol.asyncDispose]());

  it('should find nothing in the way, and leave nothing', async () => {
    const { code, stdout } = await call(['doctor', 'shelf', '--write', '--json'], { env: env() });
    const { checks } = JSON.parse(stdout) as { checks: { id: string; result: string; facts?: object }[] };
    expect({ code, failed: checks.filter(({ result }) => result === 'failed') }).toEqual({ code: 0, failed: [] });
    const by = Object.fromEntries(checks.map(check => [check.id, check]));
    expect(by.service?.facts).toMatchObject({ profile: 'vcsim', dialect: 'rest' });
    expect(by.tls?.result).toBe(tls ? 'warning' : 'ok');
    expect(by.push).toMatchObject({ result: 'ok', facts: { bytes: 45 } });
    expect(by.undo?.result).toBe('ok');
    expect(await govc('library.session.ls')).toBe('');
    expect(await govc('library.ls', '/shelf/*')).toBe('');
  });

  it('should say whom it does not let in', async () => {
    const { code, stdout } = await call(['doctor', '--json'], { env: { ...env(), SHELVER_USERNAME: 'nobody' } });
    const { checks } = JSON.parse(stdout) as { checks: { id: string; result: string; code?: string }[] };
    expect({ code, failed: checks.filter(({ result }) => result === 'failed').map(({ id }) => id) }).toEqual({
      code: 7,
      failed: ['login']
    });
  });

  function env() {
    const login = { SHELVER_URL: vcsim.url.origin, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
    return { ...login, SHELVER_INSECURE: String(tls) };
  }

  async function govc(...args: string[]): Promise<string> {
    const env = { GOVC_URL: vcsim.url.href, GOVC_PERSIST_SESSION: 'false', GOVC_INSECURE: 'true' };
    const { code, stdout, stderr } = await runGovc(env, ...args);
    if (code !== 0) throw new Error(`govc ${args.join(' ')}: ${code} ${stderr}`);
    return stdout;
  }
});
