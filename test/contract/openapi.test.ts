// Every answer that the simulator gives while the contract is held over HTTP, and every request of our client in it, against
// the published specifications of 8.0.2, 7.0.3 and 6.7. They are not in this repository: without them beside it, this is not run.
import type { Server } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROFILES } from '../../src/servers/profiles.ts';
import { openWorld, type World } from '../law/world.ts';
import { sourceOf } from './asking.ts';
import { CASES } from './contract.ts';
import { overHttp } from './subjects.ts';
import { isThere, misfits, type Specified, specification } from './swagger.ts';

interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly request: unknown;
  readonly answer: unknown;
}

/** A published specification, and the server that it is of. `whole`: nothing that is asked lies outside of it. */
const EDITIONS = [
  {
    name: '/api of 8.0.2',
    dialect: 'api',
    profile: '8.0',
    files: ['sessions_api_8.0.2.json', 'library_items_api_8.0.2.json', 'auth_api_session_8.0.2.json'],
    whole: true
  },
  {
    name: '/rest of 8.0.2',
    dialect: 'rest',
    profile: '8.0',
    files: ['sessions_rest_8.0.2.json', 'library_items_rest_8.0.2.json', 'auth_rest_cis_session_8.0.2.json'],
    whole: true
  },
  {
    name: '/api of 7.0.3',
    dialect: 'api',
    profile: '7.0',
    files: ['sessions_api_7.0.3.json', 'library_items_api_7.0.3.json']
  },
  {
    name: '/rest of 7.0.3',
    dialect: 'rest',
    profile: '7.0',
    files: ['sessions_rest_7.0.3.json', 'library_items_rest_7.0.3.json']
  },
  { name: '/rest of 6.7', dialect: 'rest', profile: '6.7', files: ['sessions_rest_6.7u2era.json'] }
] as const;

/** What the simulator does not know (yet), by the path of the specification. */
const NOT_THERE: readonly RegExp[] = [
  /\/(subscriptions|subscribed-item)\b/,
  /^POST \S*\/subscribed-library/,
  /\/(changes|security-policies|trusted-certificates)\b/,
  /action=publish$/
];

describe('the specifications', () => {
  // The published specifications are not in the repository. Where they do not lie beside it there is nothing to hold the answers
  // against, and that is to be seen among the results.
  if (!isThere)
    it.skip('should fit the answers (they do not lie beside the repository, in ../shared/openapi)', () => {});

  it('should be read so that what does not fit is named', () => {
    const definitions = { Word: { type: 'string', enum: ['A', 'B'] } };
    const schema = {
      type: 'object',
      properties: {
        word: { $ref: '#/definitions/Word' },
        words: { type: 'array', uniqueItems: true, items: { type: 'string' } },
        at: { type: 'string', format: 'date-time' },
        size: { type: 'integer' }
      },
      required: ['word', 'size']
    };
    const wrong = { word: 'C', words: ['x', 'x', 1], at: '2025-01-01', more: 1 };
    expect(misfits(wrong, schema, definitions)).toEqual([
      'body.size is missing',
      'body.word: C is none of A, B',
      'body.words: something is in it twice',
      'body.words[2]: 1 is no string',
      'body.at: 2025-01-01 is no date-time',
      'body.more is not in the specification'
    ]);
    const right = { word: 'A', words: ['x'], at: '2025-01-01T00:00:00.000Z', size: 1 };
    expect(misfits(right, schema, definitions)).toEqual([]);
  });
});

// Without the specifications there is nothing to fit: see the skipped test above.
describe.runIf(isThere).each(EDITIONS)('the answers in $name', ({ dialect, profile, files, ...edition }) => {
  const exchanges: Exchange[] = [];
  const specified = isThere ? specification(files) : [];
  const there = specified.filter(({ name }) => !NOT_THERE.some(pattern => pattern.test(name)));
  const of = ({ method, url }: Exchange) => specified.find(operation => operation.fits(method, url));

  beforeAll(async () => {
    const watch = (server: Server) => record(server, exchanges);
    for (const { check } of CASES) {
      const subject = await overHttp(profile, dialect, watch)();
      await check(subject).finally(subject.close);
    }
    expect(exchanges.filter(({ request }) => request !== undefined).length).toBeGreaterThan(100);
    // nothing that our client does not ask is specified for a server without /api
    if (PROFILES[profile].dialect !== 'api') return;
    const items = [{ name: 'plain' }, { name: 'package', type: 'ovf' }];
    const world = await openWorld({
      libraries: [
        { name: 'images', items },
        { name: 'mirror', type: 'SUBSCRIBED' },
        { name: 'gone', type: 'SUBSCRIBED' }
      ],
      rules: { readStorage: true },
      profile: PROFILES[profile]
    });
    const { library, bytes } = world.simulator.ports();
    const session = await library.createSession({ itemId: world.plain });
    const { uploadUri } = await library.addFile(session, { name: 'a.iso', sourceType: 'PUSH' });
    await bytes.push({ uri: uploadUri!, source: sourceOf('hello'), hash: [] });
    await library.complete(session);
    const [mirror = ''] = await library.findLibraries({ name: 'mirror' });
    const [gone = ''] = await library.findLibraries({ name: 'gone' });
    for (const request of more(dialect, world, mirror, gone)) {
      const { status, body } = await world.ask(request);
      exchanges.push({ method: request.method, url: request.path, status, request: request.body, answer: body });
    }
    await world.close();
  });

  it('should all be answers to something specified', () => {
    const mine = ({ url }: Exchange) =>
      'whole' in edition ? !url.startsWith('/cls/data/') : /(update|download)-?session/.test(url);
    const strange = exchanges.filter(exchange => of(exchange) === undefined && mine(exchange));
    expect(strange.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  });

  it.each(there.map(operation => [operation.name, operation] as const))('should fit %s', (_, operation) => {
    const its = exchanges.filter(exchange => of(exchange) === operation);
    expect(its.filter(({ status }) => status < 300).length, 'successes').toBeGreaterThan(0);
    expect(new Set(its.flatMap(exchange => wrongIn(exchange, operation)))).toEqual(new Set());
  });
});

function wrongIn({ status, request, answer }: Exchange, { body, responses, definitions }: Specified): string[] {
  const response = responses[status];
  // a privilege can be missing for any operation, whether its own list names that or not
  if (response === undefined && status === 403) return [];
  if (response === undefined) return [`status ${status} is not specified: ${JSON.stringify(answer)}`];
  const wrong =
    response.schema === undefined
      ? answer === undefined
        ? []
        : [`${status}: there should be no body`]
      : misfits(answer, response.schema, definitions, String(status));
  // what is refused may be wrong on purpose
  if (status >= 300 || request === undefined) return wrong;
  if (body === undefined) return [...wrong, 'the request should have no body'];
  return [...wrong, ...misfits(request, body, definitions, 'request')];
}

/** Operations that our client has no use for. */
function more(dialect: 'api' | 'rest', { library, plain }: World, mirror: string, gone: string) {
  const update = { description: 'told' };
  const missing = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';
  const [content, by, wrap] =
    dialect === 'api'
      ? ['/api/content', '', (spec: object) => spec]
      : ['/rest/com/vmware/content', 'id:', (update_spec: object) => ({ update_spec })];
  const get = (path: string) => ({ method: 'GET', path: `${content}${path}`, body: undefined });
  const patch = (path: string, body: object = update) => ({
    method: 'PATCH',
    path: `${content}${path}`,
    body: wrap(body)
  });
  const remove = (path: string) => ({ method: 'DELETE', path: `${content}${path}`, body: undefined });
  const itemFile = (item: string, name: string) =>
    dialect === 'api'
      ? get(`/library/item/${item}/file?name=${name}`)
      : { method: 'POST', path: `${content}/library/item/file/id:${item}?~action=get`, body: { name } };
  const sync = { maximum_concurrent_item_syncs: 3 };
  const configuration =
    dialect === 'api'
      ? [get('/configuration'), { method: 'PATCH', path: `${content}/configuration`, body: sync }]
      : [
          { method: 'POST', path: `${content}/configuration?~action=get`, body: undefined },
          { method: 'PATCH', path: `${content}/configuration`, body: { model: sync } }
        ];
  return [
    get('/local-library'),
    get('/subscribed-library'),
    ...[library, mirror, missing].flatMap(id => [
      get(`/subscribed-library/${by}${id}`),
      patch(`/subscribed-library/${by}${id}`),
      patch(`/library/${by}${id}`)
    ]),
    patch(`/subscribed-library/${by}${mirror}`, { description: 'told', version: '1' }),
    patch(`/local-library/${by}${library}`, { description: 'told', version: '99' }),
    ...[gone, library, missing].map(id => remove(`/subscribed-library/${by}${id}`)),
    ...configuration,
    ...[library, missing].flatMap(id => [get(`/local-library/${by}${id}`), patch(`/local-library/${by}${id}`)]),
    ...[plain, missing].flatMap(id => [patch(`/library/item/${by}${id}`), itemFile(id, 'a.iso')])
  ];
}

/** Writes down what goes in and out. */
function record(server: Server, exchanges: Exchange[]): void {
  server.prependListener('request', (req, res) => {
    const { method = '', url = '' } = req;
    if (url.startsWith('/cls/data/')) return;
    let request = '';
    let answer = '';
    const [read, end] = [req.iterator.bind(req), res.end.bind(res)];
    req.iterator = options => tapped(read(options) as AsyncIterable<Uint8Array>, text => (request += text));
    res.end = (...given: unknown[]) => {
      if (typeof given[0] === 'string') answer = given[0];
      exchanges.push({ method, url, status: res.statusCode, request: parsed(request), answer: parsed(answer) });
      return Reflect.apply(end, res, given);
    };
  });
}

async function* tapped(chunks: AsyncIterable<Uint8Array>, tap: (text: string) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    tap(Buffer.from(chunk).toString());
    yield chunk;
  }
}

function parsed(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}
