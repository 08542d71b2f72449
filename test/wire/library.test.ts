// The ContentLibrary port over one function that makes a call, and the models as servers of every kind send them.
import { describe, expect, it } from 'vitest';
import { PortFailure, type ServerProfile } from '../../src/ports.ts';
import { contentLibrary, type WireCall } from '../../src/wire/library.ts';

const server = { name: 'test' } as ServerProfile;

/** A port whose every call answers `value`, and what was called. */
function answering(value: unknown, serverNow?: number) {
  const calls: unknown[] = [];
  const call: WireCall = async (op, args, options) => {
    calls.push({ op, args, options });
    return { value, serverNow };
  };
  return { port: contentLibrary(server, call), calls };
}

describe('the port', () => {
  it('should make one call an operation, with neutral arguments', async () => {
    const { port, calls } = answering([]);
    const signal = new AbortController().signal;
    await port.listLibraries({ signal });
    await port.findLibraries({ name: 'x' });
    await port.listItems('l');
    await port.findItems({ libraryId: 'l', name: 'n' });
    await port.listItemFiles('i');
    await port.listSessions({ itemId: 'i' });
    await port.listSessions();
    await port.listFiles('s');
    await port.deleteLibrary('l');
    await port.deleteItem('i');
    await port.updateSession('s', { warnings: [{ type: 'T', ignored: true }] });
    await port.keepAlive('s', 41.7);
    await port.keepAlive('s');
    await port.complete('s');
    await port.cancelSession('s');
    await port.failSession('s', 'why');
    await port.deleteSession('s');
    await port.removeFile('s', 'f');
    await port.listDownloadSessions({ itemId: 'i' });
    await port.listDownloadSessions();
    await port.keepDownloadAlive('d', 41.7);
    await port.keepDownloadAlive('d');
    await port.cancelDownload('d');
    await port.failDownload('d', 'why');
    await port.deleteDownloadSession('d');
    await port.listDownloadFiles('d');
    await port.keepLogin();
    const download = { download_session_id: 'd' };
    const session = { update_session_id: 's' };
    expect(calls).toEqual([
      { op: 'library.list', args: {}, options: { signal } },
      { op: 'library.find', args: { spec: { name: 'x' } }, options: {} },
      { op: 'item.list', args: { library_id: 'l' }, options: {} },
      { op: 'item.find', args: { spec: { library_id: 'l', name: 'n' } }, options: {} },
      { op: 'itemFile.list', args: { library_item_id: 'i' }, options: {} },
      { op: 'session.list', args: { library_item_id: 'i' }, options: {} },
      { op: 'session.list', args: {}, options: {} },
      { op: 'file.list', args: session, options: {} },
      { op: 'localLibrary.delete', args: { library_id: 'l' }, options: {} },
      { op: 'item.delete', args: { library_item_id: 'i' }, options: {} },
      {
        op: 'session.update',
        args: { ...session, spec: { warning_behavior: [{ type: 'T', ignored: true }] } },
        options: {}
      },
      { op: 'session.keepAlive', args: { ...session, client_progress: 41 }, options: {} },
      { op: 'session.keepAlive', args: session, options: {} },
      { op: 'session.complete', args: session, options: {} },
      { op: 'session.cancel', args: session, options: {} },
      { op: 'session.fail', args: { ...session, client_error_message: 'why' }, options: {} },
      { op: 'session.delete', args: session, options: {} },
      { op: 'file.remove', args: { ...session, file_name: 'f' }, options: {} },
      { op: 'download.list', args: { library_item_id: 'i' }, options: {} },
      { op: 'download.list', args: {}, options: {} },
      { op: 'download.keepAlive', args: { ...download, progress: 41 }, options: {} },
      { op: 'download.keepAlive', args: download, options: {} },
      { op: 'download.cancel', args: download, options: {} },
      { op: 'download.fail', args: { ...download, client_error_message: 'why' }, options: {} },
      { op: 'download.delete', args: download, options: {} },
      { op: 'downloadFile.list', args: download, options: {} },
      { op: 'login.get', args: {}, options: {} }
    ]);
    expect(port.server).toBe(server);
  });

  it('should pass the token of a create call on', async () => {
    const { port, calls } = answering('id');
    expect(await port.createSession({ itemId: 'i', warnings: [] }, { token: 't' })).toBe('id');
    expect(await port.createItem({ libraryId: 'l', name: 'n', type: 'iso' }, { token: 't' })).toBe('id');
    expect(await port.createLibrary({ name: 'n', datastoreId: 'd' })).toBe('id');
    expect(await port.createLibrary({ name: 'n' })).toBe('id');
    expect(await port.createDownloadSession({ itemId: 'i' }, { token: 't' })).toBe('id');
    expect(calls).toEqual([
      { op: 'session.create', args: { spec: { library_item_id: 'i', warning_behavior: [] } }, options: { token: 't' } },
      { op: 'item.create', args: { spec: { library_id: 'l', name: 'n', type: 'iso' } }, options: { token: 't' } },
      {
        op: 'localLibrary.create',
        args: { spec: { name: 'n', type: 'LOCAL', storage_backings: [{ type: 'DATASTORE', datastore_id: 'd' }] } },
        options: {}
      },
      {
        op: 'localLibrary.create',
        args: { spec: { name: 'n', type: 'LOCAL', storage_backings: [{ type: 'OTHER' }] } },
        options: {}
      },
      { op: 'download.create', args: { spec: { library_item_id: 'i' } }, options: { token: 't' } }
    ]);
  });

  it('should not take an answer without an id for a made thing', async () => {
    for (const value of [undefined, '', {}]) {
      await expect(answering(value).port.createSession({ itemId: 'i' })).rejects.toThrow(
        'the server answered session.create without an id'
      );
    }
  });

  it('should say that a file is not there where the server says nothing', async () => {
    const missing = answering(undefined).port.getFile('s', 'a.iso');
    await expect(missing).rejects.toBeInstanceOf(PortFailure);
    await expect(missing).rejects.toMatchObject({ failure: { code: 'INVALID_ARGUMENT' } });
  });

  it('should say that a model is not there', async () => {
    await expect(answering(undefined).port.getSession('s')).rejects.toMatchObject({
      failure: { code: 'NOT_THE_SERVICE' }
    });
    await expect(answering([]).port.getItem('i')).rejects.toThrow('without the item');
  });

  it('should send what a pulled file needs', async () => {
    const { port, calls } = answering({ name: 'a' });
    const source = { uri: 'https://x/a', thumbprint: 'AA:BB', certificate: 'PEM' };
    await port.addFile('s', {
      name: 'a',
      sourceType: 'PULL',
      source,
      digest: { algorithm: 'MD5', checksum: 'ab' },
      size: 3
    });
    await port.addFile('s', { name: 'a', sourceType: 'PUSH' });
    expect(calls).toMatchObject([
      {
        args: {
          update_session_id: 's',
          spec: {
            name: 'a',
            source_type: 'PULL',
            size: 3,
            checksum_info: { algorithm: 'MD5', checksum: 'ab' },
            source_endpoint: { uri: 'https://x/a', ssl_certificate_thumbprint: 'AA:BB', ssl_certificate: 'PEM' }
          }
        }
      },
      { args: { spec: { name: 'a', source_type: 'PUSH' } } }
    ]);
  });
});

describe('a model', () => {
  it('should be read as a session, with the server clock', async () => {
    const model = {
      library_item_id: 'i',
      library_item_content_version: '3',
      client_progress: 7,
      state: 'ERROR',
      expiration_time: '2015-01-01T22:13:05.651Z',
      error_message: { id: 'x', default_message: 'broken', args: [] },
      preview_info: {
        state: 'AVAILABLE',
        warnings: [
          { type: 'NEW_WARNING', message: { default_message: 'w' }, ignored: true },
          { type: 'SELF_SIGNED_CERTIFICATE' }
        ]
      }
    };
    expect(await answering(model, 99).port.getSession('s')).toEqual({
      id: 's',
      state: 'ERROR',
      itemId: 'i',
      contentVersion: '3',
      expiresAt: Date.parse('2015-01-01T22:13:05.651Z'),
      serverNow: 99,
      progress: 7,
      errorMessage: 'broken',
      preview: {
        state: 'AVAILABLE',
        warnings: [
          { type: 'NEW_WARNING', message: 'w', ignored: true },
          { type: 'SELF_SIGNED_CERTIFICATE', message: '', ignored: false }
        ]
      }
    });
  });

  it('should be read whatever the fraction and zone of its dates', async () => {
    const expires = async (expiration_time: unknown) =>
      (await answering({ expiration_time }).port.getSession('s')).expiresAt;
    const at = Date.parse('2015-01-01T22:13:05.651Z');
    expect(await expires('2015-01-01T22:13:05.651999999Z')).toBe(at);
    expect(await expires('2015-01-01T23:13:05.651+01:00')).toBe(at);
    expect(await expires('2015-01-01T22:13:05.651')).toBe(at);
    expect(await expires('2015-01-01T22:13:05Z')).toBe(at - 651);
    expect(await expires('soon')).toBeUndefined();
    expect(await expires(5)).toBeUndefined();
  });

  it('should keep words and fields that are newer than this library', async () => {
    const session = await answering({ state: 'PAUSED', mood: 'good' }).port.getSession('s');
    expect(session).toEqual({ id: 's', state: 'PAUSED', itemId: '', extra: { mood: 'good' } });
    const file = await answering({
      name: 'a',
      status: 'NAPPING',
      source_type: 'BEAM',
      size: Number.NaN,
      zip: 1
    }).port.getFile('s', 'a');
    expect(file).toEqual({ name: 'a', sourceType: 'BEAM', status: 'NAPPING', bytesTransferred: 0, extra: { zip: 1 } });
  });

  it('should be read as a download session and its files', async () => {
    const model = {
      id: 'of the server',
      library_item_id: 'i',
      library_item_content_version: '3',
      client_progress: 7,
      state: 'ERROR',
      expiration_time: '2015-01-01T22:13:05.651Z',
      error_message: { id: 'x', default_message: 'broken', args: [] },
      mood: 'good'
    };
    expect(await answering(model, 99).port.getDownloadSession('d')).toEqual({
      id: 'd',
      state: 'ERROR',
      itemId: 'i',
      contentVersion: '3',
      expiresAt: Date.parse('2015-01-01T22:13:05.651Z'),
      serverNow: 99,
      progress: 7,
      errorMessage: 'broken',
      extra: { mood: 'good' }
    });
    const info = {
      name: 'a',
      status: 'PREPARED',
      bytes_transferred: 5,
      size: 5,
      checksum_info: { checksum: 'ABCD' },
      download_endpoint: { uri: 'https://vc/cls/data/u/a' },
      error_message: null
    };
    const file = {
      name: 'a',
      status: 'PREPARED',
      bytesTransferred: 5,
      size: 5,
      digest: { algorithm: 'SHA1', checksum: 'abcd' },
      downloadUri: 'https://vc/cls/data/u/a'
    };
    const failed = { name: 'b', status: 'NAPPING', error_message: { default_message: 'no' }, zip: 1 };
    const { port, calls } = answering(info);
    expect(await port.getDownloadFile('d', 'a')).toEqual(file);
    expect(await port.prepareFile('d', 'a')).toEqual(file);
    const args = { download_session_id: 'd', file_name: 'a' };
    expect(calls).toMatchObject([{ args }, { args: { ...args, endpoint_type: 'HTTPS' } }]);
    expect(await answering([info, failed]).port.listDownloadFiles('d')).toEqual([
      file,
      { name: 'b', status: 'NAPPING', bytesTransferred: 0, errorMessage: 'no', extra: { zip: 1 } }
    ]);
    expect(await answering(null).port.listDownloadFiles('d')).toEqual([]);
    await expect(answering(undefined).port.getDownloadSession('d')).rejects.toThrow('without the download session');
    await expect(answering('').port.prepareFile('d', 'a')).rejects.toThrow('without the file of the download session');
  });

  it('should be read as a file, library, item, item file', async () => {
    const info = {
      name: 'a',
      source_type: 'PUSH',
      status: 'READY',
      bytes_transferred: 5,
      size: 5,
      checksum_info: { algorithm: 'SHA256', checksum: 'ABCD' },
      upload_endpoint: { uri: 'https://vc/cls/data/u/a' },
      error_message: { default_message: 'no' }
    };
    expect(await answering([info, null, 5]).port.listFiles('s')).toEqual([
      {
        name: 'a',
        sourceType: 'PUSH',
        status: 'READY',
        bytesTransferred: 5,
        size: 5,
        digest: { algorithm: 'SHA256', checksum: 'abcd' },
        uploadUri: 'https://vc/cls/data/u/a',
        errorMessage: 'no'
      }
    ]);
    const library = await answering({ name: 'L', type: 'LOCAL' }).port.getLibrary('l');
    expect(library).toEqual({ id: 'l', name: 'L', type: 'LOCAL' });
    const item = await answering({
      library_id: 'l',
      name: 'I',
      type: 'iso',
      content_version: '2',
      size: 9
    }).port.getItem('i');
    expect(item).toEqual({ id: 'i', libraryId: 'l', name: 'I', type: 'iso', contentVersion: '2', size: 9 });
    const files = [
      { name: 'a', size: 1, version: '2', checksum_info: { checksum: 'AB' } },
      { name: 'b', checksum_info: {} }
    ];
    expect(await answering(files).port.listItemFiles('i')).toEqual([
      { name: 'a', size: 1, version: '2', digest: { algorithm: 'SHA1', checksum: 'ab' } },
      { name: 'b' }
    ]);
  });

  it('should be one file where a server lists a name twice, as it was told last', async () => {
    const files = [{ name: 'a', size: 1 }, { name: 'b' }, { name: 'a', size: 2 }];
    expect(await answering(files).port.listItemFiles('i')).toEqual([{ name: 'a', size: 2 }, { name: 'b' }]);
  });

  it('should be empty lists where a server says null', async () => {
    const { port } = answering(null);
    expect(await port.listSessions()).toEqual([]);
    expect(await port.listItemFiles('i')).toEqual([]);
    expect(await answering({ has_errors: false, missing_files: null, invalid_files: null }).port.validate('s')).toEqual(
      {
        hasErrors: false,
        missing: [],
        invalid: []
      }
    );
    expect(await answering(['a', 5, null]).port.listLibraries()).toEqual(['a']);
  });

  it('should be read as a validation', async () => {
    const model = {
      missing_files: ['b'],
      invalid_files: [{ name: 'a', error_message: { default_message: 'bad' } }, { name: 'c' }]
    };
    expect(await answering(model).port.validate('s')).toEqual({
      hasErrors: true,
      missing: ['b'],
      invalid: [
        { name: 'a', message: 'bad' },
        { name: 'c', message: '' }
      ]
    });
    expect((await answering({ has_errors: true }).port.validate('s')).hasErrors).toBe(true);
  });
});
