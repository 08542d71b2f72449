// Files that the server fetches itself, from a source that this suite holds ready.
import { createHash } from 'node:crypto';
import type { Bench } from '../bench.ts';
import type { Group } from '../row.ts';
import { openSource, type Source } from '../source.ts';
import { holds, isRecord, NotServed, same } from '../verdict.ts';

const CONTENT = 'fetched by the server itself\n';

export const pull: Group = {
  title: 'Files that the server pulls',
  rows: [
    {
      id: 'pull.add',
      says: 'adding a file to be pulled answers with its source and without an upload address',
      run: bench =>
        withSource(bench, async source => {
          const uri = `${source.url}/a.txt`;
          const info = await pulled(bench, await bench.session(), uri);
          const at = isRecord(info.source_endpoint) ? info.source_endpoint.uri : undefined;
          same([info.source_type, at === uri, info.upload_endpoint], ['PULL', true, undefined], 'type, source, upload');
        })
    },
    {
      id: 'pull.ready',
      says: 'the server begins at once: the file becomes READY without another call',
      run: bench =>
        withSource(bench, async source => {
          const session = await bench.session();
          await pulled(bench, session, `${source.url}/a.txt`);
          holds(await bench.reaches(session, 'a.txt', 'READY'), 'READY', 'it did not come');
          same((await bench.model('file.get', { session, file_name: 'a.txt' })).size, CONTENT.length, 'size');
        })
    },
    {
      id: 'pull.done',
      says: 'the session completes, and the item holds what was fetched',
      run: bench =>
        withSource(bench, async source => {
          const item = await bench.item();
          const session = await bench.session(item);
          await pulled(bench, session, `${source.url}/a.txt`);
          await bench.ok('session.complete', { session });
          same(await bench.ended(session), 'DONE', 'state');
          const download = await bench.download(item);
          same((await bench.fetched(await bench.link(download, 'a.txt'))).text, CONTENT, 'bytes');
        })
    },
    {
      id: 'pull.early',
      says: 'complete may return before the bytes are there; the session stays ACTIVE until they are',
      run: bench =>
        withSource(bench, async source => {
          const session = await bench.session();
          await pulled(bench, session, `${source.url}/slow.txt`);
          await bench.ok('session.complete', { session });
          same((await bench.model('session.get', { session })).state, 'ACTIVE', 'state before');
          source.release();
          same(await bench.ended(session), 'DONE', 'state after');
        })
    },
    {
      id: 'pull.checksum',
      says: 'what has another checksum than announced ends file and session in ERROR',
      run: bench =>
        withSource(bench, async source => {
          const session = await bench.session();
          const checksum = createHash('sha1').update('something else').digest('hex');
          await pulled(bench, session, `${source.url}/a.txt`, { checksum_info: { algorithm: 'SHA1', checksum } });
          await bench.ask('session.complete', { session });
          same(await bench.ended(session), 'ERROR', 'state');
        })
    },
    {
      id: 'pull.404',
      says: 'a source that is not there ends the session in ERROR, with a message',
      run: bench =>
        withSource(bench, async source => {
          const session = await bench.session();
          await pulled(bench, session, `${source.url}/nowhere.txt`);
          await bench.ask('session.complete', { session });
          same(await bench.ended(session, 10_000), 'ERROR', 'state');
          const { error_message } = await bench.model('session.get', { session });
          holds(isRecord(error_message), 'an error_message', 'none came');
        })
    },
    {
      id: 'pull.cancel',
      since: '6.5',
      says: 'a cancel ends a pull that is under way',
      run: bench =>
        withSource(bench, async source => {
          const session = await bench.session();
          await pulled(bench, session, `${source.url}/slow.txt`);
          await bench.ok('session.cancel', { session });
          source.release();
          same((await bench.model('session.get', { session })).state, 'CANCELED', 'state');
        })
    }
  ]
};

function pulled(bench: Bench, session: string, uri: string, more: Record<string, unknown> = {}) {
  const spec = { name: 'a.txt', source_type: 'PULL', source_endpoint: { uri }, ...more };
  return bench.model('file.add', { session, spec });
}

async function withSource(bench: Bench, act: (source: Source) => Promise<void>): Promise<void> {
  const { sourceHost, url } = bench.server.options;
  const { hostname } = new URL(url);
  const loopback = /^(127\.\d+\.\d+\.\d+|localhost)$/.test(hostname) ? '127.0.0.1' : undefined;
  const host = sourceHost ?? loopback;
  if (host === undefined) throw new NotServed('the server cannot reach this machine (--source-host says how)');
  await using source = await openSource(host, CONTENT);
  await act(source);
}
