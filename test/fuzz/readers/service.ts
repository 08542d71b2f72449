// What reaches the simulator: requests in every dialect and encoding, SOAP, headers, what an upload brings, what it is told to
// fetch, its configuration, and who comes by the admin door.
import fc from 'fast-check';
import type { IncomingHttpHeaders } from 'node:http';
import { PROFILES } from '../../../src/servers/profiles.ts';
import { guardOf } from '../../../src/simulator/admin/guard.ts';
import { memoryBlobs } from '../../../src/simulator/blobs.ts';
import { readConfig } from '../../../src/simulator/config.ts';
import { FAULT_TARGETS, faultsOf } from '../../../src/simulator/faults.ts';
import { basicOf, cookieOf, tokenOf } from '../../../src/simulator/http/credentials.ts';
import { languageOf } from '../../../src/simulator/http/language.ts';
import { rangeIn } from '../../../src/simulator/http/range.ts';
import { answerSoap } from '../../../src/simulator/http/soap.ts';
import { placeIn } from '../../../src/simulator/http/upload.ts';
import { loginsOf } from '../../../src/simulator/logins.ts';
import { PullFailure } from '../../../src/simulator/pull/failure.ts';
import { partsOf } from '../../../src/simulator/pull/folder.ts';
import { allowedHosts } from '../../../src/simulator/pull/hosts.ts';
import { pullPolicyOf } from '../../../src/simulator/pull/options.ts';
import { probeSource } from '../../../src/simulator/pull/probe.ts';
import { seeded } from '../../../src/simulator/seed-files.ts';
import { seededRandom } from '../../../src/simulator/seeded-random.ts';
import { isSignatureOf, readCertificate } from '../../../src/simulator/service/certificate.ts';
import { readDescriptor } from '../../../src/simulator/service/descriptor.ts';
import { law } from '../../../src/simulator/service/law.ts';
import { disagreements, readManifest } from '../../../src/simulator/service/manifest.ts';
import { operate } from '../../../src/simulator/service/operate.ts';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { unpack } from '../../../src/simulator/unpack.ts';
import { usersOf } from '../../../src/simulator/users.ts';
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
import { CANARY, faultOfData, faultOfSentence } from '../judge.ts';
import { almostBytes, almostText, longText, UNITS } from '../mutate-bytes.ts';
import { almostJson, almostValue, parsed } from '../mutate-json.ts';
import { type Declared, nothing, portFailure, type Reader, reader } from '../reader.ts';
import { archive, certificate, descriptor, manifest, withoutCanary, XML_UNITS } from './sources.ts';

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

const envelope = (call: string): string =>
  `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${call}</Body></Envelope>`;
const traversal = fc
  .array(
    fc.tuple(
      fc.constantFrom('Folder', 'Datacenter', 'Datastore', 'constructor'),
      fc.constantFrom('childEntity', 'parent', 'name', '__proto__', 'datastore'),
      fc.constantFrom('a', 'b')
    ),
    { maxLength: 5 }
  )
  .map(sets =>
    sets
      .map(
        ([type, path, name]) =>
          `<selectSet><name>${name}</name><type>${type}</type><path>${path}</path><skip>false</skip><selectSet><name>a</name></selectSet></selectSet>`
      )
      .join('')
  );
const soap = fc.oneof(
  fc
    .constantFrom(
      '<RetrieveServiceContent/>',
      '<Login><userName>user</userName><password>pass</password></Login>',
      '<CurrentTime/>',
      '<constructor/>',
      '<SessionIsActive/>',
      '<Logout/>'
    )
    .map(envelope),
  traversal.map(sets =>
    envelope(
      `<RetrievePropertiesEx><specSet><propSet><type>Folder</type><all>1</all></propSet><propSet><type>Datacenter</type><pathSet>name</pathSet></propSet><objectSet><obj type="Folder">group-d1</obj>${sets}</objectSet></specSet></RetrievePropertiesEx>`
    )
  )
);

const header = fc.constantFrom(
  'bytes=0-1',
  'bytes=-2',
  `bytes=${'9'.repeat(400)}-`,
  'Basic dXNlcjpwYXNz',
  'Bearer 0123456789abcdef',
  'a=b; vmware-api-session-id=x; ',
  'application/xml;q=0.9, application/json;q=1.2.3',
  'http://[::1]:80/',
  '127.0.0.1:1'
);
const asHeaders = (text: string): IncomingHttpHeaders => ({
  range: text,
  authorization: text,
  cookie: text,
  accept: text,
  host: text,
  origin: text,
  'vmware-api-session-id': undefined
});
const visits = guardOf({ token: 'a'.repeat(16) });

const uri = fc.constantFrom(
  `https://u:${CANARY}@h/a?${CANARY}`,
  'ds:///vmfs/volumes/v/a%20b.iso',
  'ds:///vmfs/volumes/v/a.iso?serverId=x',
  'file:///a/../b',
  'file://localhost/%2e%2e/x',
  'http://127.0.0.1:1/',
  'x'
);
const pulled: Declared = cause => (cause instanceof PullFailure ? cause.message : undefined);
const policy = pullPolicyOf({ hosts: [] });
const host = fc.constantFrom(
  'example.com',
  '*.example.com:80',
  '[::1]:8080',
  '::ffff:1.2.3.4',
  '127.0.0.1',
  'é.example',
  '0x7f.1'
);

const fault = fc.record(
  {
    on: fc.constantFrom('put', ['session.create', 'get'], '*', 'connection'),
    do: fc.constantFrom('answer', 'reset', 'slow', 'corrupt', 'late'),
    status: fc.constant(503),
    file: fc.constant('*.vmdk'),
    times: fc.constantFrom('always', 2),
    probability: fc.double({ min: 0.1, max: 1, noNaN: true }),
    afterBytes: fc.nat(),
    delayMs: fc.nat(),
    bytesPerSecond: fc.nat()
  },
  { requiredKeys: ['on', 'do'], noNullPrototype: true }
);
const configuration = fc.record(
  {
    users: fc.constantFrom(
      { alice: { password: CANARY, roles: ['ReadOnly', 'own'] } },
      { bob: { passwordEnv: 'X', privileges: [] } }
    ),
    roles: fc.constant({ own: ['ContentLibrary.UpdateSession'] }),
    libraries: fc.constant([
      {
        name: 'l',
        type: 'LOCAL',
        items: [
          {
            name: 'i',
            files: [
              { name: 'a', text: 'x' },
              { name: 'b', base64: 'AA==' }
            ]
          }
        ]
      }
    ]),
    rules: fc.constant({ mismatch: 'refuse', ranges: true, validatingMs: 7 }),
    pull: fc.constant({ hosts: ['example.com'], maxBytes: '20M', stallMs: 5 }),
    sessionTimeout: fc.constantFrom('5m', 7, '99999999999d', '9'.repeat(400)),
    bandwidth: fc.constantFrom('1K', 7, `${'9'.repeat(400)}G`),
    profile: fc.constant('8.0'),
    faults: fc.array(fault, { maxLength: 2 }),
    admin: fc.constantFrom(true, { port: 0, tokenEnv: 'X' })
  },
  { requiredKeys: [], noNullPrototype: true }
);

const member = fc.tuple(archive, fc.constantFrom('a.ova', '../x'));

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
  }),
  reader({
    name: 'SOAP',
    covers: [
      'src/simulator/http/soap.ts',
      'src/simulator/http/soap-reader.ts',
      'src/simulator/http/soap-properties.ts'
    ],
    inputs: {
      structured: soap,
      bytes: almostText(soap),
      long: longText(
        ['<selectSet/>', '<selectSet><name>a</name></selectSet>', '<objectSet/>', '<specSet/>', ...XML_UNITS],
        [
          ['', ''],
          ['<Envelope><Body>', '</Body></Envelope>'],
          [
            '<Envelope><Body><RetrievePropertiesEx><specSet><objectSet><obj type="Folder">group-d1</obj>',
            '</objectSet></specSet></RetrievePropertiesEx></Body></Envelope>'
          ]
        ]
      )
    },
    read: body => {
      const clock = virtualClock();
      const logins = loginsOf(new Map([['user', 'pass']]), 1_000, clock, seededRandom(1));
      const token = logins.open('user', 'pass')?.token;
      const answer = answerSoap(body, token, { logins, profile: PROFILES['8.0'], instanceId: 'x', now: clock.now });
      readXml(answer.xml);
      return answer.method;
    },
    declared: nothing,
    check: method => faultOfSentence(method)
  }),
  reader({
    name: 'headers of a request',
    covers: [
      'src/simulator/http/credentials.ts',
      'src/simulator/http/range.ts',
      'src/simulator/http/language.ts',
      'src/simulator/http/upload.ts',
      'src/simulator/admin/guard.ts'
    ],
    inputs: {
      structured: header,
      bytes: almostText(header),
      long: longText(
        UNITS,
        [
          ['', ''],
          ['bytes=', ''],
          ['Basic ', ''],
          ['Bearer ', ''],
          ['http://', '']
        ],
        100_000
      )
    },
    read: text => {
      const headers = asHeaders(text);
      visits({ address: text, headers });
      visits({ address: '127.0.0.1', headers });
      languageOf(PROFILES['6.0'], text, headers);
      return [
        rangeIn(headers, 5) ?? null,
        basicOf(headers) ?? null,
        tokenOf(headers) ?? null,
        cookieOf(headers, 'b') ?? null,
        ...placeIn(`/cls/data/${text}`)
      ];
    },
    declared: nothing,
    check: read => {
      const [range] = read as [{ from: number; to: number } | string | null];
      if (typeof range === 'object' && range !== null && !(range.from >= 0 && range.from <= range.to && range.to <= 5))
        return `the range is ${range.from} to ${range.to} of 5`;
      return faultOfData(read);
    }
  }),
  reader({
    name: 'what an archive brings into an item',
    covers: ['src/simulator/unpack.ts'],
    inputs: { structured: member, bytes: fc.tuple(almostBytes(archive), fc.constant('a.ova')) },
    read: async ([bytes, name]) => {
      const blobs = memoryBlobs(1e9);
      blobs.put('b', bytes);
      return unpack(blobs, 'b', bytes.length, name);
    },
    declared: nothing,
    check: members => (typeof members === 'string' ? faultOfSentence(members) : undefined)
  }),
  reader({
    name: 'what the service reads in a package',
    covers: [
      'src/simulator/service/descriptor.ts',
      'src/simulator/service/manifest.ts',
      'src/simulator/service/certificate.ts'
    ],
    inputs: {
      structured: fc.oneof(descriptor, manifest, fc.constant(`SHA256(a.mf)= 00\n${certificate}`)),
      bytes: fc.oneof(
        almostText(descriptor),
        almostText(manifest),
        almostText(fc.constant(`SHA256(a.mf)= 00\n${certificate}`))
      ),
      long: longText(
        ['SHA1(a)= 00', 'SHA1(a)=', 'SHA1(', ')= ', ...XML_UNITS],
        [
          ['', ''],
          ['SHA1(', ''],
          ['SHA1(a)= 0', 'x'],
          ['<Envelope>', '</Envelope>'],
          [certificate, '']
        ]
      )
    },
    read: text => {
      const read = readDescriptor(text);
      const facts = readManifest(text);
      const signed = readCertificate(text);
      if (signed.fault === undefined) isSignatureOf(signed, text);
      disagreements([{ name: 'a', content: { size: 1, digests: [], blob: 'b', manifest: facts } }]);
      return [read, facts ?? null, signed, read.fault ?? 'x'];
    },
    declared: nothing,
    check: read => faultOfData(read) ?? faultOfSentence(String(read.at(-1)))
  }),
  reader({
    name: 'what the service is to fetch',
    covers: ['src/simulator/pull/folder.ts', 'src/simulator/pull/probe.ts', 'src/simulator/http/pull-request.ts'],
    inputs: {
      structured: uri,
      bytes: almostText(uri.map(withoutCanary)),
      long: longText(UNITS, [
        ['', ''],
        ['ds://', ''],
        ['http://', '@h'],
        ['ds:', '?serverId=x'],
        ['file:///', '']
      ])
    },
    read: async text => {
      const probed = await probeSource(policy, { uri: text }, new AbortController().signal);
      const said = JSON.stringify(probed);
      if (said.includes(CANARY)) throw new Error(`it tells a secret: ${said.slice(0, 300)}`);
      const parts = partsOf(text);
      if (parts.some(part => part === '..' || part.includes('/')))
        throw new Error(`it leads out of the folder: ${parts.join(' ')}`);
      return parts;
    },
    declared: pulled
  }),
  reader({
    name: 'hosts to fetch from',
    covers: ['src/simulator/pull/hosts.ts', 'src/simulator/pull/addresses.ts', 'src/simulator/pull/options.ts'],
    inputs: {
      structured: fc.tuple(host, host),
      bytes: fc.tuple(almostText(host), almostText(host)),
      long: fc.tuple(
        longText(UNITS, [
          ['', ''],
          ['[', ']'],
          ['*.', '']
        ]),
        host
      )
    },
    read: ([pattern, other]) => {
      const hosts = allowedHosts([pattern]);
      const url = new URL('http://example.com/');
      return [hosts.allow(url), hosts.mayConnect(url, other)];
    },
    declared: portFailure('INVALID_SPEC')
  }),
  reader({
    name: 'configuration of the simulator',
    covers: [
      'src/simulator/config.ts',
      'src/simulator/faults.ts',
      'src/simulator/issue-words.ts',
      'src/simulator/seed-files.ts',
      'src/simulator/users.ts',
      'src/figures.ts'
    ],
    inputs: {
      structured: almostJson(configuration),
      bytes: almostText(configuration.map(its => JSON.stringify(its))).map(text => text),
      long: longText(
        ['9', 'a', '*', '?', ' ', 'AAAA', '1h'],
        [
          ['{"libraries":[{"name":"l","items":[{"name":"i","files":[{"name":"a","base64":"', '"}]}]}]}'],
          ['{"sessionTimeout":"', '"}'],
          ['{"faults":[{"on":"', '","do":"reset"}]}'],
          ['{"users":{"', '":{"password":"x"}}}']
        ]
      )
    },
    read: text => {
      let given: unknown;
      try {
        given = JSON.parse(text);
      } catch {
        return undefined;
      }
      const config = readConfig(given);
      usersOf(
        Object.fromEntries(
          Object.entries(config.users ?? {}).map(([name, { roles, privileges }]) => [
            name,
            { password: 'x', roles, privileges }
          ])
        ),
        config.roles
      );
      for (const each of config.libraries ?? []) seeded(each, memoryBlobs(1e6), () => 'x');
      const faults = faultsOf(config.faults ?? [], FAULT_TARGETS, seededRandom(1));
      faults.take('put', 'a'.repeat(200));
      pullPolicyOf(config.pull ?? {});
      return config;
    },
    declared: portFailure('INVALID_SPEC'),
    check: config => faultOfData(config)
  }),
  reader({
    name: 'a simulator as it is configured',
    covers: ['src/simulator/config.ts', 'src/simulator/simulator.ts', 'src/figures.ts'],
    cost: 5,
    inputs: { structured: almostValue(configuration).map(parsed) },
    // Whatever it was told, it serves.
    read: async given => {
      const { users: _, admin: __, profile: ___, faults, sessionTimeout, loginTimeout, ...options } = readConfig(given);
      const simulator = createSimulator({
        ...options,
        clock: virtualClock(),
        sessionTimeoutMs: sessionTimeout,
        loginTimeoutMs: loginTimeout
      });
      faultsOf(faults ?? [], FAULT_TARGETS, seededRandom(1));
      const { library } = simulator.ports();
      for (const id of await library.listLibraries()) {
        for (const itemId of await library.listItems(id))
          await library.getSession(await library.createSession({ itemId }));
      }
      const { state } = simulator;
      await simulator.close();
      return state;
    },
    declared: portFailure(),
    check: state => faultOfData(state)
  })
];
