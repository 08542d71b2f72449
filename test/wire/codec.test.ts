// How requests are written, and what is read in answers (round-trip.test.ts holds both ends against each other).
import { describe, expect, it } from 'vitest';
import { decodeResult, encodeRequest } from '../../src/wire/codec.ts';
import type { Dialect, OperationName } from '../../src/wire/operations.ts';

describe('a request', () => {
  it('should carry its token nowhere when the server knows none', () => {
    const args = { spec: { library_item_id: 'i' }, client_token: '7d9a2c10-0000-4000-8000-000000000000' };
    const request = encodeRequest('session.create', 'rest', args, { tokenPlace: 'none' });
    expect(JSON.stringify(request)).not.toContain('7d9a2c10');
  });

  it('should carry its token in the header when the body is the model itself', () => {
    const args = { spec: {}, client_token: 't' };
    const { headers, body } = encodeRequest('session.create', 'api', args, { tokenPlace: 'body' });
    expect(headers).toEqual({ 'client-token': 't' });
    expect(body).toEqual({});
  });

  it('should leave the colon of a real session id as it is, and encode the rest', () => {
    const args = { update_session_id: 'e1a0:9c7e', file_name: 'a b/ü.iso' };
    const { path } = encodeRequest('file.get', 'api', args, { tokenPlace: 'none' });
    expect(path).toBe('/api/content/library/item/update-session/e1a0:9c7e/file/a%20b%2F%C3%BC.iso');
  });

  it('should be written as the documentation prints it', () => {
    const args = { update_session_id: 'u:1', client_error_message: 'no', client_progress: 5 };
    const write = (op: OperationName, dialect: Dialect) => encodeRequest(op, dialect, args, { tokenPlace: 'header' });
    expect(write('session.complete', 'api')).toEqual({
      method: 'POST',
      path: '/api/content/library/item/update-session/u:1?action=complete',
      headers: {}
    });
    expect(write('session.complete', 'rest').path).toBe(
      '/rest/com/vmware/content/library/item/update-session/id:u:1?~action=complete'
    );
    expect(write('session.fail', 'rest').body).toEqual({ client_error_message: 'no' });
    expect(write('session.keepAlive', 'api').body).toEqual({ client_progress: 5 });
    const download = { download_session_id: 'd:1', file_name: 'a b', progress: 5 };
    const writeDownload = (op: OperationName, dialect: Dialect) =>
      encodeRequest(op, dialect, download, { tokenPlace: 'header' });
    expect(writeDownload('downloadFile.get', 'api')).toMatchObject({
      method: 'GET',
      path: '/api/content/library/item/download-session/d:1/file?file_name=a%20b'
    });
    expect(writeDownload('downloadFile.prepare', 'rest')).toMatchObject({
      method: 'POST',
      path: '/rest/com/vmware/content/library/item/downloadsession/file/id:d:1?~action=prepare',
      body: { file_name: 'a b' }
    });
    expect(writeDownload('download.keepAlive', 'api').body).toEqual({ progress: 5 });
    expect(write('file.list', 'rest').path).toBe(
      '/rest/com/vmware/content/library/item/updatesession/file?update_session_id=u%3A1'
    );
  });
});

describe('a result', () => {
  it('should be an empty list where the server says null, or nothing', () => {
    for (const body of ['{"value":null}', '{"value":[]}', '', undefined, 'null']) {
      expect(decodeResult('session.list', 'rest', body)).toEqual([]);
    }
    expect(decodeResult('file.list', 'api', 'null')).toEqual([]);
  });

  it('should be undefined where there is none', () => {
    expect(decodeResult('file.get', 'rest', '')).toBeUndefined();
    expect(decodeResult('file.get', 'rest', '{"value":null}')).toBeUndefined();
  });

  it('should not need JSON where nothing is expected', () => {
    expect(decodeResult('session.complete', 'rest', '<html>')).toBeUndefined();
  });

  it('should not be asked for where a dialect lacks the operation', () => {
    expect(() => encodeRequest('file.probe', 'api', {}, { tokenPlace: 'header' })).toThrow(
      'there is no file.probe in the dialect api'
    );
  });

  it('should say which answer is not JSON', () => {
    expect(() => decodeResult('session.get', 'api', '<html>')).toThrow('the answer to session.get is not JSON');
  });

  it('should be read bare in /rest when no envelope is there', () => {
    expect(decodeResult('session.create', 'rest', '"id"')).toBe('id');
  });
});
