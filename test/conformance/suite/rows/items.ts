// Items of a library, their files and where these lie.
import { randomUUID } from 'node:crypto';
import { nameOf } from '../bench.ts';
import type { Group } from '../row.ts';
import { holds, same } from '../verdict.ts';

const NOBODY = randomUUID();

export const items: Group = {
  title: 'Items',
  rows: [
    {
      id: 'item.create',
      says: 'creating an item answers its id',
      run: async bench => void (await bench.item())
    },
    {
      id: 'item.get',
      says: 'an item tells its id, library, name, type and description',
      run: async bench => {
        const name = nameOf();
        const item = await bench.item({ name, type: 'iso', description: 'as said' });
        const found = await bench.model('item.get', { item });
        const came = [found.id, found.library_id, found.name, found.type, found.description];
        same(came, [item, bench.library, name, 'iso', 'as said'], 'fields');
      }
    },
    {
      id: 'item.versions',
      says: 'a new item has the content version "1", as text, and a metadata version',
      run: async bench => {
        const found = await bench.model('item.get', { item: await bench.item() });
        same([found.content_version, typeof found.metadata_version], ['1', 'string'], 'versions');
      }
    },
    {
      id: 'item.get-unknown',
      says: 'an unknown item is NOT_FOUND',
      run: async bench => void (await bench.refused('item.get', { item: NOBODY }, 'NOT_FOUND'))
    },
    {
      id: 'item.list',
      says: 'a library lists its items',
      run: async bench => {
        const item = await bench.item();
        const ids = await bench.listOf('item.list', { library: bench.library });
        holds(ids.includes(item), 'the item among the ids', 'it is not');
      }
    },
    {
      id: 'item.list-unknown',
      says: 'the items of an unknown library are NOT_FOUND',
      run: async bench => void (await bench.refused('item.list', { library: NOBODY }, 'NOT_FOUND'))
    },
    {
      id: 'item.find',
      says: 'an item is found by library and name',
      run: async bench => {
        const name = nameOf();
        const item = await bench.item({ name });
        same(await bench.ok('item.find', { spec: { library_id: bench.library, name } }), [item], 'ids');
      }
    },
    {
      id: 'item.find-case',
      says: 'names are found without regard to case',
      run: async bench => {
        const name = nameOf();
        const item = await bench.item({ name });
        same(await bench.ok('item.find', { spec: { name: name.toUpperCase() } }), [item], 'ids');
      }
    },
    {
      id: 'item.find-type',
      says: 'the type has to match, without regard to case',
      run: async bench => {
        const name = nameOf();
        const item = await bench.item({ name, type: 'iso' });
        same(await bench.ok('item.find', { spec: { name, type: 'ISO' } }), [item], 'ids of type ISO');
        same((await bench.listOf('item.find', { spec: { name, type: 'ovf' } })).length, 0, 'ids of type ovf');
      }
    },
    {
      id: 'item.find-nothing',
      says: 'a name that no item has finds an empty list',
      run: async bench => same(await bench.ok('item.find', { spec: { name: nameOf() } }), [], 'the list')
    },
    {
      id: 'item.find-empty',
      says: 'an empty search is INVALID_ARGUMENT',
      run: async bench => void (await bench.refused('item.find', { spec: {} }, 'INVALID_ARGUMENT'))
    },
    {
      id: 'item.create-twice',
      says: 'a second item of the same name in a library is ALREADY_EXISTS',
      run: async bench => {
        const name = nameOf();
        await bench.item({ name });
        await bench.refused('item.create', { spec: { library_id: bench.library, name, type: '' } }, 'ALREADY_EXISTS');
      }
    },
    {
      id: 'item.create-nowhere',
      says: 'an item in an unknown library is NOT_FOUND',
      run: async bench => {
        const spec = { library_id: NOBODY, name: nameOf(), type: '' };
        await bench.refused('item.create', { spec }, 'NOT_FOUND');
      }
    },
    {
      id: 'item.create-nameless',
      says: 'an empty name is INVALID_ARGUMENT',
      run: async bench =>
        void (await bench.refused(
          'item.create',
          { spec: { library_id: bench.library, name: '', type: '' } },
          'INVALID_ARGUMENT'
        ))
    },
    {
      id: 'item.create-long-name',
      says: 'a name of more than 80 characters is INVALID_ARGUMENT',
      run: async bench => {
        const spec = { library_id: bench.library, name: nameOf().padEnd(81, 'x'), type: '' };
        await bench.refused('item.create', { spec }, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'item.create-long-description',
      says: 'a description of more than 2000 characters is INVALID_ARGUMENT',
      run: async bench => {
        const spec = { library_id: bench.library, name: nameOf(), type: '', description: 'd'.repeat(2001) };
        await bench.refused('item.create', { spec }, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'item.create-token',
      says: 'the same client token makes one item, however often it comes',
      run: async bench => {
        const client_token = randomUUID();
        const spec = { library_id: bench.library, name: nameOf(), type: '' };
        const first = await bench.id('item.create', { spec, client_token });
        bench.keep('item.delete', first);
        holds((await bench.id('item.create', { spec, client_token })) === first, 'the same id', 'came another');
      }
    },
    {
      id: 'item.create-bad-token',
      says: 'a client token that is no UUID is INVALID_ARGUMENT',
      run: async bench => {
        const args = { spec: { library_id: bench.library, name: nameOf(), type: '' }, client_token: 'not-a-uuid' };
        await bench.refused('item.create', args, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'item.update',
      says: 'name and description change, and the metadata version rises',
      run: async bench => {
        const item = await bench.item();
        const before = await bench.model('item.get', { item });
        const name = nameOf();
        await bench.ok('item.update', { item, spec: { name, description: 'another' } });
        const after = await bench.model('item.get', { item });
        same([after.name, after.description], [name, 'another'], 'name and description');
        const [was, is] = [before.metadata_version, after.metadata_version];
        holds(Number(is) > Number(was), 'a higher metadata version', `came ${was}, then ${is}`);
      }
    },
    {
      id: 'item.update-unknown',
      says: 'an unknown item cannot be updated: NOT_FOUND',
      run: async bench => void (await bench.refused('item.update', { item: NOBODY, spec: { name: 'x' } }, 'NOT_FOUND'))
    },
    {
      id: 'item.copy',
      says: 'a copy holds the same files, and answers 200 with its id',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'the same' });
        const spec = { library_id: bench.library, name: nameOf() };
        const copy = await bench.id('item.copy', { item, spec });
        bench.keep('item.delete', copy);
        const copied = await bench.until(async () => (await bench.listOf('itemFile.list', { item: copy })).length > 0);
        holds(copied, 'the file in the copy', 'it has none');
        const names = (await bench.models('itemFile.list', { item: copy })).map(file => file.name);
        same(names, ['a.txt'], 'files of the copy');
      }
    },
    {
      id: 'item.copy-unknown',
      says: 'an unknown item cannot be copied: NOT_FOUND',
      run: async bench => {
        const spec = { library_id: bench.library, name: nameOf() };
        await bench.refused('item.copy', { item: NOBODY, spec }, 'NOT_FOUND');
      }
    },
    {
      id: 'item.delete',
      says: 'a deleted item is gone',
      run: async bench => {
        const item = await bench.item();
        await bench.ok('item.delete', { item });
        await bench.refused('item.get', { item }, 'NOT_FOUND');
      }
    },
    {
      id: 'item.delete-unknown',
      says: 'an unknown item cannot be deleted: NOT_FOUND',
      run: async bench => void (await bench.refused('item.delete', { item: NOBODY }, 'NOT_FOUND'))
    }
  ]
};
