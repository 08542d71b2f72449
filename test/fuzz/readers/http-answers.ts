// What a server sends, as HTTP: answers that are almost right, answers that say no, and what carries them to the client.
import fc from 'fast-check';
import type { IncomingHttpHeaders } from 'node:http';
import type { HttpAnswer } from '../../../src/adapters/http/request.ts';
import { encodeError } from '../../../src/wire/error-answers.ts';
import type { Dialect } from '../../../src/wire/operations.ts';
import { CANARY } from '../judge.ts';
import { almostText, longText } from '../mutate-bytes.ts';
import { almostJson } from '../mutate-json.ts';
import { XML_UNITS } from './packages.ts';

export const seconds = fc.constantFrom(
  '0',
  '7',
  '1e9',
  '9'.repeat(400),
  '-1',
  'Wed, 21 Oct 2099 07:28:00 GMT',
  'soon',
  ''
);
export const headers: fc.Arbitrary<IncomingHttpHeaders> = fc.record(
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
export const dialects: readonly Dialect[] = ['api', 'rest', '2014'];

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
export const status = fc.constantFrom(400, 401, 403, 404, 409, 416, 429, 500, 501, 502, 503, 302, 0, 999);
const errorBody = fc.tuple(error, fc.constantFrom(...dialects), fc.boolean()).map(([its, dialect, asXml]) => {
  return encodeError(dialect, its as never, { as: asXml && dialect === '2014' ? 'xml' : 'json' });
});
export const errorText = fc.oneof(
  errorBody.map(({ body, xml }) => xml ?? JSON.stringify(body)),
  fc.constantFrom(
    '404 page not found\n',
    `<html>${CANARY}</html>`,
    'Client sent an HTTP request to an HTTPS server.',
    ''
  )
);
export const errorAnswer = (body: fc.Arbitrary<string>): fc.Arbitrary<HttpAnswer> =>
  fc.record({ status, headers, body });
export const answers: Record<'structured' | 'bytes', fc.Arbitrary<HttpAnswer>> = {
  structured: errorAnswer(almostJson(errorBody.map(({ body, xml }) => body ?? { value: xml }))),
  bytes: errorAnswer(almostText(errorText))
};
export const longBodies = longText(
  ['{"a":', '[', '{"value":[', 'x ', '. ', '. A', `/cls/data/x `, CANARY, '"', ...XML_UNITS],
  [
    ['', ''],
    ['{"messages":[{"default_message":"', '"}]}'],
    ['<Error>', '</Error>']
  ]
);

export const login = { token: async () => CANARY, renew: async () => CANARY, end: async () => undefined };
export const sending = (answer: HttpAnswer) => async (): Promise<HttpAnswer> => answer;
