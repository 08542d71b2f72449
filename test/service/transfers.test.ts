// Files of a session and the bytes that come for them.
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../src/servers/profiles.ts';
import { blobsOf } from '../../src/simulator/service/happen.ts';
import { configured } from '../../src/simulator/service/initial-state.ts';
import { pendingPulls } from '../../src/simulator/service/pulls.ts';
import { findTransfer } from '../../src/simulator/service/transfers.ts';
import { hash, type Model, Service, said } from './fixture.ts';

const UPLOAD = 'NOT_FOUND shelver.simulator.no_such_upload';

/** A service with a session on an item, and one file added. */
function adding(more: Model = {}, rules = {}) {
  const s = new Service({}, rules);
  const item = s.item();
  const id = s.session(item);
  const transfer = s.add(id, 'a.iso', more);
  const status = () => s.file(id, 'a.iso').status;
  return { s, item, id, transfer, status };
}

describe('a file to push', () => {
  it('should be told where its bytes go', () => {
    const s = new Service();
    const id = s.session();
    const spec = { name: 'a b.iso', source_type: 'PUSH', size: 5 };
    const info = s.do<Model>('file.add', { update_session_id: id, spec });
    const { uri } = info.upload_endpoint as { uri: string };
    expect(uri).toMatch(/^https:\/\/vc\/cls\/data\/[0-9a-f-]{36}\/a%20b\.iso$/);
    expect(info).toEqual({
      name: 'a b.iso',
      source_type: 'PUSH',
      status: 'WAITING_FOR_TRANSFER',
      bytes_transferred: 0,
      keep_in_storage: true,
      upload_endpoint: { uri }
    });
    expect(findTransfer(s.state, uri.split('/').at(-2)!)).toEqual({
      sessionId: id,
      fileName: 'a b.iso',
      size: 5,
      algorithms: ['SHA1'],
      unpack: false
    });
    expect(findTransfer(s.state, 'unknown')).toBeUndefined();
  });

  it('should not be said to be kept, or not, by a service before 6.7', () => {
    const s = new Service({ profile: PROFILES['6.5'] });
    const args = { update_session_id: s.session(), spec: { name: 'a.iso', source_type: 'PUSH' } };
    expect(s.do<Model>('file.add', args)).not.toHaveProperty('keep_in_storage');
  });

  it('should go from WAITING to TRANSFERRING to READY, counting bytes', () => {
    const { s, id, transfer, status } = adding();
    expect(s.happen({ type: 'begin', transfer }).attempt).toBe(1);
    expect(status()).toBe('TRANSFERRING');
    s.happen({ type: 'bytesArrived', transfer, attempt: 1, received: 3 });
    expect(s.file(id, 'a.iso').bytes_transferred).toBe(3);
    s.happen({ type: 'received', transfer, attempt: 1, ...s.body(transfer, 'hello') });
    expect(s.file(id, 'a.iso')).toMatchObject({
      status: 'READY',
      size: 5,
      bytes_transferred: 5,
      checksum_info: { algorithm: 'SHA1', checksum: hash('SHA1', 'hello') }
    });
  });

  for (const algorithm of ['MD5', 'SHA1', 'SHA256', 'SHA512']) {
    it(`should be checked by ${algorithm}, in either case`, () => {
      const checksum = hash(algorithm, 'hello').toUpperCase();
      const { s, id, transfer } = adding({ checksum_info: { algorithm, checksum } });
      expect(findTransfer(s.state, transfer)?.algorithms).toContain(algorithm);
      expect(said(s.put(transfer, 'jello').error!)).toContain(
        `INVALID_ARGUMENT shelver.simulator.checksum_mismatch a.iso`
      );
      expect(s.file(id, 'a.iso')).toMatchObject({
        status: 'ERROR',
        error_message: { args: expect.arrayContaining([algorithm]) }
      });
      expect(s.push(id, 'a.iso', 'hello', { checksum_info: { algorithm, checksum } })).not.toBe(transfer);
      expect(s.file(id, 'a.iso').checksum_info).toEqual({ algorithm, checksum: checksum.toLowerCase() });
    });
  }

  it('should be checked by SHA-1 where no algorithm is named', () => {
    const { s, transfer } = adding({ checksum_info: { checksum: hash('SHA1', 'hello') } });
    expect(s.put(transfer, 'hello').error).toBeUndefined();
  });

  it('should not pass when its digest was not made', () => {
    const { s, transfer } = adding({ checksum_info: { algorithm: 'MD5', checksum: 'ab' } });
    expect(s.put(transfer, 'x', { digests: [] }).error).toBeDefined();
    const plain = adding();
    plain.s.put(plain.transfer, 'x', { digests: [] });
    expect(plain.s.file(plain.id, 'a.iso')).not.toHaveProperty('checksum_info');
    plain.s.complete(plain.id);
    expect(plain.s.do('itemFile.list', { library_item_id: plain.item })).not.toHaveProperty('0.checksum_info');
  });

  it('should have the announced size', () => {
    const { s, id, transfer, status } = adding({ size: 4 });
    expect(said(s.put(transfer, 'hello').error!)).toBe('INVALID_ARGUMENT shelver.simulator.size_mismatch a.iso 4 5');
    expect(status()).toBe('ERROR');
    expect(s.freed).toEqual(['blob-1']);
    expect(s.get(id).state).toBe('ACTIVE');
    expect(s.refusal('session.complete', { update_session_id: id })).toBe(
      'NOT_ALLOWED_IN_CURRENT_STATE com.vmware.vdcs.cls-main.update_session_file_not_received a.iso ERROR'
    );
    expect(said(s.happen({ type: 'begin', transfer }).error!)).toContain('operation_in_wrong_state begin ERROR');
  });

  it('should be allowed to be empty', () => {
    const { s, status, transfer } = adding({ size: 0 });
    s.put(transfer, '');
    expect(status()).toBe('READY');
  });

  it('should turn ERROR after a welcome, where the rules say so', () => {
    const { s, id, transfer, status } = adding({ size: 4 }, { mismatch: 'acceptThenError' });
    expect(s.put(transfer, 'hello').error).toBeUndefined();
    expect(status()).toBe('ERROR');
    expect(s.get(id).state).toBe('ACTIVE');
  });

  it('should take the session along, where the rules say so', () => {
    const { s, id, transfer } = adding({ size: 4 }, { mismatch: 'sessionError' });
    expect(s.put(transfer, 'hello').error?.error_type).toBe('INVALID_ARGUMENT');
    expect(s.get(id)).toMatchObject({ state: 'ERROR', error_message: { id: 'shelver.simulator.size_mismatch' } });
  });

  it('should be unusable when whoever looked into it says so', () => {
    const { s, transfer, status } = adding();
    expect(said(s.put(transfer, 'x', { fault: 'not an archive' }).error!)).toContain(
      'unusable_content a.iso not an archive'
    );
    expect(status()).toBe('ERROR');
  });

  it('should wait again when its body breaks off', () => {
    const { s, id, transfer, status } = adding();
    s.happen({ type: 'begin', transfer });
    s.happen({ type: 'bytesArrived', transfer, received: 3 });
    s.happen({ type: 'dropped', transfer, attempt: 1 });
    expect(s.file(id, 'a.iso')).toMatchObject({ status: 'WAITING_FOR_TRANSFER', bytes_transferred: 0 });
    expect(s.refusal('session.complete', { update_session_id: id })).toContain('a.iso WAITING');
    expect(s.put(transfer, 'x').error).toBeUndefined();
    expect(status()).toBe('READY');
  });

  it('should be in ERROR when its body breaks off, where the rules say so', () => {
    const { s, id, transfer } = adding({}, { dropIsError: true });
    s.happen({ type: 'begin', transfer });
    s.happen({ type: 'dropped', transfer });
    expect(s.file(id, 'a.iso')).toMatchObject({
      status: 'ERROR',
      error_message: { id: 'shelver.simulator.transfer_broken' }
    });
  });

  it('should hear only the newest body', () => {
    const { s, id, transfer, status } = adding();
    const first = s.happen({ type: 'begin', transfer }).attempt!;
    const second = s.happen({ type: 'begin', transfer }).attempt!;
    expect(second).toBe(first + 1);
    expect(said(s.happen({ type: 'bytesArrived', transfer, attempt: first, received: 9 }).error!)).toBe(UPLOAD);
    s.happen({ type: 'dropped', transfer, attempt: first });
    expect(status()).toBe('TRANSFERRING');
    const late = s.happen({ type: 'received', transfer, attempt: first, ...s.body(transfer, 'late') });
    expect(late.error && said(late.error)).toBe(UPLOAD);
    expect(late.freed).toEqual(['blob-1']);
    s.happen({ type: 'received', transfer, attempt: second, ...s.body(transfer, 'x') });
    expect(s.file(id, 'a.iso')).toMatchObject({ status: 'READY', size: 1 });
  });

  it('should be replaced by a second body while the session is open', () => {
    const { s, id, transfer } = adding();
    s.put(transfer, 'one');
    s.put(transfer, 'three');
    expect(s.file(id, 'a.iso').size).toBe(5);
    expect(s.freed).toEqual(['blob-1']);
  });

  it('should begin anew when it is added again: the old URL is dead, the old bytes are gone', () => {
    const { s, id, transfer } = adding();
    s.put(transfer, 'one');
    const second = s.add(id, 'a.iso');
    expect(s.freed).toEqual(['blob-1']);
    expect(said(s.put(transfer, 'x').error!)).toBe(UPLOAD);
    expect(s.do<Model[]>('file.list', { update_session_id: id })).toHaveLength(1);
    s.put(second, 'three');
    expect(s.file(id, 'a.iso').size).toBe(5);
  });

  it('should leave the session when it is removed', () => {
    const { s, id, transfer } = adding();
    s.put(transfer, 'one');
    s.do('file.remove', { update_session_id: id, file_name: 'a.iso' });
    expect(s.freed).toEqual(['blob-1']);
    expect(s.do('file.list', { update_session_id: id })).toEqual([]);
    expect(said(s.put(transfer, 'x').error!)).toBe(UPLOAD);
    for (const op of ['file.remove', 'file.get'] as const) {
      expect(s.refusal(op, { update_session_id: id, file_name: 'a.iso' })).toBe(
        'INVALID_ARGUMENT shelver.simulator.no_such_file a.iso'
      );
    }
  });

  it('should not be heard any more when the session was canceled under it', () => {
    const { s, id, transfer, status } = adding();
    s.happen({ type: 'begin', transfer });
    s.do('session.cancel', { update_session_id: id });
    expect(said(s.happen({ type: 'bytesArrived', transfer, received: 1 }).error!)).toBe(UPLOAD);
    const late = s.happen({ type: 'received', transfer, ...s.body(transfer, 'x') });
    expect(late.freed).toEqual(['blob-1']);
    expect(status()).toBe('WAITING_FOR_TRANSFER');
    s.happen({ type: 'dropped', transfer });
    s.happen({ type: 'dropped', transfer: 'unknown' });
  });

  it('should take the session along when the server itself fails', () => {
    const { s, id, transfer, status } = adding();
    s.happen({ type: 'begin', transfer });
    s.happen({ type: 'transferFailed', transfer, message: 'disk full' });
    expect(s.get(id)).toMatchObject({
      state: 'ERROR',
      error_message: { default_message: 'Error transferring file a.iso. Reason: disk full' }
    });
    expect(status()).toBe('ERROR');
    expect(said(s.happen({ type: 'transferFailed', transfer, message: 'again' }).error!)).toBe(UPLOAD);
    const ready = adding();
    ready.s.put(ready.transfer, 'x');
    const late = ready.s.happen({ type: 'transferFailed', transfer: ready.transfer, message: 'late' });
    expect(late.error?.error_type).toBe('NOT_ALLOWED_IN_CURRENT_STATE');
  });

  it('should be VALIDATING for a while, where the rules say so', () => {
    const { s, id, transfer, status } = adding({ size: 1 }, { validatingMs: 50 });
    expect(s.put(transfer, 'x').error).toBeUndefined();
    expect(status()).toBe('VALIDATING');
    expect(s.file(id, 'a.iso')).not.toHaveProperty('size');
    expect(s.refusal('session.complete', { update_session_id: id })).toContain('a.iso VALIDATING');
    s.at += 50;
    expect(status()).toBe('READY');
    const wrong = adding({ size: 2 }, { validatingMs: 50 });
    expect(wrong.s.put(wrong.transfer, 'x').error).toBeUndefined();
    wrong.s.at += 50;
    expect(wrong.status()).toBe('ERROR');
  });

  it('should wait again after the service was started anew', () => {
    const { s, id, transfer, status } = adding();
    s.push(id, 'b');
    s.happen({ type: 'begin', transfer });
    s.state = configured(s.state, { baseUrl: 'http://new', serverGuid: 'guid' });
    s.happen({ type: 'restarted' });
    expect(status()).toBe('WAITING_FOR_TRANSFER');
    expect(s.file(id, 'b').status).toBe('READY');
    expect((s.file(id, 'b').upload_endpoint as Model).uri).toMatch(/^http:\/\/new\/cls\/data\//);
  });

  it('should have a name that is one segment of a path', () => {
    const { s, id } = adding();
    const long = 'x'.repeat(256);
    for (const name of ['', 'a/b', 'a\\b', '..', '.', 'a\0b', long, undefined]) {
      const spec = { name, source_type: 'PUSH' };
      expect(s.refusal('file.add', { update_session_id: id, spec })).toContain('INVALID_ARGUMENT');
    }
    s.add(id, 'a..b.iso');
  });

  it('should be refused for what the service cannot do', () => {
    const { s, id } = adding();
    const refusal = (more: Model) =>
      s.refusal('file.add', { update_session_id: id, spec: { name: 'b', source_type: 'PUSH', ...more } });
    expect(refusal({ source_type: 'SHOVE' })).toContain('bad_source_type SHOVE');
    expect(refusal({ source_type: undefined })).toContain('missing_property source_type');
    expect(refusal({ size: -1 })).toContain('bad_size -1');
    expect(refusal({ checksum_info: { algorithm: 'CRC32', checksum: 'a' } })).toContain('unknown_algorithm CRC32');
    expect(refusal({ checksum_info: {} })).toContain('missing_property checksum');
    const few = adding({}, { maxFilesPerSession: 1 });
    few.s.add(few.id, 'a.iso');
    const spec = { name: 'b', source_type: 'PUSH' };
    expect(few.s.refusal('file.add', { update_session_id: few.id, spec })).toContain('UNABLE_TO_ALLOCATE_RESOURCE');
  });

  it('should be refused when the storage of the library is gone', () => {
    const { s, id } = adding();
    const library = s.library();
    s.happen({ type: 'backingGone', library });
    const spec = { name: 'b', source_type: 'PUSH' };
    expect(s.refusal('file.add', { update_session_id: id, spec })).toBe(
      `NOT_ALLOWED_IN_CURRENT_STATE com.vmware.vdcs.cls-main.invalid_library_backing_does_not_exist images ${library}`
    );
    expect(s.happen({ type: 'backingGone', library: 'x' }).error?.error_type).toBe('NOT_FOUND');
  });
});

describe('completing', () => {
  it('should make visible at once what nobody saw before', () => {
    const { s, item, id, transfer } = adding();
    const files = () => s.do<Model[]>('itemFile.list', { library_item_id: item });
    const version = () => s.do<Model>('item.get', { library_item_id: item }).content_version;
    s.put(transfer, 'hello');
    expect(files()).toEqual([]);
    expect(version()).toBe('1');
    s.complete(id);
    expect(files()).toEqual([
      {
        name: 'a.iso',
        size: 5,
        cached: true,
        version: '1',
        checksum_info: { algorithm: 'SHA1', checksum: hash('SHA1', 'hello') }
      }
    ]);
    expect(version()).toBe('2');
    expect(s.do('item.get', { library_item_id: item })).toMatchObject({ size: 5, version: '2' });
    expect(s.do('itemFile.get', { library_item_id: item, name: 'a.iso' })).toEqual(files()[0]);
    expect(s.refusal('itemFile.get', { library_item_id: item, name: 'b' })).toContain('NOT_FOUND');
    expect(s.file(id, 'a.iso').status).toBe('READY');
  });

  it('should change nothing when nothing was changed', () => {
    const { s, item, id, transfer } = adding();
    s.put(transfer, 'hello');
    s.complete(id);
    const before = s.do('item.get', { library_item_id: item });
    const second = s.session(item);
    expect(s.file(second, 'a.iso')).toMatchObject({
      source_type: 'NONE',
      status: 'READY',
      size: 5,
      bytes_transferred: 5
    });
    expect(s.file(second, 'a.iso')).not.toHaveProperty('upload_endpoint');
    s.complete(second);
    expect(s.do('item.get', { library_item_id: item })).toEqual(before);
    expect(s.freed).toEqual([]);
  });

  it('should replace, add and remove files of the item as one change', () => {
    const { s, item, id, transfer } = adding();
    s.put(transfer, 'hello');
    s.push(id, 'b', 'b');
    s.complete(id);
    const second = s.session(item);
    s.push(second, 'a.iso', 'hi');
    s.push(second, 'c', 'c');
    s.do('file.remove', { update_session_id: second, file_name: 'b' });
    expect(s.do<Model[]>('itemFile.list', { library_item_id: item })).toHaveLength(2);
    expect(s.freed).toEqual([]);
    s.complete(second);
    expect(s.do('itemFile.list', { library_item_id: item })).toMatchObject([
      { name: 'a.iso', size: 2, version: '2' },
      { name: 'c', size: 1, version: '1' }
    ]);
    expect(s.freed.toSorted()).toEqual(['blob-1', 'blob-2']);
    expect(s.do('item.get', { library_item_id: item })).toMatchObject({ content_version: '3' });
    const third = s.session(item);
    for (const name of ['a.iso', 'c']) s.do('file.remove', { update_session_id: third, file_name: name });
    s.complete(third);
    expect(s.do('itemFile.list', { library_item_id: item })).toEqual([]);
  });

  it('should leave the item alone when the session is canceled', () => {
    const { s, item, id, transfer } = adding();
    s.put(transfer, 'hello');
    s.complete(id);
    const second = s.session(item);
    s.push(second, 'a.iso', 'other');
    s.push(second, 'b', 'b');
    s.do('session.cancel', { update_session_id: second });
    expect(s.freed).toEqual(['blob-2', 'blob-3']);
    expect(s.do('itemFile.list', { library_item_id: item })).toMatchObject([{ name: 'a.iso', size: 5 }]);
    expect(blobsOf(s.state)).toEqual(['blob-1']);
    s.do('session.delete', { update_session_id: second });
    expect(s.freed).toEqual(['blob-2', 'blob-3']);
  });

  it('should keep what a server of the profile reports to itself', () => {
    const profile = {
      name: 'terse',
      dialect: 'rest',
      tokenPlace: 'none',
      reportsReady: true,
      reportsSize: false,
      reportsDigest: false,
      removesFiles: true,
      previews: false,
      sessionTimeoutMs: 1000,
      algorithms: ['SHA1']
    } as const;
    const s = new Service({ profile });
    const item = s.item();
    const id = s.session(item);
    expect(s.get(id)).not.toHaveProperty('preview_info');
    s.push(id, 'a');
    s.complete(id);
    expect(s.do('itemFile.list', { library_item_id: item })).toEqual([{ name: 'a', cached: true, version: '1' }]);
    const second = s.session(item);
    s.at += 1001;
    expect(s.refusal('session.get', { update_session_id: second })).toContain('NOT_FOUND');
  });
});

describe('a file to pull', () => {
  const source_endpoint = { uri: 'https://elsewhere/a.iso' };

  function pulling(rules = {}) {
    const s = new Service({}, rules);
    const id = s.session();
    const spec = { name: 'a.iso', source_type: 'PULL', source_endpoint, size: 5 };
    const info = s.do<Model>('file.add', { update_session_id: id, spec });
    const [pull] = pendingPulls(s.state);
    return { s, id, info, pull: pull!, transfer: pull!.transfer };
  }

  it('should be there to be fetched by whoever fetches', () => {
    const { s, info, pull, id, transfer } = pulling();
    expect(info).toMatchObject({ source_endpoint, status: 'WAITING_FOR_TRANSFER' });
    expect(info).not.toHaveProperty('upload_endpoint');
    expect(pull).toMatchObject({ sessionId: id, fileName: 'a.iso', endpoint: source_endpoint, size: 5 });
    s.happen({ type: 'begin', transfer });
    expect(pendingPulls(s.state)).toEqual([]);
    s.happen({ type: 'dropped', transfer });
    s.do('session.cancel', { update_session_id: id });
    expect(pendingPulls(s.state)).toEqual([]);
  });

  it('should let complete return while it runs, and end the session DONE', () => {
    const { s, id, transfer } = pulling();
    s.complete(id);
    expect(s.get(id)).toMatchObject({ state: 'ACTIVE', preview_info: { state: 'NOT_APPLICABLE' } });
    const spec = { name: 'b', source_type: 'PUSH' };
    for (const [op, more] of [
      ['session.complete', {}],
      ['file.add', { spec }],
      ['file.remove', { file_name: 'a.iso' }]
    ] as const) {
      expect(s.refusal(op, { update_session_id: id, ...more })).toContain('operation_in_wrong_state');
    }
    s.put(transfer, 'hello');
    expect(s.get(id).state).toBe('DONE');
  });

  it('should wait for the last one', () => {
    const { s, id, transfer } = pulling();
    const spec = { name: 'b', source_type: 'PULL', source_endpoint };
    s.do('file.add', { update_session_id: id, spec });
    s.complete(id);
    s.put(transfer, 'hello');
    expect(s.get(id).state).toBe('ACTIVE');
    s.put(pendingPulls(s.state)[0]!.transfer, 'x');
    expect(s.get(id).state).toBe('DONE');
  });

  it('should take the session along when it fails, before complete and after', () => {
    for (const asked of [false, true]) {
      const { s, id, transfer } = pulling();
      if (asked) s.complete(id);
      s.happen({ type: 'transferFailed', transfer, message: 'no route to host' });
      expect(s.get(id)).toMatchObject({
        state: 'ERROR',
        error_message: { default_message: expect.stringContaining('Reason: no route to host') }
      });
    }
  });

  it('should take the session along when it is not what was announced', () => {
    for (const asked of [false, true]) {
      const { s, id, transfer } = pulling();
      if (asked) s.complete(id);
      s.put(transfer, 'hell');
      expect(s.get(id)).toMatchObject({ state: 'ERROR', error_message: { id: 'shelver.simulator.size_mismatch' } });
    }
  });

  it('should leave an open session as it is when it succeeds', () => {
    const { s, id, transfer } = pulling();
    s.put(transfer, 'hello');
    expect(s.get(id).state).toBe('ACTIVE');
    s.complete(id);
    expect(s.get(id).state).toBe('DONE');
  });

  it('should take a size of -1 for one that the source does not tell, and only then', () => {
    const { s, id } = pulling();
    const added = (source_type: string) => ({
      update_session_id: id,
      spec: { name: 'b', source_type, source_endpoint, size: -1 }
    });
    expect(s.do('file.add', added('PULL'))).toMatchObject({ name: 'b' });
    expect(s.refusal('file.add', added('PUSH'))).toContain('bad_size');
  });

  it('should need a source that may be read', () => {
    const { s, id } = pulling({ readStorage: false });
    const refusal = (endpoint: unknown) =>
      s.refusal('file.add', {
        update_session_id: id,
        spec: { name: 'b', source_type: 'PULL', source_endpoint: endpoint }
      });
    expect(refusal(undefined)).toContain('missing_property uri');
    expect(refusal({ uri: 'ftp://x/y' })).toContain('unsupported_uri_scheme');
    expect(refusal({ uri: 'nowhere' })).toContain('unsupported_uri_scheme');
    expect(refusal({ uri: 'ds:///vmfs/x' })).toContain('UNAUTHORIZED');
    expect(refusal({ uri: 'file:///x' })).toContain('ContentLibrary.ReadStorage');
    const reader = new Service();
    const spec = { name: 'b', source_type: 'PULL', source_endpoint: { uri: 'ds:///x' } };
    reader.do('file.add', { update_session_id: reader.session(), spec });
  });
});
