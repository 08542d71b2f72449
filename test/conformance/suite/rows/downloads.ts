// Download sessions: preparing files and fetching them.
import { randomUUID } from 'node:crypto';
import type { Group } from '../row.ts';
import { hasStatus, holds, isRecord, same } from '../verdict.ts';

export const downloads: Group = {
  title: 'Download sessions',
  rows: [
    {
      id: 'download.begins',
      says: 'a new download session is ACTIVE, with progress 0 and the content version of its item',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four' });
        const { content_version } = await bench.model('item.get', { item });
        const its = await bench.model('download.get', { session: await bench.download(item) });
        const came = [its.state, its.client_progress, its.library_item_id, its.library_item_content_version];
        same(came, ['ACTIVE', 0, item, content_version], 'state, progress, item, version');
      }
    },
    {
      id: 'download.create-unknown-item',
      says: 'a download session on an unknown item is NOT_FOUND',
      run: async bench =>
        void (await bench.refused('download.create', { spec: { library_item_id: randomUUID() } }, 'NOT_FOUND'))
    },
    {
      id: 'download.create-itemless',
      says: 'a download session without an item is INVALID_ARGUMENT',
      run: async bench => void (await bench.refused('download.create', { spec: {} }, 'INVALID_ARGUMENT'))
    },
    {
      id: 'download.token',
      says: 'the same client token makes one session, however often it comes',
      run: async bench => {
        const args = { spec: { library_item_id: await bench.item() }, client_token: randomUUID() };
        const first = await bench.id('download.create', args);
        bench.keep('download', first);
        holds((await bench.id('download.create', args)) === first, 'the same id', 'came another');
      }
    },
    {
      id: 'download.bad-token',
      says: 'a client token that is no UUID is INVALID_ARGUMENT',
      run: async bench => {
        const args = { spec: { library_item_id: await bench.item() }, client_token: 'not-a-uuid' };
        await bench.refused('download.create', args, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'download.several',
      says: 'any number may be open on an item',
      run: async bench => {
        const item = await bench.item();
        const made = [await bench.download(item), await bench.download(item)];
        const ids = await bench.listOf('download.list', { item });
        holds(
          made.every(id => ids.includes(id)),
          'both ids',
          'they are not in the list'
        );
      }
    },
    {
      id: 'download.list',
      says: 'the list holds the ids of own sessions',
      run: async bench => {
        const session = await bench.download(await bench.item());
        holds((await bench.listOf('download.list')).includes(session), 'the session among the ids', 'it is not');
      }
    },
    {
      id: 'download.list-unknown-item',
      says: 'the download sessions of an unknown item are NOT_FOUND',
      run: async bench => void (await bench.refused('download.list', { item: randomUUID() }, 'NOT_FOUND'))
    },
    {
      id: 'downloadFile.list',
      says: 'every file of the item is listed, UNPREPARED',
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'four', 'b.txt': 'more' }));
        const listed = (await bench.models('downloadFile.list', { session })).map(file => [file.name, file.status]);
        const expected = [
          ['a.txt', 'UNPREPARED'],
          ['b.txt', 'UNPREPARED']
        ];
        same(listed.sort(), expected, 'name and status');
      }
    },
    {
      id: 'downloadFile.unprepared',
      says: 'before it is prepared a file has no address',
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'four' }));
        const info = await bench.model('downloadFile.get', { session, file_name: 'a.txt' });
        same([info.name, info.download_endpoint], ['a.txt', undefined], 'name and endpoint');
      }
    },
    {
      id: 'downloadFile.prepare',
      says: 'preparing answers the file, which becomes PREPARED with an address',
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'four' }));
        const info = await bench.model('downloadFile.prepare', { session, file_name: 'a.txt', endpoint_type: 'HTTPS' });
        same(info.name, 'a.txt', 'name');
        await bench.link(session, 'a.txt');
      }
    },
    {
      id: 'downloadFile.prepare-twice',
      says: 'preparing a file again is no error',
      judged: true,
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'four' }));
        await bench.link(session, 'a.txt');
        await bench.model('downloadFile.prepare', { session, file_name: 'a.txt' });
      }
    },
    {
      id: 'downloadFile.prepare-unknown',
      says: 'a name that the item does not hold cannot be prepared: INVALID_ARGUMENT',
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'four' }));
        await bench.refused('downloadFile.prepare', { session, file_name: 'b.txt' }, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'downloadFile.prepare-how',
      says: 'an endpoint type that is none is INVALID_ARGUMENT',
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'four' }));
        const args = { session, file_name: 'a.txt', endpoint_type: 'PIGEON' };
        await bench.refused('downloadFile.prepare', args, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'downloadFile.get-unknown',
      says: 'a name that the item does not hold is INVALID_ARGUMENT',
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'four' }));
        await bench.refused('downloadFile.get', { session, file_name: 'b.txt' }, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'get',
      says: 'the address gives the bytes, with status 200',
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'all of it' }));
        const reply = await bench.fetched(await bench.link(session, 'a.txt'));
        same([reply.status, reply.text], [200, 'all of it'], 'status and bytes');
      }
    },
    {
      id: 'get.no-login',
      says: 'the address is enough: no login is asked for',
      judged: true,
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'all of it' }));
        const { pathname } = new URL(await bench.link(session, 'a.txt'));
        const reply = await bench.raw('GET', pathname, { token: null });
        hasStatus(reply, 200, 'GET');
      }
    },
    {
      id: 'get.told-after',
      says: 'when it was downloaded, size and checksum are told',
      run: async bench => {
        const session = await bench.download(await bench.filled({ 'a.txt': 'all of it' }));
        await bench.fetched(await bench.link(session, 'a.txt'));
        const info = await bench.model('downloadFile.get', { session, file_name: 'a.txt' });
        same([info.size, isRecord(info.checksum_info)], [9, true], 'size, and whether there is a checksum');
      }
    },
    {
      id: 'get.old-content',
      says: 'a session gives the content as it was when the session was created',
      judged: true,
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'before' });
        const session = await bench.download(item);
        const update = await bench.session(item);
        await bench.push(update, 'a.txt', 'after');
        await bench.ok('session.complete', { session: update });
        await bench.ended(update);
        same((await bench.fetched(await bench.link(session, 'a.txt'))).text, 'before', 'bytes');
      }
    },
    {
      id: 'download.keepAlive',
      says: 'keep-alive puts off the expiry and sets the progress; here the field is called progress',
      run: async bench => {
        const session = await bench.download(await bench.item());
        const before = await bench.model('download.get', { session });
        await new Promise(resolve => setTimeout(resolve, 5));
        await bench.ok('download.keepAlive', { session, progress: 30 });
        const after = await bench.model('download.get', { session });
        same(after.client_progress, 30, 'client_progress');
        const [was, is] = [before.expiration_time, after.expiration_time].map(at => Date.parse(String(at)));
        holds(is! > was!, 'a later time', 'the same or an earlier one');
      }
    },
    {
      id: 'download.keepAlive-field',
      says: 'the name that the field has in update sessions is unknown here',
      run: async bench => {
        const args = { session: await bench.download(await bench.item()), client_progress: 30 };
        await bench.refused('download.keepAlive', args, 'INVALID_ARGUMENT');
      }
    }
  ]
};
