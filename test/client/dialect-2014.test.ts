// Our client before a server of 6.0: found, or named; worded as it is told; and what goes wrong there.
import { afterEach, describe, expect, it } from 'vitest';
import { type Connection, type ConnectOptions, connect } from '../../src/connect.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { createSimulator, type Simulator, virtualClock } from '../../src/simulator/index.ts';
import { failureOf } from '../contract/asking.ts';
import { inlineHasher } from './inline-hasher.ts';
import { json, serve, text } from './servers.ts';

let simulator: Simulator | undefined;
const open: Connection[] = [];
/** Methods and paths, in the order in which the simulator saw them. */
const asked: string[] = [];
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
  await simulator?.close();
  simulator = undefined;
});

async function begin(options: Partial<ConnectOptions> = {}): Promise<Connection> {
  simulator = createSimulator({ clock: virtualClock(), profile: PROFILES['6.0'] });
  const { url, server } = await simulator.listen();
  asked.length = 0;
  server.on('request', request => asked.push(`${request.method} ${request.url}`));
  return log({ url, ...options });
}
async function log(options: Partial<ConnectOptions> & { url: string }): Promise<Connection> {
  const connection = await connect({ username: 'user', password: 'pass', hasher: inlineHasher(), ...options });
  open.push(connection);
  return connection;
}

describe('a server of 6.0', () => {
  it('should be found by its version, and spoken to in its dialect', async () => {
    const { library } = await begin();
    expect(library.server).toMatchObject({ name: '6.0', dialect: '2014', tokenPlace: 'body', previews: false });
    expect((await library.findLibraries({ name: 'images' })).length).toBe(1);
  });

  it.each([{ encoding: 'json' }, { encoding: 'xml', bare: true }, { encoding: 'form', form: 3 }] as const)(
    'should be said who is who, worded %j',
    async wording => {
      const { library, close } = await begin({ dialect: '2014', wording });
      await library.keepLogin();
      await close();
      expect(simulator!.requests.map(({ op, status }) => `${op} ${status}`)).toEqual([
        'login.create 200',
        'login.get 200',
        'login.delete 200'
      ]);
      const { url } = await simulator!.listen();
      const failure = await failureOf(log({ url, dialect: '2014', wording, password: 'word' }));
      expect(failure).toMatchObject({ code: 'UNAUTHENTICATED', message: expect.stringContaining('does not accept') });
      expect(failure.service?.messages[0]?.id).toBe('vapi.method.authentication.required');
    }
  );

  it('should be asked by the wording in everything, login and logout too', async () => {
    const { close } = await begin({ dialect: '2014', wording: { bare: true, form: 2 } });
    await close();
    const login = '/com/vmware/cis/session?~action';
    expect(asked).toEqual([`POST ${login}=create`, `POST ${login}=delete`]);
  });

  it('should be told at once what its dialect has no words for', async () => {
    const { library } = await begin({ dialect: '2014', wording: { encoding: 'xml' } });
    const before = simulator!.requests.length;
    expect(await failureOf(library.updateSession('s', { warnings: [] }))).toMatchObject({
      code: 'UNSUPPORTED',
      message: 'there is no session.update in the dialect 2014'
    });
    expect(await failureOf(library.getFile('s', 'a\u0001'))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(simulator!.requests.length).toBe(before);
  });

  it('should be no vCenter Server when its answers are pages', async () => {
    const page = await serve((_, response, { method, url }) => {
      if (method === 'POST' && url.startsWith('/rest/com/vmware/cis/session')) json(response, 200, { value: 'token' });
      else text(response, 200, '<html><body>hello</body></html>');
    });
    const { library } = await log({ url: page.url, dialect: '2014' });
    expect(await failureOf(library.listLibraries())).toMatchObject({
      code: 'NOT_THE_SERVICE',
      message: 'the answer to library.list is no result of the service'
    });
    const closed = await serve((_, response) => text(response, 401, '<html>log in first</html>'));
    expect(await failureOf(log({ url: closed.url, dialect: '2014' }))).toMatchObject({ code: 'NOT_THE_SERVICE' });
  });
});
