// Libraries, as far as one who transfers content meets them.
import { randomUUID } from 'node:crypto';
import { type Bench, nameOf } from '../bench.ts';
import type { Group } from '../row.ts';
import type { Fields } from '../say.ts';
import { holds, same } from '../verdict.ts';

const NOBODY = randomUUID();

export const libraries: Group = {
  title: 'Libraries',
  rows: [
    {
      id: 'library.list',
      says: 'the list holds the ids of all libraries',
      run: async bench => {
        const ids = await bench.listOf('library.list');
        holds(ids.includes(bench.library), 'the library among the ids', 'it is not');
      }
    },
    {
      id: 'library.get',
      says: 'a library tells id, name, type, version and times',
      run: async bench => {
        const found = await bench.model('library.get', { library: bench.library });
        same([found.id, found.type], [bench.library, 'LOCAL'], 'id and type');
        for (const name of ['name', 'version', 'creation_time', 'last_modified_time']) {
          holds(typeof found[name] === 'string', `${name} as text`, `no ${name} came`);
        }
      }
    },
    {
      id: 'library.get-unknown',
      says: 'an unknown library is NOT_FOUND',
      run: async bench => void (await bench.refused('library.get', { library: NOBODY }, 'NOT_FOUND'))
    },
    {
      id: 'library.find',
      says: 'a library is found by its name',
      run: async bench => {
        const { name } = await bench.model('library.get', { library: bench.library });
        const ids = await bench.listOf('library.find', { spec: { name } });
        holds(ids.includes(bench.library), 'its id', ids);
      }
    },
    {
      id: 'library.find-case',
      says: 'names are found without regard to case',
      run: async bench => {
        const { name } = await bench.model('library.get', { library: bench.library });
        const ids = await bench.listOf('library.find', { spec: { name: String(name).toUpperCase() } });
        holds(ids.includes(bench.library), 'its id', ids);
      }
    },
    {
      id: 'library.find-both',
      says: 'name and type both have to match',
      run: async bench => {
        const { name } = await bench.model('library.get', { library: bench.library });
        const local = await bench.listOf('library.find', { spec: { name, type: 'LOCAL' } });
        holds(local.includes(bench.library), 'its id among the local ones', local);
        same(
          (await bench.listOf('library.find', { spec: { name, type: 'SUBSCRIBED' } })).length,
          0,
          'subscribed ones found'
        );
      }
    },
    {
      id: 'library.find-nothing',
      says: 'a name that no library has finds an empty list',
      run: async bench => same(await bench.ok('library.find', { spec: { name: nameOf() } }), [], 'the list')
    },
    {
      id: 'library.find-empty',
      says: 'an empty search is INVALID_ARGUMENT',
      run: async bench => void (await bench.refused('library.find', { spec: {} }, 'INVALID_ARGUMENT'))
    },
    {
      id: 'library.update',
      says: 'a library is also updated without saying of which kind it is',
      run: async bench => {
        const library = await newLibrary(bench);
        await bench.ok('library.update', { library, spec: { description: 'said anew' } });
        same((await bench.model('library.get', { library })).description, 'said anew', 'description');
      }
    },
    {
      id: 'local.create',
      says: 'creating a local library answers its id',
      run: async bench => {
        const name = nameOf();
        const library = await newLibrary(bench, { name });
        same((await bench.model('library.get', { library })).name, name, 'name');
      }
    },
    {
      id: 'local.create-same-name',
      says: 'libraries may share a name: a search finds both',
      run: async bench => {
        const name = nameOf();
        const made = [await newLibrary(bench, { name }), await newLibrary(bench, { name })];
        const found = await bench.listOf('library.find', { spec: { name } });
        holds(
          made.every(id => found.includes(id)),
          'both ids',
          'they were not found'
        );
      }
    },
    {
      id: 'local.create-token',
      says: 'the same client token makes one library, however often it comes',
      run: async bench => {
        const client_token = randomUUID();
        const first = await newLibrary(bench, {}, client_token);
        holds((await newLibrary(bench, {}, client_token)) === first, 'the same id', 'came another');
      }
    },
    {
      id: 'local.create-nameless',
      says: 'a library without a name is INVALID_ARGUMENT',
      run: async bench => {
        const spec = { type: 'LOCAL', storage_backings: [bench.server.backing] };
        await bench.refused('localLibrary.create', { spec }, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'local.create-two-backings',
      says: 'a library with two places to lie in is UNSUPPORTED',
      run: async bench => {
        const { backing } = bench.server;
        const spec = { name: nameOf(), type: 'LOCAL', storage_backings: [backing, backing] };
        await bench.refused('localLibrary.create', { spec }, 'UNSUPPORTED');
      }
    },
    {
      id: 'local.list',
      says: 'local libraries have a list of their own',
      run: async bench => {
        const ids = await bench.listOf('localLibrary.list');
        holds(ids.includes(bench.library), 'the library among the ids', 'it is not');
      }
    },
    {
      id: 'local.get',
      says: 'a local library is read by its kind, too',
      run: async bench =>
        same((await bench.model('localLibrary.get', { library: bench.library })).id, bench.library, 'id')
    },
    {
      id: 'local.update',
      says: 'name and description change, and the version rises',
      run: async bench => {
        const library = await newLibrary(bench);
        const before = await bench.model('localLibrary.get', { library });
        const name = nameOf();
        await bench.ok('localLibrary.update', { library, spec: { name, description: 'another' } });
        const after = await bench.model('localLibrary.get', { library });
        same([after.name, after.description], [name, 'another'], 'name and description');
        holds(
          Number(after.version) > Number(before.version),
          'a higher version',
          `version ${before.version}, then ${after.version}`
        );
      }
    },
    {
      id: 'local.update-unknown',
      says: 'an unknown library cannot be updated: NOT_FOUND',
      run: async bench =>
        void (await bench.refused('localLibrary.update', { library: NOBODY, spec: { name: 'x' } }, 'NOT_FOUND'))
    },
    {
      id: 'local.delete',
      says: 'a deleted library is gone, with its items',
      run: async bench => {
        const library = await newLibrary(bench);
        const item = await bench.id('item.create', { spec: { library_id: library, name: nameOf(), type: '' } });
        await bench.ok('localLibrary.delete', { library });
        await bench.refused('library.get', { library }, 'NOT_FOUND');
        await bench.refused('item.get', { item }, 'NOT_FOUND');
      }
    },
    {
      id: 'local.delete-unknown',
      says: 'an unknown library cannot be deleted: NOT_FOUND',
      run: async bench => void (await bench.refused('localLibrary.delete', { library: NOBODY }, 'NOT_FOUND'))
    },
    {
      id: 'subscribed.get-as-local',
      says: 'a subscribed library asked for as a local one is INVALID_ELEMENT_TYPE',
      needs: 'subscribed library',
      run: async bench =>
        void (await bench.refused('localLibrary.get', { library: await subscribed(bench) }, 'INVALID_ELEMENT_TYPE'))
    },
    {
      id: 'subscribed.delete-as-local',
      says: 'a subscribed library cannot be deleted as a local one: INVALID_ELEMENT_TYPE',
      needs: 'subscribed library',
      run: async bench =>
        void (await bench.refused('localLibrary.delete', { library: await subscribed(bench) }, 'INVALID_ELEMENT_TYPE'))
    },
    {
      id: 'subscribed.item-create',
      says: 'no item is created in a subscribed library: INVALID_ELEMENT_TYPE',
      needs: 'subscribed library',
      run: async bench => {
        const spec = { library_id: await subscribed(bench), name: nameOf(), type: '' };
        await bench.refused('item.create', { spec }, 'INVALID_ELEMENT_TYPE');
      }
    },
    {
      id: 'subscribed.session-create',
      says: 'no update session is created on an item of a subscribed library: INVALID_ELEMENT_TYPE',
      needs: 'subscribed library',
      run: async bench => {
        const library = await subscribed(bench);
        const [item] = await bench.listOf('item.list', { library });
        holds(item !== undefined, 'an item in the subscribed library', 'it has none');
        await bench.refused('session.create', { spec: { library_item_id: item } }, 'INVALID_ELEMENT_TYPE');
      }
    }
  ]
};

async function newLibrary(bench: Bench, more: Fields = {}, client_token?: string): Promise<string> {
  const spec = { name: nameOf(), type: 'LOCAL', storage_backings: [bench.server.backing], ...more };
  const args = client_token === undefined ? { spec } : { spec, client_token };
  const library = await bench.id('localLibrary.create', args);
  bench.keep('localLibrary.delete', library);
  return library;
}

/** Any that the server has; the suite makes none. */
async function subscribed(bench: Bench): Promise<string> {
  const [found] = await bench.listOf('library.find', { spec: { type: 'SUBSCRIBED' } });
  return String(found);
}
