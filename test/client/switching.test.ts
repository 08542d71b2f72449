// A server that would rather speak something else (101): told at once, whatever was asked of it. No time-out hears of it.
import { expect, it } from 'vitest';
import { type Answer, connected, failureOf, serve, vcenter } from './servers.ts';
import { small } from './uploading.ts';

const switching: Answer = ({ socket }) =>
  void socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n');
const NOT_HTTP = { code: 'NOT_THE_SERVICE', message: expect.stringMatching(/ does not answer in HTTP/) };

it.each(['a call', 'a push', 'a fetch'])('should end %s', async what => {
  const server = await serve((request, response, seen) => {
    const asked = seen.url.startsWith('/cls/') || seen.url.includes('/library');
    (asked ? switching : vcenter())(request, response, seen);
  });
  const { library, bytes } = await connected(server.url, { profile: '8.0' });
  const uri = `${server.url}/cls/data/canary-transfer-0123456789/a.iso`;
  const work = {
    'a call': () => library.listLibraries(),
    'a push': () => bytes.push({ uri, source: small(), hash: [] }),
    'a fetch': () => bytes.fetch({ uri, from: 0, sink: { write: async () => undefined } })
  }[what]!;
  const failure = await failureOf(work());
  expect(failure).toMatchObject(NOT_HTTP);
  expect(JSON.stringify(failure)).not.toContain('canary');
});
