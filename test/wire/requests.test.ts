// How the simulator reads requests that its own client would not write.
import { describe, expect, it } from 'vitest';
import type { TokenPlace } from '../../src/wire/codec.ts';
import { decodeRequest, dialectOf, type IncomingRequest } from '../../src/wire/requests.ts';

const API = '/api/content/library/item';
const REST = '/rest/com/vmware/content/library/item';

function read(method: string, url: string, more: Partial<IncomingRequest> = {}, tokenPlace?: TokenPlace) {
  return decodeRequest({ method, url, headers: {}, ...more }, tokenPlace ? { tokenPlace } : {});
}
function args(...call: Parameters<typeof read>) {
  const found = read(...call);
  if (!found || found.error) throw new Error(`refused: ${JSON.stringify(found)}`);
  return found.args;
}
function refusal(...call: Parameters<typeof read>) {
  const found = read(...call);
  if (!found?.error) throw new Error('not refused');
  return `${found.error.error_type}: ${found.error.messages[0]?.default_message}`;
}

describe('a request from elsewhere', () => {
  it('should be known by its action, encoded or not', () => {
    for (const action of ['~action', '%7Eaction', '%7eaction']) {
      expect(read('POST', `${REST}/update-session/id:a:b?${action}=cancel`)).toEqual({
        op: 'session.cancel',
        dialect: 'rest',
        args: { update_session_id: 'a:b' }
      });
    }
  });

  it('should be unknown with an action that there is not, without id:, or at no path of the service', () => {
    expect(read('POST', `${REST}/update-session/id:a?~action=explode`)).toBeUndefined();
    expect(read('POST', `${API}/update-session/a?~action=cancel`)).toBeUndefined();
    expect(read('GET', `${REST}/update-session/a`)).toBeUndefined();
    expect(read('GET', `${REST}/update-session/id:`)).toBeUndefined();
    expect(read('PUT', `${API}/update-session/a`)).toBeUndefined();
    expect(read('GET', '/')).toBeUndefined();
    expect(dialectOf('/rest/x')).toBe('rest');
    expect(dialectOf('/elsewhere')).toBe('api');
  });

  it('should take an id of the literal kind before one of any kind', () => {
    expect(read('GET', `${API}?library_id=L`)).toMatchObject({ op: 'item.list', args: { library_id: 'L' } });
    expect(read('GET', '/api/content/library/L')).toMatchObject({ op: 'library.get' });
    expect(read('GET', `${API}/I/file`)).toMatchObject({ op: 'itemFile.list' });
    expect(read('GET', `${API}/download-session/s/file`)).toMatchObject({ op: 'downloadFile.list' });
    expect(read('GET', `${API}/download-session/s/file?file_name=a`)).toMatchObject({
      op: 'downloadFile.get',
      args: { file_name: 'a' }
    });
    expect(refusal('GET', `${API}/download-session/s/file?name=a`)).toContain('Unsupported property with name: name.');
    expect(read('GET', `${API}/I/file?name=a`)).toMatchObject({ op: 'itemFile.get', args: { name: 'a' } });
  });

  it('should tolerate the actions that live servers tolerate', () => {
    const body = '{"name":"a","source_type":"PUSH"}';
    expect(read('POST', `${API}/update-session/s/file?action=add`, { body })).toMatchObject({ op: 'file.add' });
    const spec = '{"create_spec":{"library_item_id":"i"}}';
    expect(read('POST', `${REST}/update-session?~action=create`, { body: spec })).toMatchObject({
      op: 'session.create'
    });
  });

  it('should take a client token from every place that is documented', () => {
    const url = `${API}/update-session`;
    const body = '{"library_item_id":"i"}';
    expect(args('POST', url, { body, headers: { 'client-token': 't' } })).toMatchObject({ client_token: 't' });
    expect(args('POST', url, { body, headers: { client_token: 't' } })).toMatchObject({ client_token: 't' });
    expect(args('POST', `${url}?client_token=t`, { body })).toMatchObject({ client_token: 't' });
    const wrapped = '{"client_token":"t","create_spec":{"library_item_id":"i"}}';
    expect(args('POST', `${REST}/update-session`, { body: wrapped })).toEqual({
      client_token: 't',
      spec: { library_item_id: 'i' }
    });
    expect(args('POST', url, { body, headers: { 'client-token': ['t', 'u'] } })).not.toHaveProperty('client_token');
  });

  it('should take a client token only where the profile says', () => {
    const url = `${API}/update-session`;
    const headers = { 'client-token': 't' };
    expect(args('POST', url, { body: '{}', headers }, 'query')).toEqual({ spec: {} });
    expect(refusal('POST', `${url}?client_token=t`, { body: '{}' }, 'header')).toContain('client_token');
    expect(args('POST', url, { body: '{}', headers }, 'body')).toMatchObject({ client_token: 't' });
    expect(refusal('POST', `${REST}/update-session`, { body: '{"client_token":"t"}' }, 'none')).toContain(
      'client_token'
    );
    expect(args('GET', url, { headers })).toEqual({});
  });

  it('should take null for unset', () => {
    const body = '{"name":"a","source_type":"PUSH","size":null,"checksum_info":{"checksum":"ab","algorithm":null}}';
    expect(args('POST', `${API}/update-session/s/file`, { body }).spec).toEqual({
      name: 'a',
      source_type: 'PUSH',
      checksum_info: { checksum: 'ab' }
    });
    expect(args('POST', `${API}/update-session`, { body: 'null' })).toEqual({});
  });

  it('should take an empty body or object where there is nothing to say', () => {
    const url = `${API}/update-session/s?action=complete`;
    for (const body of [undefined, '', ' ', '{}'])
      expect(args('POST', url, { body })).toEqual({ update_session_id: 's' });
    expect(args('POST', `${API}/update-session`, {})).toEqual({ spec: {} });
  });

  it('should be refused for a property that there is not, as the real text says', () => {
    const sentence = (name: string) => `INVALID_ARGUMENT: Unsupported property with name: ${name}.`;
    expect(refusal('POST', `${API}/update-session`, { body: '{"library_item":"i"}' })).toBe(sentence('library_item'));
    expect(refusal('GET', `${API}/update-session?foo=1`)).toBe(sentence('foo'));
    expect(refusal('POST', `${REST}/update-session`, { body: '{"__proto__":{}}' })).toBe(sentence('__proto__'));
    expect(refusal('POST', `${API}/update-session`, { body: '{"warning_behavior":[{"typ":"x"}]}' })).toBe(
      sentence('typ')
    );
    expect(refusal('POST', `${API}/update-session/s?action=complete`, { body: '{"x":1}' })).toBe(sentence('x'));
  });

  it('should be refused for a value of the wrong type, saying which', () => {
    const url = `${API}/update-session/s/file`;
    expect(refusal('POST', url, { body: '{"size":"5"}' })).toContain('The value of size is not an integer.');
    expect(refusal('POST', url, { body: '{"name":5}' })).toContain('The value of name is not a string.');
    expect(refusal('POST', url, { body: '{"checksum_info":[]}' })).toContain('checksum_info is not an object');
    expect(refusal('POST', url, { body: '5' })).toContain('is not an object');
    const session = `${API}/update-session`;
    expect(refusal('POST', session, { body: '{"warning_behavior":{}}' })).toContain('warning_behavior is not a list');
    expect(refusal('POST', session, { body: '{"warning_behavior":[{"ignored":1}]}' })).toContain(
      'ignored is not a boolean'
    );
  });

  it('should be refused when body or path cannot be read', () => {
    expect(refusal('POST', `${API}/update-session`, { body: '{' })).toContain('not JSON');
    expect(refusal('GET', `${API}/update-session/%E0%A4`)).toContain('not percent-encoded');
  });

  it('should take the first of a repeated query argument', () => {
    expect(args('GET', `${API}?library_id=a&library_id=b`)).toEqual({ library_id: 'a' });
  });
});
