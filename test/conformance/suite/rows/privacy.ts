// What one user sees of another: sessions are private.
import type { Group } from '../row.ts';
import { holds, same } from '../verdict.ts';

export const privacy: Group = {
  title: 'Another user',
  rows: [
    {
      id: 'other.list',
      says: 'a list holds no session of another user',
      needs: 'second user',
      run: async bench => {
        const session = await bench.session();
        const ids = await bench.listOf('session.list', {}, { second: true });
        holds(!ids.includes(session), 'ids without it', 'it is among them');
      }
    },
    {
      id: 'other.get',
      says: 'a session of another user is NOT_FOUND',
      judged: true,
      needs: 'second user',
      run: async bench => {
        const session = await bench.session();
        await bench.refused('session.get', { session }, 'NOT_FOUND', { second: true });
      }
    },
    {
      id: 'other.cancel',
      says: 'nor can it be canceled',
      judged: true,
      needs: 'second user',
      run: async bench => {
        const session = await bench.session();
        await bench.refused('session.cancel', { session }, 'NOT_FOUND', { second: true });
        same((await bench.model('session.get', { session })).state, 'ACTIVE', 'state');
      }
    },
    {
      id: 'other.busy',
      says: 'but it makes its item RESOURCE_BUSY for everybody',
      needs: 'second user',
      run: async bench => {
        const item = await bench.item();
        await bench.session(item);
        await bench.refused('session.create', { spec: { library_item_id: item } }, 'RESOURCE_BUSY', { second: true });
      }
    },
    {
      id: 'other.download',
      says: 'download sessions are private, too',
      needs: 'second user',
      run: async bench => {
        const session = await bench.download(await bench.item());
        const ids = await bench.listOf('download.list', {}, { second: true });
        holds(!ids.includes(session), 'ids without it', 'it is among them');
        await bench.refused('download.get', { session }, 'NOT_FOUND', { second: true });
      }
    }
  ]
};
