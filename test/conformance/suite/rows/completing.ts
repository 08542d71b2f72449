// Validating and completing: in which order the service looks at a session, and what changes when it is DONE.
import type { Bench } from '../bench.ts';
import { descriptor, tar } from '../packages.ts';
import type { Group } from '../row.ts';
import { holds, messagesIn, same } from '../verdict.ts';

export const completing: Group = {
  title: 'Validate and complete',
  rows: [
    {
      id: 'complete',
      says: 'complete is answered 204 (api) or 200 without a body (rest), and the session is DONE',
      run: async bench => {
        const session = await bench.session();
        await bench.push(session, 'a.txt', 'four');
        await bench.ok('session.complete', { session });
        same(await bench.ended(session), 'DONE', 'state');
      }
    },
    {
      id: 'complete.visible',
      says: 'then the item holds what was sent, byte for byte',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'byte for byte' });
        const session = await bench.download(item);
        same((await bench.fetched(await bench.link(session, 'a.txt'))).text, 'byte for byte', 'bytes');
      }
    },
    {
      id: 'complete.version',
      says: 'the content version of the item rises by exactly one',
      run: async bench => {
        const item = await bench.item();
        const version = async () => Number((await bench.model('item.get', { item })).content_version);
        const before = await version();
        const session = await bench.session(item);
        await bench.push(session, 'a.txt', 'four');
        await bench.ok('session.complete', { session });
        await bench.ended(session);
        same((await version()) - before, 1, 'difference');
      }
    },
    {
      id: 'complete.size',
      says: 'the item tells the sum of its files as its size',
      run: async bench => {
        const item = await bench.filled({ 'a.txt': 'four', 'b.txt': 'sixsix' });
        same((await bench.model('item.get', { item })).size, 10, 'size');
      }
    },
    {
      id: 'complete.nothing',
      says: 'a session without any change completes, and the content version stays',
      judged: true,
      run: async bench => {
        const item = await bench.item();
        const session = await bench.session(item);
        await bench.ok('session.complete', { session });
        same(await bench.ended(session), 'DONE', 'state');
        same((await bench.model('item.get', { item })).content_version, '1', 'content_version');
      }
    },
    {
      id: 'complete.not-received',
      says: 'a file that was never sent: NOT_ALLOWED_IN_CURRENT_STATE, and the session stays ACTIVE',
      run: async bench => {
        const session = await bench.session();
        await bench.add(session, 'a.txt');
        await bench.refused('session.complete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
        same((await bench.model('session.get', { session })).state, 'ACTIVE', 'state');
      }
    },
    {
      id: 'complete.not-received-message',
      says: 'its message has the id of real servers, with file and status WAITING in its args',
      run: async bench => {
        const session = await bench.session();
        await bench.add(session, 'a.txt');
        const reply = await bench.refused('session.complete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
        const [first = {}] = messagesIn(reply);
        holds(
          /update_session_file_not_received$/.test(String(first.id)),
          '…update_session_file_not_received',
          first.id ?? 'no message came'
        );
        same(first.args, ['a.txt', 'WAITING'], 'args');
      }
    },
    {
      id: 'complete.some-received',
      says: 'one file of two is not enough',
      run: async bench => {
        const session = await bench.session();
        await bench.push(session, 'a.txt', 'four');
        await bench.add(session, 'b.txt');
        await bench.refused('session.complete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
      }
    },
    {
      id: 'complete.removed',
      says: 'a file that was not sent and is removed again does not stand in the way',
      run: async bench => {
        const session = await bench.session();
        await bench.push(session, 'a.txt', 'four');
        await bench.add(session, 'b.txt');
        await bench.ok('file.remove', { session, file_name: 'b.txt' });
        await bench.ok('session.complete', { session });
        same(await bench.ended(session), 'DONE', 'state');
      }
    },
    {
      id: 'validate.fine',
      says: 'a session whose files are there has no errors, in two empty lists',
      run: async bench => {
        const session = await bench.session();
        await bench.push(session, 'a.txt', 'four');
        const its = await bench.model('file.validate', { session });
        same([its.has_errors, its.missing_files, its.invalid_files], [false, [], []], 'errors, missing, invalid');
      }
    },
    {
      id: 'validate.twice',
      says: 'validating changes nothing: it can be done twice, and the session completes',
      run: async bench => {
        const session = await bench.session();
        await bench.push(session, 'a.txt', 'four');
        const first = await bench.model('file.validate', { session });
        same(await bench.model('file.validate', { session }), first, 'the second answer');
        await bench.ok('session.complete', { session });
      }
    },
    {
      id: 'validate.not-received',
      says: 'while a file was not sent, validate is NOT_ALLOWED_IN_CURRENT_STATE',
      run: async bench => {
        const session = await bench.session();
        await bench.add(session, 'a.txt');
        await bench.refused('file.validate', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
      }
    },
    {
      id: 'validate.ovf-missing',
      says: 'a disk that the descriptor names and the session lacks is among the missing files',
      run: async bench => {
        const session = await described(bench);
        const its = await bench.model('file.validate', { session });
        same([its.has_errors, its.missing_files], [true, ['disk.vmdk']], 'errors and missing');
      }
    },
    {
      id: 'complete.ovf-missing',
      says: 'with a missing disk the session cannot complete; it stays ACTIVE',
      run: async bench => {
        const session = await described(bench);
        const reply = await bench.refused('session.complete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
        holds(
          /session_has_missing_or_invalid_files/.test(reply.text),
          '…session_has_missing_or_invalid_files',
          'another message id'
        );
        same((await bench.model('session.get', { session })).state, 'ACTIVE', 'state');
      }
    },
    {
      id: 'complete.ovf-whole',
      says: 'once the disk is there, too, the session completes',
      run: async bench => {
        const session = await described(bench);
        await bench.push(session, 'disk.vmdk', sparseDisk());
        await bench.ok('session.complete', { session });
        same(await bench.ended(session), 'DONE', 'state');
      }
    },
    {
      id: 'complete.order',
      says: 'bytes that are missing are told before disks that are missing',
      run: async bench => {
        const session = await described(bench);
        await bench.add(session, 'other.vmdk');
        const reply = await bench.refused('session.complete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
        holds(/file_not_received/.test(reply.text), '…file_not_received', 'another message id');
      }
    },
    {
      id: 'complete.manifest-gone',
      says: 'the manifest of an ovf item is not among its files afterwards',
      since: '6.7',
      run: async bench => {
        const item = await bench.item({ type: 'ovf' });
        const session = await bench.session(item);
        const disk = sparseDisk();
        const ovf = descriptor('disk.vmdk', disk.length);
        await bench.push(session, 'vm.mf', '');
        await bench.push(session, 'vm.ovf', ovf);
        await bench.push(session, 'disk.vmdk', disk);
        await bench.ok('session.complete', { session });
        await bench.ended(session);
        const names = (await bench.models('itemFile.list', { item })).map(file => file.name);
        same(names.sort(), ['disk.vmdk', 'vm.ovf'], 'files of the item');
      }
    },
    {
      id: 'complete.ova',
      says: 'an OVA is sent whole; the item holds what is in it, not the archive',
      run: async bench => {
        const item = await bench.item({ type: 'ovf' });
        const session = await bench.session(item);
        const disk = sparseDisk();
        const ovf = Buffer.from(descriptor('disk.vmdk', disk.length));
        const reply = await bench.put(await bench.opened(session, 'vm.ova'), tar({ 'vm.ovf': ovf, 'disk.vmdk': disk }));
        same(reply.status, 200, 'status of the PUT');
        const files = () => bench.models('file.list', { session });
        if (bench.server.reportsReady)
          await bench.until(async () => (await files()).every(file => file.status === 'READY'));
        await bench.ok('session.complete', { session });
        await bench.ended(session);
        const names = (await bench.models('itemFile.list', { item })).map(file => file.name);
        same(names.sort(), ['disk.vmdk', 'vm.ovf'], 'files of the item');
      }
    },
    {
      id: 'preview.not-applicable',
      says: 'the preview of files without a descriptor becomes no warning',
      since: '6.7',
      run: async bench => {
        const session = await bench.session();
        await bench.push(session, 'a.txt', 'four');
        await bench.ok('session.complete', { session });
        same(await bench.ended(session), 'DONE', 'state');
        same((await bench.model('session.get', { session })).preview_info, undefined, 'preview_info when DONE');
      }
    }
  ]
};

/** A session on an ovf item with a descriptor that names one disk. */
async function described(bench: Bench): Promise<string> {
  const session = await bench.session(await bench.item({ type: 'ovf' }));
  await bench.push(session, 'vm.ovf', descriptor('disk.vmdk', sparseDisk().length));
  return session;
}

/** As much of a stream-optimized disk as a server looks at. */
function sparseDisk(): Uint8Array {
  const disk = Buffer.alloc(1024);
  disk.write('KDMV', 0, 'latin1');
  disk.writeUInt32LE(3, 4);
  disk.writeUInt32LE(0x30001, 8);
  return disk;
}
