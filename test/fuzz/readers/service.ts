// What reaches the service in the simulator: requests in every dialect and encoding.
import fc from 'fast-check';
import { law } from '../../../src/simulator/service/law.ts';
import { operate } from '../../../src/simulator/service/operate.ts';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { encodeRequest, encodeResult } from '../../../src/wire/codec.ts';
import { encodeError } from '../../../src/wire/error-answers.ts';
import { type Encoding, MEDIA_TYPES } from '../../../src/wire/media.ts';
import { type Dialect, type OperationName, operationNames, type Route } from '../../../src/wire/operations.ts';
import { formsOf } from '../../../src/wire/preview-2014.ts';
import { decodeRequest, type IncomingRequest } from '../../../src/wire/requests.ts';
import { routeOf } from '../../../src/wire/routes.ts';
import { readXml } from '../../../src/wire/xml.ts';
import { argumentsOf } from '../../wire/arbitraries.ts';
import { faultOfData } from '../judge.ts';
import { almostText, longText } from '../mutate-bytes.ts';
import { almostJson } from '../mutate-json.ts';
import { nothing, type Reader, reader } from '../reader.ts';
import { XML_UNITS } from './packages.ts';

/** Stand in a generated request for the ids of what is there. */
const IDS = {
  library_id: 'lib-0',
  library_item_id: 'item-0',
  update_session_id: 'upd-0',
  download_session_id: 'dow-0'
};

const place = await shelf();

/** A service in which there is one of everything. */
async function shelf() {
  const clock = virtualClock();
  const items = [{ name: 'i', type: 'iso', files: [{ name: 'a.iso', text: 'x' }] }];
  const simulator = createSimulator({ clock, libraries: [{ name: 'images', items }] });
  const { library } = simulator.ports();
  const [library_id = ''] = await library.listLibraries();
  const [library_item_id = ''] = await library.listItems(library_id);
  const update_session_id = await library.createSession({ itemId: library_item_id });
  await library.addFile(update_session_id, { name: 'a.iso', sourceType: 'PUSH', size: 3 });
  const download_session_id = await library.createDownloadSession({ itemId: library_item_id });
  await library.prepareFile(download_session_id, 'a.iso');
  return {
    state: simulator.state,
    ids: { library_id, library_item_id, update_session_id, download_session_id },
    at: clock.now()
  };
}

interface Asked {
  readonly dialect: Dialect;
  readonly request: IncomingRequest;
}

const ways = operationNames.flatMap(op => [
  ...(['api', 'rest'] as const).flatMap(dialect => {
    const route = routeOf(op, dialect);
    return route === undefined
      ? []
      : [{ op, dialect: dialect as Dialect, route, form: 1 as const, encoding: 'json' as Encoding }];
  }),
  ...[...formsOf(op)].flatMap(([form, route]) =>
    (['json', 'xml', 'form'] as const).map(encoding => ({
      op,
      dialect: '2014' as Dialect,
      route,
      form,
      encoding: encoding as Encoding
    }))
  )
]);

/** Arguments that mostly name what is there. */
function about(op: OperationName, route: Route, encoding: Encoding): fc.Arbitrary<Record<string, unknown>> {
  return fc.tuple(argumentsOf(op, route, encoding), fc.nat(3)).map(([args, strange]) => {
    if (strange === 0) return args;
    const known = Object.keys(args).filter(
      name => name in IDS || name === 'file_name' || name === 'source_library_item_id'
    );
    const own = known.map(name => [
      name,
      name === 'file_name' ? 'a.iso' : (IDS[name as keyof typeof IDS] ?? IDS.library_item_id)
    ]);
    return { ...args, ...Object.fromEntries(own) };
  });
}

function requests(almost: (body: string) => fc.Arbitrary<string>, elsewhere: boolean): fc.Arbitrary<Asked> {
  return fc.constantFrom(...ways).chain(({ op, dialect, route, form, encoding }) =>
    about(op, route, encoding).chain(args => {
      const sent = encodeRequest(op, dialect, args, { tokenPlace: 'header', wording: { form, encoding } });
      const body = sent.text ?? (sent.body === undefined ? '' : JSON.stringify(sent.body));
      return fc.record({
        dialect: fc.constant(dialect),
        request: fc.record({
          method: fc.constantFrom(sent.method, sent.method, 'POST', 'GET'),
          url: elsewhere ? almostText(fc.constant(sent.path)) : fc.constant(sent.path),
          headers: fc.constant({ 'content-type': MEDIA_TYPES.json, ...sent.headers }),
          body: body === '' ? fc.constant('') : almost(body)
        })
      });
    })
  );
}
const json = (body: string): fc.Arbitrary<string> =>
  /^[{["]/.test(body)
    ? almostJson(fc.constant(body).map(text => JSON.parse(text) as unknown))
    : almostText(fc.constant(body));
const longRequest = fc
  .tuple(
    fc.constantFrom('session.create', 'file.add', 'item.find', 'library.get'),
    fc.constantFrom<Encoding>('json', 'xml', 'form'),
    longText(
      ['{"a":', '[', 'a=1&', 'a.1=', 'a.', '&&', '<array-item/>', ...XML_UNITS],
      [
        ['', ''],
        [
          '<Create-Input xmlns="http://vmware.com/content/library/item/update_session"><a-array>',
          '</a-array></Create-Input>'
        ],
        ['create_spec.', '=1']
      ]
    )
  )
  .map(([op, encoding, body]): Asked => {
    const { path, method } = encodeRequest(
      op as OperationName,
      '2014',
      { library_id: 'l' },
      { tokenPlace: 'none', wording: { form: 2 } }
    );
    return {
      dialect: '2014',
      request: { method, url: path, headers: { 'content-type': MEDIA_TYPES[encoding] }, body }
    };
  });

function withIds(text: string): string {
  return Object.entries(IDS).reduce((now, [name, id]) => now.replaceAll(id, place.ids[name as keyof typeof IDS]), text);
}

function served({ dialect, request }: Asked): unknown {
  const own = { ...request, url: withIds(request.url), body: withIds(request.body ?? '') };
  const decoded = decodeRequest(own, { dialect });
  if (decoded === undefined || decoded.op.startsWith('login.')) return undefined;
  let made = 0;
  const uuid = (): string => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
  const outcome =
    decoded.error === undefined
      ? operate(law, place.state, decoded.op, decoded.args, { at: place.at + 1, user: 'user', uuid })
      : { state: undefined, error: decoded.error, value: undefined };
  const as = dialect === '2014' ? 'xml' : 'json';
  const { body, xml } = outcome.error
    ? encodeError(dialect, outcome.error, { as })
    : encodeResult(decoded.op, dialect, outcome.value, as);
  if (xml !== undefined) readXml(xml);
  return [body === undefined ? null : (JSON.parse(JSON.stringify(body)) as unknown), outcome.state];
}

export const serviceReaders: readonly Reader[] = [
  reader({
    name: 'request to the service',
    covers: [
      'src/wire/requests.ts',
      'src/wire/form.ts',
      'src/wire/fields.ts',
      'src/wire/xml.ts',
      'src/wire/xml-fields.ts',
      'src/wire/json.ts',
      'src/wire/route-table.ts',
      'src/wire/codec.ts',
      'src/simulator/service/arguments.ts',
      'src/simulator/service/operate.ts'
    ],
    inputs: {
      structured: requests(json, false),
      bytes: requests(body => almostText(fc.constant(body)), true),
      long: longRequest
    },
    read: served,
    declared: nothing,
    check: answered => faultOfData(answered)
  })
];
