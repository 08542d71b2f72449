// The dialect of 2014 as it was printed: the examples of its documentation, character by character, and the forms that its
// tables list.
import { describe, expect, it } from 'vitest';
import { decodeResult, encodeRequest, encodeResult } from '../../src/wire/codec.ts';
import { MEDIA_TYPES } from '../../src/wire/media.ts';
import { type OperationName, operationNames } from '../../src/wire/operations.ts';
import { formOf, formsOf, xmlNameOf } from '../../src/wire/preview-2014.ts';
import { decodeRequest } from '../../src/wire/requests.ts';

const FILE = '/com/vmware/content/library/item/updatesession/file';
const ADD_XML = `<?xml version="1.0" ?>
<ns0:Add-Input xmlns:ns0="http://vmware.com/content/library/item/updatesession/file" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <update_session_id>obj-103</update_session_id>
  <file_spec>
    <source_endpoint>
      <ssl_certificate_thumbprint>string</ssl_certificate_thumbprint>
      <uri>http://myurl.com</uri>
    </source_endpoint>
    <name>string</name>
    <source_type>NONE</source_type>
    <checksum_info>
      <checksum>string</checksum>
      <algorithm>SH_a1</algorithm>
    </checksum_info>
    <size>10</size>
  </file_spec>
</ns0:Add-Input>`;
const ADD_FORM = `
&update_session_id=obj-103
&file_spec.source_endpoint.ssl_certificate_thumbprint=string
&file_spec.source_endpoint.uri=http%3A%2F%2Fmyurl.com
&file_spec.name=string
&file_spec.source_type=NONE
&file_spec.checksum_info.checksum=string
&file_spec.checksum_info.algorithm=SH_a1
&file_spec.size=10`;
const ADD_JSON = JSON.stringify({
  file_spec: {
    checksum_info: { algorithm: 'SH_a1', checksum: 'string' },
    name: 'string',
    size: 10,
    source_endpoint: { ssl_certificate_thumbprint: 'string', uri: 'http://myurl.com' },
    source_type: 'NONE'
  },
  update_session_id: 'obj-103'
});
const ADDED = {
  op: 'file.add',
  dialect: '2014',
  args: {
    update_session_id: 'obj-103',
    spec: {
      source_endpoint: { ssl_certificate_thumbprint: 'string', uri: 'http://myurl.com' },
      name: 'string',
      source_type: 'NONE',
      checksum_info: { checksum: 'string', algorithm: 'SHA1' },
      size: 10
    }
  }
};

const read = (method: string, url: string, type: keyof typeof MEDIA_TYPES = 'json', body?: string) =>
  decodeRequest({ method, url, headers: { 'content-type': MEDIA_TYPES[type] }, body }, { dialect: '2014' });
const refusal = (...asked: Parameters<typeof read>) => read(...asked)?.error?.messages[0]?.default_message;

describe('the printed examples', () => {
  it.each([
    ['json', ADD_JSON],
    ['xml', ADD_XML],
    ['form', ADD_FORM]
  ] as const)('should be read: adding a file, in %s', (type, body) => {
    expect(read('POST', `${FILE}?~action=add`, type, body)).toEqual(ADDED);
    expect(read('POST', `/rest${FILE}?%7Eaction=add`, type, body)).toEqual(ADDED);
  });

  it('should be read: adding a file, all of it in the query', () => {
    expect(read('POST', `${FILE}?~action=add${ADD_FORM.replaceAll('\n', '')}`)).toEqual(ADDED);
  });

  it('should be read: adding a file, the session in the path', () => {
    const body = ADD_XML.replace('<update_session_id>obj-103</update_session_id>', '');
    expect(read('POST', `${FILE}/id:obj-103?~action=add`, 'xml', body)).toEqual(ADDED);
  });

  it('should be read: the answer to it', () => {
    const added = `<?xml version="1.0" ?>
<ns0:Add-Result xmlns:ns0="http://vmware.com/content/library/item/updatesession/file" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <value>
    <source_endpoint>
      <ssl_certificate_thumbprint>string</ssl_certificate_thumbprint>
      <uri>http://myurl.com</uri>
    </source_endpoint>
    <status>WAITING_FOR_TRANSFER</status>
    <error_message>
      <default_message>string</default_message>
      <id>string</id>
      <args-array>
        <array-item>string</array-item>
        <array-item>string</array-item>
      </args-array>
    </error_message>
    <bytes_transferred>10</bytes_transferred>
    <newer>than <b>this</b></newer>
  </value>
</ns0:Add-Result>`;
    expect(decodeResult('file.add', '2014', added)).toEqual({
      source_endpoint: { ssl_certificate_thumbprint: 'string', uri: 'http://myurl.com' },
      status: 'WAITING_FOR_TRANSFER',
      error_message: { default_message: 'string', id: 'string', args: ['string', 'string'] },
      bytes_transferred: 10,
      newer: { b: 'this' }
    });
  });

  it('should be read: creating a download session, and written: its answer', () => {
    const body = `<?xml version="1.0" ?>
<ns0:Create-Input xmlns:ns0="http://vmware.com/content/library/item/download_session" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <create_spec>
    <id>obj-103</id>
    <library_item_id>obj-103</library_item_id>
    <client_progress>1</client_progress>
    <error_message>
      <default_message>string</default_message>
      <id>string</id>
      <args-array>
        <array-item>string</array-item>
        <array-item>string</array-item>
      </args-array>
    </error_message>
    <state>ACTIVE</state>
    <expiration_time>2015-01-01T22:13:05.651Z</expiration_time>
    <library_item_content_version>string</library_item_content_version>
  </create_spec>
  <client_token>string</client_token>
</ns0:Create-Input>`;
    expect(read('POST', '/com/vmware/content/library/item/download-session', 'xml', body)).toEqual({
      op: 'download.create',
      dialect: '2014',
      args: {
        client_token: 'string',
        spec: {
          id: 'obj-103',
          library_item_id: 'obj-103',
          client_progress: 1,
          error_message: { default_message: 'string', id: 'string', args: ['string', 'string'] },
          state: 'ACTIVE',
          expiration_time: '2015-01-01T22:13:05.651Z',
          library_item_content_version: 'string'
        }
      }
    });
    expect(encodeResult('download.create', '2014', 'obj-103', 'xml')).toEqual({
      status: 200,
      xml: `<?xml version="1.0" encoding="UTF-8"?>
<ns0:Create-Result xmlns:ns0="http://vmware.com/content/library/item/download_session"><value>obj-103</value></ns0:Create-Result>`
    });
  });

  it('should be read in /rest of 6.5, where XML is known and a form is not', () => {
    const headers = (type: keyof typeof MEDIA_TYPES) => ({ 'content-type': `${MEDIA_TYPES[type]}; charset=utf-8` });
    const asked = { method: 'POST', url: `/rest${FILE}/id:s?~action=get` };
    const xml = `<a:Get-Input xmlns:a="${xmlNameOf('file.get').namespace}"><file_name>f</file_name></a:Get-Input>`;
    const found = { op: 'file.get', dialect: 'rest', args: { update_session_id: 's', file_name: 'f' } };
    const encodings = ['json', 'xml'] as const;
    expect(decodeRequest({ ...asked, headers: headers('xml'), body: xml }, { encodings })).toEqual(found);
    expect(decodeRequest({ ...asked, headers: headers('form'), body: 'file_name=f' }, { encodings })).toMatchObject({
      error: { error_type: 'INVALID_ARGUMENT' }
    });
    expect(decodeRequest({ ...asked, headers: headers('xml'), body: xml })).toMatchObject({
      error: { error_type: 'INVALID_ARGUMENT' }
    });
  });
});

describe('the forms of a request', () => {
  const waysOf = (op: OperationName) =>
    [...formsOf(op)].map(([form, { method, path, action, body }]) => {
      const [, place] = /^\/com\/vmware\/content\/library\/item(.*)$/.exec(path) ?? [];
      const query = action === undefined ? '' : `?~action=${action}`;
      return `${form} ${method} ${place}${query} ${Object.keys(body ?? {}).join(' ')}`.trim();
    });

  it('should be those that the documentation lists', () => {
    expect(waysOf('session.create')).toEqual([
      '1 POST /update-session create_spec',
      '2 POST /update-session?~action=create create_spec'
    ]);
    expect(waysOf('session.get')).toEqual([
      '1 GET /update-session/id:{update_session_id}',
      '2 POST /update-session/id:{update_session_id}?~action=get',
      '3 POST /update-session?~action=get update_session_id'
    ]);
    expect(waysOf('session.list')).toEqual([
      '1 GET /update-session',
      '2 POST /update-session/id:{library_item_id}?~action=list',
      '3 POST /update-session?~action=list library_item_id'
    ]);
    expect(waysOf('downloadFile.list')).toEqual([
      '1 GET /downloadsession/file',
      '2 POST /downloadsession/file/id:{download_session_id}?~action=list',
      '3 POST /downloadsession/file?~action=list download_session_id'
    ]);
    expect(waysOf('download.delete')).toEqual([
      '1 DELETE /download-session/id:{download_session_id}',
      '2 POST /download-session/id:{download_session_id}?~action=delete',
      '3 POST /download-session?~action=delete download_session_id'
    ]);
    expect(waysOf('session.keepAlive')).toEqual([
      '2 POST /update-session/id:{update_session_id}?~action=keep-alive client_progress',
      '3 POST /update-session?~action=keep-alive client_progress update_session_id'
    ]);
    expect(waysOf('downloadFile.prepare')).toEqual([
      '2 POST /downloadsession/file/id:{download_session_id}?~action=prepare file_name endpoint_type',
      '3 POST /downloadsession/file?~action=prepare file_name endpoint_type download_session_id'
    ]);
    expect(waysOf('item.update')).toEqual([
      '1 PATCH /id:{library_item_id} update_spec',
      '2 POST /id:{library_item_id}?~action=update update_spec',
      '3 POST ?~action=update update_spec library_item_id'
    ]);
  });

  it('should be none for what 6.0 does not have', () => {
    expect(operationNames.filter(op => formsOf(op).size === 0)).toEqual(['session.update', 'file.probe']);
    expect(formOf('session.update')).toBeUndefined();
    expect(read('PATCH', '/rest/com/vmware/content/library/item/update-session/id:a')).toBeUndefined();
    expect(() => encodeRequest('session.update', '2014', {}, { tokenPlace: 'body' })).toThrow(
      'there is no session.update in the dialect 2014'
    );
  });

  it('should be told apart, each from each', () => {
    const ways = operationNames.flatMap(op =>
      [...formsOf(op).values()].map(({ method, path, action }) =>
        [method, path.replaceAll(/\{\w+\}/g, '{}'), action].join(' ')
      )
    );
    expect(new Set(ways).size).toBe(ways.length);
  });

  it('should be the one that comes closest to what is wanted and can be said', () => {
    const pathOf = (op: OperationName, form: 1 | 2 | 3, args = {}) =>
      encodeRequest(op, '2014', args, { tokenPlace: 'body', wording: { form, bare: true } }).path;
    const list = '/com/vmware/content/library/item/update-session';
    expect(pathOf('session.list', 2, { library_item_id: 'i' })).toBe(`${list}/id:i?~action=list`);
    expect(pathOf('session.list', 2)).toBe(list);
    expect(pathOf('session.list', 3)).toBe(`${list}?~action=list`);
    expect(pathOf('session.create', 3)).toBe(`${list}?~action=create`);
    expect(pathOf('session.complete', 1, { update_session_id: 's' })).toBe(`${list}/id:s?~action=complete`);
  });

  it('should have the XML names of the documentation', () => {
    expect(xmlNameOf('session.keepAlive')).toEqual({
      stem: 'KeepAlive',
      namespace: 'http://vmware.com/content/library/item/update_session'
    });
    expect(xmlNameOf('downloadFile.prepare')).toEqual({
      stem: 'Prepare',
      namespace: 'http://vmware.com/content/library/item/downloadsession/file'
    });
    expect(xmlNameOf('file.list').stem).toBe('List');
    expect(xmlNameOf('login.create').namespace).toBe('http://vmware.com/cis/session');
    expect(xmlNameOf('system.version').namespace).toBe('http://vmware.com/appliance/system/version');
  });
});

describe('a request in the dialect of 2014', () => {
  it('should be refused for what does not belong there, in one sentence', () => {
    const url = `${FILE}?~action=add`;
    expect(refusal('POST', url, 'form', 'file_spec.nam=a')).toBe('Unsupported property with name: nam.');
    expect(refusal('POST', url, 'form', '__proto__.x=a')).toBe('Unsupported property with name: __proto__.');
    expect(refusal('POST', url, 'form', 'constructor=a')).toBe('Unsupported property with name: constructor.');
    expect(refusal('POST', url, 'form', 'file_spec.size=x')).toBe('The value of size is not an integer.');
    expect(refusal('POST', url, 'form', 'file_spec=x')).toBe('The value of file_spec is not an object.');
    expect(refusal('POST', url, 'json', '{"file_spec":{"x":1}}')).toBe('Unsupported property with name: x.');
    expect(refusal('POST', url, 'json', '{')).toBe('The body of the request is not JSON.');
    expect(refusal('POST', `${url}&a=1`, 'json', '{}')).toBe('Unsupported property with name: a.');
    expect(refusal('POST', `${url}&update_session_id=a`, 'json', '{"update_session_id":"a"}')).toBe(
      'The property update_session_id stands both in the query and in the body.'
    );
    expect(refusal('POST', `${url}&update_session_id=a`, 'form', 'update_session_id=a')).toBe(
      'The form cannot be read: update_session_id stands there twice.'
    );
    expect(refusal('GET', '/com/vmware/content/library/item?library_id=%E0%A4')).toBe(
      'The form cannot be read: it is not percent-encoded UTF-8.'
    );
  });

  it('should say part in the query and part in the body', () => {
    const url = `${FILE}?~action=get&update_session_id=s`;
    const found = { args: { update_session_id: 's', file_name: 'a b' } };
    expect(read('POST', url, 'json', '{"file_name":"a b"}')).toMatchObject(found);
    expect(read('POST', url, 'form', 'file_name=a+b')).toMatchObject(found);
    expect(read('POST', `${url}&file_name=a%20b`)).toMatchObject(found);
  });

  it('should carry its token in the body, or in a header', () => {
    const url = '/com/vmware/content/library/item/update-session';
    const spec = { library_item_id: 'i' };
    const form = read('POST', url, 'form', 'client_token=t&create_spec.library_item_id=i');
    expect(form).toMatchObject({ args: { client_token: 't', spec } });
    const inHeader = decodeRequest(
      { method: 'POST', url, headers: { 'client-token': 't' }, body: JSON.stringify({ create_spec: spec }) },
      { dialect: '2014' }
    );
    expect(inHeader).toMatchObject({ args: { client_token: 't', spec } });
  });

  it('should mean SHA-1 by the printed name, there alone', () => {
    const add = (algorithm: string) =>
      read('POST', `${FILE}?~action=add`, 'form', `file_spec.checksum_info.algorithm=${algorithm}`);
    expect(add('sh_A1')).toMatchObject({ args: { spec: { checksum_info: { algorithm: 'SHA1' } } } });
    expect(add('MD5')).toMatchObject({ args: { spec: { checksum_info: { algorithm: 'MD5' } } } });
    const later = decodeRequest({ method: 'POST', url: `/rest${FILE}/id:s?~action=add`, headers: {}, body: ADD_JSON });
    expect(later).not.toMatchObject({ args: { spec: { checksum_info: { algorithm: 'SHA1' } } } });
  });

  it('should not be written with a character that XML cannot carry', () => {
    const args = { update_session_id: 's', file_name: 'a\u0001' };
    const wording = { encoding: 'xml' } as const;
    expect(() => encodeRequest('file.get', '2014', args, { tokenPlace: 'body', wording })).toThrow(
      'the file_name of file.get has a character that XML cannot carry: say it in JSON'
    );
  });

  it('should ask for an answer in the language of its own', () => {
    const asking = (encoding: 'json' | 'xml' | 'form', op: OperationName = 'file.get') =>
      encodeRequest(
        op,
        '2014',
        { update_session_id: 's', file_name: 'f' },
        { tokenPlace: 'body', wording: { encoding } }
      );
    expect(asking('json')).toMatchObject({ headers: {}, body: { file_name: 'f' } });
    expect(asking('form')).toEqual({
      method: 'POST',
      path: `/rest${FILE}/id:s?~action=get`,
      headers: { 'content-type': MEDIA_TYPES.form },
      text: 'file_name=f'
    });
    expect(asking('xml').headers).toEqual({ accept: MEDIA_TYPES.xml, 'content-type': MEDIA_TYPES.xml });
    expect(asking('xml', 'session.get')).toEqual({
      method: 'GET',
      path: '/rest/com/vmware/content/library/item/update-session/id:s',
      headers: { accept: MEDIA_TYPES.xml }
    });
  });
});

describe('an answer in the dialect of 2014', () => {
  it('should be no result when it is XML of another kind, or none', () => {
    expect(() => decodeResult('session.get', '2014', '<html/>')).toThrow(
      'the answer to session.get is no result of the service'
    );
    expect(() => decodeResult('session.get', '2014', '<html>')).toThrow(
      'the answer to session.get is no result of the service'
    );
    expect(() => decodeResult('session.get', '2014', 'html')).toThrow('the answer to session.get is not JSON');
  });

  it('should be an empty list where there is none', () => {
    expect(decodeResult('session.list', '2014', '<List-Result/>')).toEqual([]);
    expect(decodeResult('session.list', '2014', '<List-Result><value-array/></List-Result>')).toEqual([]);
    expect(decodeResult('session.get', '2014', '<Get-Result/>')).toBeUndefined();
  });
});
