// What a server answers: results and errors of every operation in every dialect, logins, what kind of server it is, headers.
import fc from 'fast-check';
import type { IncomingHttpHeaders } from 'node:http';
import { makeCall } from '../../../src/adapters/http/calls.ts';
import { freeSpaceOn } from '../../../src/adapters/http/datastore.ts';
import { detect } from '../../../src/adapters/http/detect.ts';
import { addressOf } from '../../../src/adapters/http/address.ts';
import { loginWith } from '../../../src/adapters/http/login.ts';
import { type HttpAnswer, isUnread, retryAfter, serverNow } from '../../../src/adapters/http/request.ts';
import { makeSecrets } from '../../../src/adapters/http/secrets.ts';
import { refusal as refusalOfBytes, withoutSecrets } from '../../../src/adapters/http/transfer-failure.ts';
import type { ContentLibrary, ServerProfile } from '../../../src/ports.ts';
import { inDialect, PROFILES, profileNamed, profileOfVersion } from '../../../src/servers/profiles.ts';
import { encodeResult } from '../../../src/wire/codec.ts';
import { decodeError, encodeError } from '../../../src/wire/error-answers.ts';
import { retryAfterMs, toFailure, withoutUploadUris } from '../../../src/wire/failures.ts';
import { contentLibrary } from '../../../src/wire/library.ts';
import { encodingOf, wantedBy } from '../../../src/wire/media.ts';
import type { Dialect, OperationName } from '../../../src/wire/operations.ts';
import { resultOf } from '../../wire/arbitraries.ts';
import { CANARY, faultOfData } from '../judge.ts';
import { almostText, longText, noise, UNITS } from '../mutate-bytes.ts';
import { almostJson } from '../mutate-json.ts';
import { type Kind, nothing, type Reader, reader, serviceFailure } from '../reader.ts';
import { XML_UNITS } from './sources.ts';

type Ask = (library: ContentLibrary) => Promise<unknown>;

/** Every operation whose answer the client reads, and how it asks for it. */
const ASKED: readonly (readonly [OperationName, Ask])[] = [
  ['library.list', its => its.listLibraries()],
  ['library.find', its => its.findLibraries({ name: 'n' })],
  ['library.get', its => its.getLibrary('l')],
  ['localLibrary.create', its => its.createLibrary({ name: 'n' }, { token: 't' })],
  ['item.list', its => its.listItems('l')],
  ['item.find', its => its.findItems({ name: 'n' })],
  ['item.get', its => its.getItem('i')],
  ['item.create', its => its.createItem({ libraryId: 'l', name: 'n' })],
  ['item.copy', its => its.copyItem('i', { libraryId: 'l', name: 'n' })],
  ['itemFile.list', its => its.listItemFiles('i')],
  ['itemStorage.list', its => its.itemStorage('i')],
  ['itemStorage.get', its => its.itemStorage('i', 'f')],
  ['type.list', its => its.listTypes()],
  ['session.create', its => its.createSession({ itemId: 'i' })],
  ['session.list', its => its.listSessions()],
  ['session.get', its => its.getSession('s')],
  ['session.complete', its => its.complete('s')],
  ['file.add', its => its.addFile('s', { name: 'f', sourceType: 'PUSH' })],
  ['file.list', its => its.listFiles('s')],
  ['file.get', its => its.getFile('s', 'f')],
  ['file.validate', its => its.validate('s')],
  ['download.create', its => its.createDownloadSession({ itemId: 'i' })],
  ['download.list', its => its.listDownloadSessions()],
  ['download.get', its => its.getDownloadSession('s')],
  ['downloadFile.list', its => its.listDownloadFiles('s')],
  ['downloadFile.get', its => its.getDownloadFile('s', 'f')],
  ['downloadFile.prepare', its => its.prepareFile('s', 'f')],
  ['login.get', its => its.keepLogin()]
];

interface Case {
  readonly dialect: Dialect;
  readonly ask: Ask;
  readonly answer: HttpAnswer;
}

const seconds = fc.constantFrom('0', '7', '1e9', '9'.repeat(400), '-1', 'Wed, 21 Oct 2099 07:28:00 GMT', 'soon', '');
const headers: fc.Arbitrary<IncomingHttpHeaders> = fc.record(
  {
    'retry-after': fc.oneof(seconds, fc.string({ unit: 'binary', maxLength: 40 })),
    date: fc.oneof(
      fc.constantFrom('Thu, 01 Jan 1970 00:00:00 GMT', '+275760-09-13', 'Sat, 99'),
      fc.string({ maxLength: 40 })
    ),
    connection: fc.constantFrom('close', 'keep-alive', 'x, close'),
    'content-type': fc.oneof(
      fc.constantFrom('text/html; charset=x', 'application/json', '\u009b1m'),
      fc.string({ maxLength: 40 })
    ),
    location: fc.oneof(
      fc.constantFrom(`https://h/?${CANARY}`, `https://u:${CANARY}@h/`, 'x'),
      fc.string({ maxLength: 40 })
    )
  },
  { requiredKeys: [], noNullPrototype: true }
);

const address = addressOf('https://vc.example.com');
const PROFILE: Readonly<Record<Dialect, ServerProfile>> = {
  api: PROFILES['8.0'],
  rest: inDialect(PROFILES['6.7'], 'rest'),
  '2014': PROFILES['6.0']
};
const dialects: readonly Dialect[] = ['api', 'rest', '2014'];

const written = (dialect: Dialect, op: OperationName, value: unknown): string => {
  const { body, xml } = encodeResult(op, dialect, value, dialect === '2014' ? 'xml' : 'json');
  return xml ?? JSON.stringify(body ?? null);
};

function cases(texts: (dialect: Dialect, op: OperationName) => fc.Arbitrary<string>): fc.Arbitrary<Case> {
  return fc.tuple(fc.constantFrom(...dialects), fc.constantFrom(...ASKED)).chain(([dialect, [op, ask]]) =>
    fc.record({
      dialect: fc.constant(dialect),
      ask: fc.constant(ask),
      answer: fc.record({ status: fc.constantFrom(200, 200, 200, 201, 204), headers, body: texts(dialect, op) })
    })
  );
}

const results = (dialect: Dialect, op: OperationName): fc.Arbitrary<unknown> =>
  resultOf(op).map(value => (dialect === 'api' ? value : { value }));

const message = fc.record(
  {
    id: fc.constantFrom(
      'com.vmware.vapi.rest.httpNotFound',
      'x',
      'com.vmware.vdcs.cls-main.update_session_invalid_state_for_operation_reason'
    ),
    default_message: fc.oneof(
      fc.constantFrom(
        `It was ${CANARY}. And more.`,
        'a https://h/cls/data/5a0c/x.vmdk',
        `"${CANARY.replace('!', '\\u0021')}"`,
        `%63${encodeURIComponent(CANARY)}`
      ),
      fc.string({ unit: 'binary', maxLength: 60 })
    ),
    args: fc.array(fc.constantFrom('a', CANARY, ''), { maxLength: 4 })
  },
  { noNullPrototype: true }
);
const error = fc.record({
  error_type: fc.constantFrom('NOT_FOUND', 'RESOURCE_BUSY', 'BRAND_NEW', 'constructor', '__proto__'),
  messages: fc.array(message, { maxLength: 3 })
});
const status = fc.constantFrom(400, 401, 403, 404, 409, 416, 429, 500, 501, 502, 503, 302, 0, 999);
const errorBody = fc.tuple(error, fc.constantFrom(...dialects), fc.boolean()).map(([its, dialect, asXml]) => {
  return encodeError(dialect, its as never, { as: asXml && dialect === '2014' ? 'xml' : 'json' });
});
const errorText = fc.oneof(
  errorBody.map(({ body, xml }) => xml ?? JSON.stringify(body)),
  fc.constantFrom(
    '404 page not found\n',
    `<html>${CANARY}</html>`,
    'Client sent an HTTP request to an HTTPS server.',
    ''
  )
);
const errorAnswer = (body: fc.Arbitrary<string>): fc.Arbitrary<HttpAnswer> => fc.record({ status, headers, body });
const answers: Record<'structured' | 'bytes', fc.Arbitrary<HttpAnswer>> = {
  structured: errorAnswer(almostJson(errorBody.map(({ body, xml }) => body ?? { value: xml }))),
  bytes: errorAnswer(almostText(errorText))
};
const longBodies = longText(
  ['{"a":', '[', '{"value":[', 'x ', '. ', '. A', `/cls/data/x `, CANARY, '"', ...XML_UNITS],
  [
    ['', ''],
    ['{"messages":[{"default_message":"', '"}]}'],
    ['<Error>', '</Error>']
  ]
);

/** So much of an answer to a PUT is read (src/adapters/http/put.ts). */
const LONGEST_MESSAGE = 64 * 1024;

function secretsOfRun() {
  const secrets = makeSecrets();
  for (const its of [CANARY, 'пароль?№1', 'a\\b"c/d', "p&<w>'1"]) secrets.add(its);
  secrets.addAddress(`https://h/cls/data/5a0c5a0c-5a0c-5a0c-5a0c-5a0c5a0c5a0c/a.vmdk?sig=${CANARY}`);
  secrets.addSource(`https://u:${CANARY}@s.example/a?x=${CANARY}`);
  return secrets;
}

const login = { token: async () => CANARY, renew: async () => CANARY, end: async () => undefined };
const budget = { draw: () => true, refund: () => undefined };
const sending = (answer: HttpAnswer) => async (): Promise<HttpAnswer> => answer;

async function asked({ dialect, ask, answer }: Case): Promise<unknown> {
  const profile = PROFILE[dialect];
  const parts = { profile, login, send: sending(answer), secrets: secretsOfRun(), budget };
  const wording = dialect === '2014' ? ({ encoding: 'xml' } as const) : undefined;
  return ask(contentLibrary(profile, makeCall({ ...parts, wording })));
}

const refusedCases = (its: fc.Arbitrary<HttpAnswer>): fc.Arbitrary<Case> =>
  fc.record({
    dialect: fc.constantFrom(...dialects),
    ask: fc.constantFrom(...ASKED.map(([, ask]) => ask)),
    answer: its
  });

const headerTexts: Readonly<Record<Kind, fc.Arbitrary<IncomingHttpHeaders>>> = {
  structured: headers,
  bytes: almostText(seconds).map(text => ({
    'retry-after': text,
    date: text,
    connection: text as 'close',
    'content-type': text
  })),
  long: longText(
    UNITS,
    [
      ['', ''],
      ['Wed, ', ''],
      ['(', ''],
      ['a;q=', ''],
      ['1', '']
    ],
    100_000
  ).map(text => ({
    'retry-after': text,
    date: text,
    connection: text as 'close',
    'content-type': text
  }))
};

const HTTP = ['src/adapters/http/calls.ts', 'src/wire/codec.ts'];

export const answerReaders: readonly Reader[] = [
  reader({
    name: 'result of an operation',
    covers: [
      ...HTTP,
      'src/wire/models.ts',
      'src/wire/library.ts',
      'src/wire/xml.ts',
      'src/wire/xml-fields.ts',
      'src/wire/fields.ts',
      'src/wire/routes.ts'
    ],
    inputs: {
      structured: cases((dialect, op) => almostJson(results(dialect, op))),
      bytes: cases((dialect, op) =>
        almostText(resultOf(op, dialect === '2014' ? 'xml' : 'json').map(value => written(dialect, op, value)))
      ),
      long: cases(() =>
        longText(
          ['[', '{"a":', '["a",', ...XML_UNITS],
          [
            ['', ''],
            ['<List-Result><value-array>', '</value-array></List-Result>'],
            ['"', '"']
          ]
        )
      )
    },
    read: asked,
    declared: serviceFailure(),
    check: answer => faultOfData(answer)
  }),
  reader({
    name: 'error of an operation',
    covers: [
      ...HTTP,
      'src/wire/error-answers.ts',
      'src/wire/errors.ts',
      'src/wire/failures.ts',
      'src/adapters/http/secrets.ts',
      'src/secret-forms.ts'
    ],
    inputs: {
      structured: refusedCases(answers.structured),
      bytes: refusedCases(answers.bytes),
      long: refusedCases(errorAnswer(longBodies))
    },
    read: asked,
    declared: serviceFailure(),
    check: answer => faultOfData(answer)
  }),
  reader({
    name: 'error without a connection',
    covers: ['src/wire/error-answers.ts', 'src/wire/failures.ts'],
    inputs: { ...answers, long: errorAnswer(longBodies) },
    read: answer => toFailure(decodeError(answer.status, answer.body), 'op', retryAfter(answer.headers)),
    declared: nothing,
    check: failed => faultOfData(failed)
  }),
  reader({
    name: 'refusal of bytes',
    covers: ['src/adapters/http/transfer-failure.ts', 'src/adapters/http/secrets.ts'],
    inputs: { ...answers, long: errorAnswer(longBodies.map(body => body.slice(0, LONGEST_MESSAGE))) },
    read: answer => {
      const url = new URL(`https://h/cls/data/5a0c5a0c-5a0c-5a0c-5a0c-5a0c5a0c5a0c/a.vmdk?sig=${CANARY}`);
      const said = withoutSecrets(answer, url, secretsOfRun());
      return [refusalOfBytes(said, 'h:443', true, 'push'), refusalOfBytes(said, 'h:443', false, 'fetch')];
    },
    declared: nothing,
    check: failed => {
      const told = JSON.stringify(failed);
      return told.includes(CANARY) ? `it tells a secret: ${told.slice(0, 300)}` : faultOfData(failed);
    }
  }),
  reader({
    name: 'login',
    covers: ['src/adapters/http/login.ts'],
    inputs: {
      structured: fc.record({
        status: fc.oneof(fc.constant(200), status) as fc.Arbitrary<number>,
        headers,
        body: almostJson(fc.constantFrom('token', { value: 'token' }))
      }),
      bytes: fc.record({
        status: fc.oneof(fc.constant(200), status) as fc.Arbitrary<number>,
        headers,
        body: almostText(errorText)
      }),
      long: errorAnswer(longBodies)
    },
    read: async answer => {
      const tryLogin = loginWith({ username: 'me', password: CANARY }, address, sending(answer), makeSecrets());
      await tryLogin(answer.body.length % 2 === 0 ? 'api' : '2014');
    },
    declared: serviceFailure()
  }),
  reader({
    name: 'which server it is',
    covers: ['src/adapters/http/detect.ts', 'src/servers/profiles.ts', 'src/adapters/http/login.ts'],
    inputs: {
      structured: fc.tuple(
        answers.structured,
        fc.record({
          status: fc.constant(200),
          headers,
          body: almostJson(fc.constantFrom({ version: '8.0.3.00100' }, { value: { version: '6.5.0' } }))
        })
      ),
      bytes: fc.tuple(
        answers.bytes,
        fc.record({
          status: fc.constantFrom(200, 404),
          headers,
          body: almostText(fc.constantFrom('{"version":"8.0.3"}', '404 page not found'))
        })
      ),
      long: fc.tuple(errorAnswer(longBodies), fc.record({ status: fc.constant(200), headers, body: longBodies }))
    },
    read: async ([refused, version]) => {
      const wanted = { dialect: 'auto' } as const;
      const logged = async () => ({ token: CANARY });
      const found = await detect(wanted, address, logged, sending(version), sending(version));
      await detect(wanted, address, async () => ({ answer: refused }), sending(version), sending(version)).catch(
        cause => {
          if (serviceFailure()(cause) === undefined) throw cause;
        }
      );
      await detect(
        wanted,
        address,
        loginWith({ username: 'me', password: CANARY }, address, sending(refused), makeSecrets()),
        sending(version),
        sending(version)
      );
      return found.profile;
    },
    declared: serviceFailure(),
    check: profile => faultOfData(profile)
  }),
  reader({
    name: 'room on a datastore',
    covers: ['src/adapters/http/datastore.ts'],
    inputs: {
      structured: almostJson(fc.constantFrom({ free_space: 7 }, { value: { free_space: 7 } })),
      bytes: almostText(fc.constant('{"value":{"free_space":7}}')),
      long: longBodies
    },
    read: body => freeSpaceOn('api', login, sending({ status: 200, headers: {}, body }))('d'),
    declared: nothing,
    check: free => faultOfData(free)
  }),
  reader({
    name: 'headers of an answer',
    covers: ['src/adapters/http/request.ts', 'src/wire/failures.ts', 'src/wire/media.ts'],
    inputs: headerTexts,
    read: (its: IncomingHttpHeaders) => {
      const type = its['content-type'];
      isUnread({ status: 400, headers: its, body: String(its.date) });
      return [
        retryAfter(its),
        serverNow(its),
        encodingOf(type),
        wantedBy(type),
        withoutUploadUris(String(its.date)),
        retryAfterMs(its['retry-after'], 0) ?? 0
      ];
    },
    declared: nothing,
    check: read => faultOfData(read.slice(0, -1))
  }),
  reader({
    name: 'version of a server',
    covers: ['src/servers/profiles.ts'],
    inputs: {
      structured: fc.constantFrom('8.0.3', '6.x', '99999999999.0', '-1.0', 'vcsim'),
      bytes: almostText(fc.constant('8.0.3')),
      long: longText(UNITS, [
        ['', ''],
        ['8.', '']
      ])
    },
    read: text => [profileOfVersion(text) ?? null, profileNamed(text) ?? null],
    declared: nothing,
    check: read => faultOfData(read)
  }),
  reader({
    name: 'secrets in what a server says',
    covers: ['src/secret-forms.ts', 'src/adapters/http/secrets.ts'],
    inputs: {
      structured: fc
        .tuple(
          fc.string({
            unit: fc.constantFrom('\\', '"', '?', '%', '&', ' ', '/', 'п', 'é', 'a', '1', '\n', '+', '\u{1f600}'),
            minLength: 1,
            maxLength: 24
          }),
          fc.array(
            fc.tuple(
              fc.constantFrom('?', '\\', '\\\\', '%', '%25', '&amp;', 'Ð¿', 'п', ' ', '+', '"', 'a', '1', '/'),
              fc.nat(200)
            ),
            { maxLength: 5 }
          )
        )
        .map(([secret, runs]) => ({
          secret,
          page: `${secret.replace(/[^a-z0-9]/gi, '')} ${runs.map(([unit, times]) => unit.repeat(times)).join('')}`
        })),
      bytes: fc
        .tuple(fc.string({ unit: 'binary', maxLength: 20 }), noise)
        .map(([secret, page]) => ({ secret, page: Buffer.from(page).toString('latin1') })),
      long: fc
        .tuple(
          fc.constantFrom(
            'п?п?п?п?п?п?п?п1',
            '\\\\\\\\\\\\\\\\\\\\a',
            '"\\"\\"\\"\\"\\"\\"\\"a',
            'пароль',
            'a b c d e f',
            CANARY
          ),
          longText(
            ['?', '\\', '\\"', '"', '\\\\"', 'Ð', '?1', ' +', '%20', 'aa', 'A', '1?'],
            [
              ['', ''],
              ['a1 ', '']
            ],
            60_000
          )
        )
        .map(([secret, page]) => ({ secret, page }))
    },
    read: ({ secret, page }) => {
      const secrets = makeSecrets();
      secrets.add(secret);
      const json = JSON.stringify(secret).slice(1, -1);
      const forms = [
        secret,
        json,
        JSON.stringify(json).slice(1, -1),
        encodeURIComponent(secret.replaceAll(/\p{Cs}/gu, 'x'))
      ];
      const hidden = secrets.hide({ page, own: forms.map(form => `x ${form} y`) });
      return { secret: /\p{Cs}/u.test(secret) ? '' : secret, forms, own: hidden.own };
    },
    declared: nothing,
    check: ({ secret, forms, own }) => {
      const stays = forms.find((form, at) => own[at]?.includes(` ${form} `));
      return secret.length >= 6 && stays !== undefined ? `the secret ${secret} stays as ${stays}` : undefined;
    }
  })
];
