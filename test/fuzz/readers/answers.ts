// What a server answers: results and errors of every operation in every dialect.
import fc from 'fast-check';
import { makeCall } from '../../../src/adapters/http/calls.ts';
import { type HttpAnswer, retryAfter } from '../../../src/adapters/http/request.ts';
import { makeSecrets } from '../../../src/adapters/http/secrets.ts';
import { refusal as refusalOfBytes, withoutSecrets } from '../../../src/adapters/http/transfer-failure.ts';
import type { ContentLibrary, ServerProfile } from '../../../src/ports.ts';
import { inDialect, PROFILES } from '../../../src/servers/profiles.ts';
import { encodeResult } from '../../../src/wire/codec.ts';
import { decodeError } from '../../../src/wire/error-answers.ts';
import { toFailure } from '../../../src/wire/failures.ts';
import { contentLibrary } from '../../../src/wire/library.ts';
import type { Dialect, OperationName } from '../../../src/wire/operations.ts';
import { resultOf } from '../../wire/arbitraries.ts';
import { CANARY, faultOfData } from '../judge.ts';
import { almostText, longText } from '../mutate-bytes.ts';
import { almostJson } from '../mutate-json.ts';
import { nothing, type Reader, reader, serviceFailure } from '../reader.ts';
import { XML_UNITS } from './packages.ts';
import { answers, dialects, errorAnswer, headers, login, longBodies, sending } from './http-answers.ts';

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
const PROFILE: Readonly<Record<Dialect, ServerProfile>> = {
  api: PROFILES['8.0'],
  rest: inDialect(PROFILES['6.7'], 'rest'),
  '2014': PROFILES['6.0']
};

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

/** So much of an answer to a PUT is read (src/adapters/http/put.ts). */
const LONGEST_MESSAGE = 64 * 1024;

function secretsOfRun() {
  const secrets = makeSecrets();
  for (const its of [CANARY, 'пароль?№1', 'a\\b"c/d', "p&<w>'1"]) secrets.add(its);
  secrets.addAddress(`https://h/cls/data/5a0c5a0c-5a0c-5a0c-5a0c-5a0c5a0c5a0c/a.vmdk?sig=${CANARY}`);
  secrets.addSource(`https://u:${CANARY}@s.example/a?x=${CANARY}`);
  return secrets;
}
const budget = { draw: () => true, refund: () => undefined };

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
  })
];
