// XML beside JSON, as the documents up to 6.5 have it.
import type { Bench } from '../bench.ts';
import type { Group, Row } from '../row.ts';
import { segment } from '../say.ts';
import type { Reply } from '../send.ts';
import { Difference, hasStatus, holds, isRecord, same } from '../verdict.ts';

const BASE = '/rest/com/vmware/content/library/item/';
const SPACE = 'http://vmware.com/content/library/item/';

export const xml: Group = {
  title: 'XML',
  rows: [
    {
      id: 'xml.create',
      says: 'a session is created by XML, and the answer is XML in the namespace of the service',
      dialects: ['rest'],
      needs: 'xml',
      run: async bench => {
        const item = await bench.item();
        const body = `<create_spec><library_item_id>${item}</library_item_id></create_spec>`;
        const reply = await inXml(bench, 'POST', 'update-session', 'Create', body);
        bench.keep('session', resultIn(reply, 'Create', 'update_session', /<value>([^<]+)<\/value>/));
      }
    },
    {
      id: 'xml.create-download',
      says: 'a download session, too; the namespace is its own',
      dialects: ['rest'],
      needs: 'xml',
      run: async bench => {
        const item = await bench.item();
        const body = `<create_spec><library_item_id>${item}</library_item_id></create_spec>`;
        const reply = await inXml(bench, 'POST', 'download-session', 'Create', body);
        bench.keep('download', resultIn(reply, 'Create', 'download_session', /<value>([^<]+)<\/value>/));
      }
    },
    {
      id: 'xml.add',
      says: 'a file is added by XML; nested elements are named as the fields',
      dialects: ['rest'],
      needs: 'xml',
      run: async bench => {
        const session = await bench.session();
        const body = '<file_spec><name>a.txt</name><source_type>PUSH</source_type><size>4</size></file_spec>';
        const reply = await inXml(bench, 'POST', `updatesession/file/id:${segment(session)}?~action=add`, 'Add', body);
        resultIn(reply, 'Add', 'updatesession/file', /<upload_endpoint>(?:<[^u].*?>)*<uri>([^<]+)<\/uri>/);
        same((await bench.model('file.get', { session, file_name: 'a.txt' })).status, 'WAITING_FOR_TRANSFER', 'status');
      }
    },
    {
      id: 'xml.get',
      says: 'a model is read as XML',
      dialects: ['rest'],
      needs: 'xml',
      run: async bench => {
        const reply = await inXml(bench, 'GET', `update-session/id:${segment(await bench.session())}`);
        same(resultIn(reply, 'Get', 'update_session', /<state>([^<]+)<\/state>/), 'ACTIVE', 'state');
      }
    },
    {
      id: 'xml.list',
      says: 'a list is a value-array of array-items',
      dialects: ['rest'],
      needs: 'xml',
      run: async bench => {
        const item = await bench.item();
        const session = await bench.session(item);
        const reply = await inXml(bench, 'GET', `update-session?library_item_id=${item}`);
        const found = resultIn(
          reply,
          'List',
          'update_session',
          /<value-array><array-item>([^<]+)<\/array-item><\/value-array>/
        );
        holds(found === session, 'the id of the session', 'came another');
      }
    },
    {
      id: 'xml.void',
      says: 'an operation that answers nothing answers nothing',
      dialects: ['rest'],
      needs: 'xml',
      run: async bench => {
        const session = await bench.session();
        const reply = await inXml(bench, 'POST', `update-session/id:${segment(session)}?~action=keep-alive`);
        same([reply.status, reply.text], [200, ''], 'status and body');
      }
    },
    {
      id: 'xml.error',
      says: 'an error is told in XML to whom wants XML, with its type',
      judged: true,
      dialects: ['rest'],
      needs: 'xml',
      run: async bench => {
        const reply = await inXml(bench, 'GET', 'update-session/id:nobody');
        same([reply.status, isXml(reply)], [404, true], 'status, whether it is XML');
        holds(/std\.errors\.not_found/.test(reply.text), '…std.errors.not_found', 'another type');
      }
    },
    {
      id: 'xml.accept',
      says: 'whom wants nothing in particular gets JSON',
      judged: true,
      dialects: ['rest'],
      needs: 'xml',
      run: async bench => {
        const reply = await bench.raw('GET', `${BASE}update-session`);
        holds(isRecord(reply.json), 'JSON', 'came something else');
      }
    },
    ...Object.entries({
      'no-xml': ['text that is no XML', '<create_spec>'],
      'unknown-element': ['an element that is none', '<create_spec><colour>red</colour></create_spec>'],
      doctype: ['a document type', '<!DOCTYPE x [<!ENTITY e "x">]>']
    }).map(
      ([id, [says, body]]): Row => ({
        id: `xml.${id}`,
        says: `${says} is invalid_argument`,
        judged: true,
        dialects: ['rest'],
        needs: 'xml',
        run: async bench => {
          const reply = await inXml(bench, 'POST', 'update-session', id === 'doctype' ? undefined : 'Create', body);
          same(reply.status, 400, 'status');
          holds(/std\.errors\.invalid_argument/.test(reply.text), '…std.errors.invalid_argument', 'another type');
        }
      })
    )
  ]
};

/** With an operation the body stands in its `…-Input`, without one as it is. */
function inXml(bench: Bench, method: string, path: string, operation?: string, body?: string): Promise<Reply> {
  const space = `${SPACE}${path.split(/[?]|\/id:/, 1)[0]!.replaceAll('-', '_')}`;
  const wrapped =
    operation === undefined ? body : `<n:${operation}-Input xmlns:n="${space}">${body}</n:${operation}-Input>`;
  const type: Record<string, string> = wrapped === undefined ? {} : { 'content-type': 'application/xml' };
  const headers = { accept: 'application/xml', ...type };
  return bench.raw(method, `${BASE}${path}`, {
    headers,
    ...(wrapped !== undefined && { text: `<?xml version="1.0" ?>${wrapped}` })
  });
}

function resultIn(reply: Reply, operation: string, service: string, value: RegExp): string {
  hasStatus(reply, 200, 'the answer');
  holds(isXml(reply), 'application/xml', `came ${reply.headers['content-type']}`);
  const root = new RegExp(`<(\\w+):${operation}-Result [^>]*xmlns:\\1="${SPACE}${service}"`);
  holds(root.test(reply.text), `${operation}-Result in the namespace of the service`, 'another root');
  const found = value.exec(reply.text.replace(/>\s+</g, '><'))?.[1];
  if (found === undefined) throw new Difference('the value', 'none came');
  return found;
}

function isXml({ headers }: Reply): boolean {
  return /^application\/xml\b/.test(headers['content-type'] ?? '');
}
