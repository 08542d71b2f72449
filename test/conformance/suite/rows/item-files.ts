// The files of an item, where they lie, and what types of items there are.
import { randomUUID } from 'node:crypto';
import type { Group } from '../row.ts';
import { holds, isRecord, same } from '../verdict.ts';

const NOBODY = randomUUID();

export const itemFiles: Group = {
  title: 'Files of an item, storage and types',
  rows: [
    {
      id: 'itemFile.none',
      says: 'a new item has an empty list of files',
      run: async bench => same(await bench.ok('itemFile.list', { item: await bench.item() }), [], 'the list')
    },
    {
      id: 'itemFile.list',
      says: 'the files of an item are listed with name and size, as cached',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four' });
        const [file = {}] = await bench.models('itemFile.list', { item });
        same([file.name, file.size, file.cached], ['a.txt', 4, true], 'name, size, cached');
      }
    },
    {
      id: 'itemFile.version',
      says: 'a file tells its version as text',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four' });
        const [file = {}] = await bench.models('itemFile.list', { item });
        same(typeof file.version, 'string', 'type of version');
      }
    },
    {
      id: 'itemFile.list-unknown',
      says: 'the files of an unknown item are NOT_FOUND',
      run: async bench => void (await bench.refused('itemFile.list', { item: NOBODY }, 'NOT_FOUND'))
    },
    {
      id: 'itemFile.get',
      says: 'one file is read by its name',
      run: async bench => {
        const item = await bench.filled({ 'a b.txt': 'four' });
        same((await bench.model('itemFile.get', { item, name: 'a b.txt' })).name, 'a b.txt', 'name');
      }
    },
    {
      id: 'itemFile.get-unknown',
      says: 'a name that the item does not have is NOT_FOUND',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four' });
        await bench.refused('itemFile.get', { item, name: 'b.txt' }, 'NOT_FOUND');
      }
    },
    {
      id: 'storage.list',
      says: 'the storage of an item tells where each file lies',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four' });
        const [file = {}] = await bench.models('storage.list', { item });
        same(file.name, 'a.txt', 'name');
        holds(Array.isArray(file.storage_uris), 'storage_uris as a list', 'none came');
        holds(isRecord(file.storage_backing), 'a storage_backing', 'none came');
      }
    },
    {
      id: 'storage.get',
      says: 'the storage of one file is a list',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four', 'b.txt': 'more' });
        const found = await bench.models('storage.get', { item, file_name: 'b.txt' });
        same(
          found.map(file => file.name),
          ['b.txt'],
          'names'
        );
      }
    },
    {
      id: 'type.list',
      says: 'the types of items are listed, ovf and iso among them',
      run: async bench => {
        const types = (await bench.models('type.list')).map(({ type }) => String(type).toLowerCase());
        holds(types.includes('ovf') && types.includes('iso'), 'ovf and iso', types);
      }
    }
  ]
};
