// Files of an update session: adding, listing, removing, and what names and numbers are taken.
import type { Bench } from '../bench.ts';
import { refusedAs } from '../calls.ts';
import type { Group } from '../row.ts';
import { segment } from '../say.ts';
import { hasStatus, holds, isRecord, same } from '../verdict.ts';

const refusedSpecs: readonly [id: string, says: string, spec: Record<string, unknown>][] = [
  ['nameless', 'a file without a name', { source_type: 'PUSH' }],
  ['sourceless', 'a file without a source type', { name: 'a.txt' }],
  ['unknown-source', 'a source type that is none', { name: 'a.txt', source_type: 'THROW' }],
  ['negative-size', 'a negative size', { name: 'a.txt', source_type: 'PUSH', size: -1 }],
  ['size-as-text', 'a size that is text', { name: 'a.txt', source_type: 'PUSH', size: '7' }],
  ['unknown-algorithm', 'an algorithm that is none', withSum('CRC32', 'abcd1234')],
  ['slash', 'a name with a slash', { name: 'a/b.txt', source_type: 'PUSH' }],
  ['dots', 'a name that leads upwards', { name: '..', source_type: 'PUSH' }],
  ['unknown-field', 'a field that is none', { name: 'a.txt', source_type: 'PUSH', colour: 'red' }]
];
const names = ['a b.txt', 'a+b.txt', '100%.txt', 'größe.txt', 'a&b=c.txt', "it's (1).txt", '#1?.txt'];
const algorithms: readonly [name: string, digits: number, since?: string][] = [
  ['SHA1', 40],
  ['MD5', 32],
  ['SHA256', 64, '6.7'],
  ['SHA512', 128, '6.7']
];

export const files: Group = {
  title: 'Files of an update session',
  rows: [
    {
      id: 'add.push',
      says: 'a file to be pushed waits for its bytes, and tells where to send them',
      run: async bench => {
        const info = await bench.add(await bench.session(), 'a.txt', { size: 4 });
        const came = [info.name, info.source_type, info.status, info.bytes_transferred];
        same(came, ['a.txt', 'PUSH', 'WAITING_FOR_TRANSFER', 0], 'name, source, status, bytes');
        holds(isRecord(info.upload_endpoint), 'an upload_endpoint', 'none came');
      }
    },
    {
      id: 'add.size-unset',
      says: 'its size is not told before it is READY',
      run: async bench => same((await bench.add(await bench.session(), 'a.txt', { size: 4 })).size, undefined, 'size')
    },
    {
      id: 'add.action',
      says: 'in api the action may be said: ?action=add',
      dialects: ['api'],
      judged: true,
      run: async bench => {
        const path = `/api/content/library/item/update-session/${segment(await bench.session())}/file?action=add`;
        const reply = await bench.raw('POST', path, { text: '{"name":"a.txt","source_type":"PUSH"}' });
        same(reply.status, 201, 'status');
      }
    },
    {
      id: 'add.not-visible',
      says: 'what is added is not seen in the item before the session completes',
      run: async bench => {
        const item = await bench.item();
        const session = await bench.session(item);
        await bench.push(session, 'a.txt', 'four');
        same((await bench.listOf('itemFile.list', { item })).length, 0, 'files of the item');
      }
    },
    {
      id: 'add.again',
      says: 'adding a name again updates that file: there is one entry',
      run: async bench => {
        const session = await bench.session();
        await bench.add(session, 'a.txt');
        await bench.add(session, 'a.txt');
        same(
          (await bench.models('file.list', { session })).map(file => file.name),
          ['a.txt'],
          'names'
        );
      }
    },
    {
      id: 'add.again-old-address',
      says: 'the address of the first add takes nothing any more: 404',
      judged: true,
      run: async bench => {
        const session = await bench.session();
        const first = await bench.opened(session, 'a.txt');
        await bench.opened(session, 'a.txt');
        const reply = await bench.put(first, 'four');
        hasStatus(reply, 404, 'PUT');
      }
    },
    {
      id: 'add.replaces',
      says: 'adding the name of a file that the item holds replaces it when the session completes',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four' });
        const session = await bench.session(item);
        await bench.push(session, 'a.txt', 'longer than four');
        await bench.ok('session.complete', { session });
        await bench.ended(session);
        const held = await bench.models('itemFile.list', { item });
        same(
          held.map(({ name, size }) => [name, size]),
          [['a.txt', 16]],
          'files of the item'
        );
      }
    },
    ...refusedSpecs.map(([id, says, spec]) => ({
      id: `add.${id}`,
      says: `${says} is INVALID_ARGUMENT`,
      run: async (bench: Bench) =>
        void (await bench.refused('file.add', { session: await bench.session(), spec }, 'INVALID_ARGUMENT'))
    })),
    ...algorithms.map(([name, digits, since]) => ({
      id: `add.${name}`,
      says: `a checksum by ${name} is taken`,
      ...(since && { since }),
      run: async (bench: Bench) =>
        void (await bench.model('file.add', {
          session: await bench.session(),
          spec: withSum(name, 'a'.repeat(digits))
        }))
    })),
    {
      id: 'add.pull-nowhere',
      says: 'a file to be pulled from nowhere is INVALID_ARGUMENT',
      judged: true,
      needs: 'no vcsim',
      run: async bench => {
        const spec = { name: 'a.txt', source_type: 'PULL' };
        await bench.refused('file.add', { session: await bench.session(), spec }, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'add.none',
      says: 'source NONE leaves a file that the item holds as it is: READY',
      judged: true,
      run: async bench => {
        const session = await bench.session(await bench.filled({ 'a.txt': 'four' }));
        const info = await bench.model('file.add', { session, spec: { name: 'a.txt', source_type: 'NONE' } });
        same([info.name, info.status, info.source_type], ['a.txt', 'READY', 'NONE'], 'name, status, source');
      }
    },
    {
      id: 'add.none-unknown',
      says: 'source NONE with a name that the item does not hold is INVALID_ARGUMENT',
      judged: true,
      run: async bench => {
        const spec = { name: 'a.txt', source_type: 'NONE' };
        await bench.refused('file.add', { session: await bench.session(), spec }, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'file.list-empty',
      says: 'a session on an empty item has an empty list of files',
      run: async bench => same(await bench.ok('file.list', { session: await bench.session() }), [], 'the list')
    },
    {
      id: 'file.list-held',
      says: 'files that the item holds are listed, with source NONE and READY',
      run: async bench => {
        const session = await bench.session(await bench.filled({ 'a.txt': 'four' }));
        const listed = (await bench.models('file.list', { session })).map(file => [
          file.name,
          file.source_type,
          file.status
        ]);
        same(listed, [['a.txt', 'NONE', 'READY']], 'name, source, status');
      }
    },
    {
      id: 'file.get-unknown',
      says: 'a name that is not in the session is INVALID_ARGUMENT',
      run: async bench => {
        const args = { session: await bench.session(), file_name: 'never.txt' };
        await bench.refused('file.get', args, 'INVALID_ARGUMENT');
      }
    },
    ...names.map(name => ({
      id: `name.${name}`,
      says: `the name ${JSON.stringify(name)} is added, sent and found as it is`,
      run: async (bench: Bench) => {
        const item = await bench.item();
        const session = await bench.session(item);
        await bench.push(session, name, 'four');
        same((await bench.model('file.get', { session, file_name: name })).name, name, 'name in the session');
        await bench.ok('session.complete', { session });
        await bench.ended(session);
        same(
          (await bench.models('itemFile.list', { item })).map(file => file.name),
          [name],
          'names in the item'
        );
      }
    })),
    {
      id: 'remove.at-once',
      says: 'a removed file leaves the session at once',
      run: async bench => {
        const session = await bench.session();
        await bench.add(session, 'a.txt');
        await bench.ok('file.remove', { session, file_name: 'a.txt' });
        same(await bench.ok('file.list', { session }), [], 'files of the session');
      }
    },
    {
      id: 'remove.on-complete',
      says: 'a removed file leaves the item when the session completes, not before',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four', 'b.txt': 'more' });
        const session = await bench.session(item);
        await bench.ok('file.remove', { session, file_name: 'a.txt' });
        same((await bench.listOf('itemFile.list', { item })).length, 2, 'files of the item before');
        await bench.ok('session.complete', { session });
        await bench.ended(session);
        const held = (await bench.models('itemFile.list', { item })).map(file => file.name);
        same(held, ['b.txt'], 'files of the item after');
      }
    },
    {
      id: 'remove.address',
      says: 'the upload address of a removed file takes nothing: 404',
      judged: true,
      run: async bench => {
        const session = await bench.session();
        const uri = await bench.opened(session, 'a.txt');
        await bench.ok('file.remove', { session, file_name: 'a.txt' });
        const reply = await bench.put(uri, 'four');
        hasStatus(reply, 404, 'PUT');
      }
    },
    {
      id: 'remove.unknown',
      says: 'removing a name that is not there is INVALID_ARGUMENT',
      run: async bench => {
        const args = { session: await bench.session(), file_name: 'never.txt' };
        await bench.refused('file.remove', args, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'add.manifest-late',
      says: 'in an ovf item a manifest cannot be added after the descriptor',
      since: '6.7',
      run: async bench => {
        const session = await bench.session(await bench.item({ type: 'ovf' }));
        await bench.add(session, 'vm.ovf');
        const reply = await bench.ask('file.add', { session, spec: { name: 'vm.mf', source_type: 'PUSH' } });
        refusedAs(reply, 'NOT_ALLOWED_IN_CURRENT_STATE', bench.dialect, 'file.add');
      }
    },
    {
      id: 'add.ova-checksum',
      says: 'a checksum for an OVA is INVALID_ARGUMENT',
      run: async bench => {
        const session = await bench.session(await bench.item({ type: 'ovf' }));
        const spec = { ...withSum('SHA1', 'a'.repeat(40)), name: 'vm.ova' };
        await bench.refused('file.add', { session, spec }, 'INVALID_ARGUMENT');
      }
    }
  ]
};

function withSum(algorithm: string, checksum: string): Record<string, unknown> {
  return { name: 'a.txt', source_type: 'PUSH', checksum_info: { algorithm, checksum } };
}
