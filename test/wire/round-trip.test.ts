// What one end writes, the other reads: every operation and every error, in every dialect, form and encoding.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeResult, encodeRequest, encodeResult, type TokenPlace, type WireRequest } from '../../src/wire/codec.ts';
import { decodeError, encodeError } from '../../src/wire/error-answers.ts';
import { statusOf, type WireError } from '../../src/wire/errors.ts';
import { type Encoding, MEDIA_TYPES } from '../../src/wire/media.ts';
import { type Dialect, operation, operationNames } from '../../src/wire/operations.ts';
import { formsOf } from '../../src/wire/preview-2014.ts';
import { decodeRequest } from '../../src/wire/requests.ts';
import { routeOf } from '../../src/wire/routes.ts';
import { argumentsOf, resultOf, valueAs } from './arbitraries.ts';

const WRITTEN = (['api', 'rest'] as const).flatMap(dialect =>
  operationNames.flatMap(op => {
    const route = routeOf(op, dialect);
    return route === undefined ? [] : [{ dialect, op, route }];
  })
);
const ENCODINGS: readonly Encoding[] = ['json', 'xml', 'form'];
const PREVIEW = operationNames.flatMap(op =>
  [...formsOf(op)].flatMap(([form, route]) => ENCODINGS.map(encoding => ({ op, form, route, encoding })))
);

/** As it goes over the wire. */
function sent({ method, path, headers, body, text }: WireRequest) {
  const type = body === undefined ? {} : { 'content-type': MEDIA_TYPES.json };
  return {
    method,
    url: path,
    headers: { ...type, ...headers },
    body: text ?? (body === undefined ? undefined : JSON.stringify(body))
  };
}

describe('a request', () => {
  for (const { dialect, op, route } of WRITTEN) {
    it(`should arrive as it was sent: ${op} in ${dialect}`, () => {
      const places = fc.constantFrom<TokenPlace>('header', 'query', 'body');
      const arrives = fc.property(argumentsOf(op, route), places, (args, tokenPlace) => {
        const request = sent(encodeRequest(op, dialect, args, { tokenPlace }));
        expect(decodeRequest(request, { tokenPlace })).toEqual({ op, dialect, args });
      });
      fc.assert(arrives, { numRuns: 50 });
    });
  }

  for (const { op, form, route, encoding } of PREVIEW) {
    it(`should arrive as it was sent: ${op} in form ${form} of 2014, as ${encoding}`, () => {
      const arrives = fc.property(argumentsOf(op, route, encoding), fc.boolean(), (args, bare) => {
        const options = { tokenPlace: 'body', wording: { form, encoding, bare } } as const;
        const request = sent(encodeRequest(op, '2014', args, options));
        expect(request.method).toBe(route.method);
        expect(request.url.startsWith(bare ? '/rest/' : '/com/vmware/')).toBe(false);
        expect(decodeRequest(request, { dialect: '2014' })).toEqual({ op, dialect: '2014', args });
      });
      fc.assert(arrives, { numRuns: 25 });
    });
  }
});

describe('a result', () => {
  const ways = [
    ...WRITTEN.map(({ op, dialect, route }) => ({
      op,
      dialect: dialect as Dialect,
      ok: route.ok,
      as: 'json' as const
    })),
    ...operationNames.flatMap(op =>
      (['json', 'xml'] as const).map(as => ({ op, dialect: '2014' as const, ok: 200, as }))
    )
  ];
  for (const { op, dialect, ok, as } of ways) {
    it(`should arrive as it was sent: ${op} in ${dialect}, as ${as}`, () => {
      const arrives = fc.property(resultOf(op, as), value => {
        const { status, body, xml } = encodeResult(op, dialect, value, as);
        expect(status).toBe(ok);
        const isEmpty = operation(op).result === 'nothing';
        expect(xml !== undefined).toBe(as === 'xml' && !isEmpty);
        const answer = xml ?? (isEmpty ? '' : JSON.stringify(body));
        expect(decodeResult(op, dialect, answer)).toEqual(value);
      });
      fc.assert(arrives, { numRuns: 20 });
    });
  }
});

describe('an error', () => {
  const TYPES = [
    'ALREADY_EXISTS ALREADY_IN_DESIRED_STATE CANCELED CONCURRENT_CHANGE ERROR FEATURE_IN_USE INTERNAL_SERVER_ERROR',
    'INVALID_ARGUMENT INVALID_ELEMENT_CONFIGURATION INVALID_ELEMENT_TYPE INVALID_REQUEST NOT_ALLOWED_IN_CURRENT_STATE',
    'NOT_FOUND OPERATION_NOT_FOUND RESOURCE_BUSY RESOURCE_IN_USE RESOURCE_INACCESSIBLE SERVICE_UNAVAILABLE TIMED_OUT',
    'UNABLE_TO_ALLOCATE_RESOURCE UNAUTHENTICATED UNAUTHORIZED UNEXPECTED_INPUT UNSUPPORTED UNVERIFIED_PEER BRAND_NEW'
  ].flatMap(line => line.split(' '));
  const ways = [
    ['api', 'json'],
    ['rest', 'json'],
    ['rest', 'xml'],
    ['2014', 'json'],
    ['2014', 'xml']
  ] as const;
  for (const [dialect, as] of ways) {
    it.each(TYPES)(`should arrive as it was sent in ${dialect} as ${as}: %s`, error_type => {
      const words = valueAs('string', as) as fc.Arbitrary<string>;
      const message = fc.record({ id: words, default_message: words, args: fc.array(words, { maxLength: 3 }) });
      const arrives = fc.property(fc.array(message, { maxLength: 3 }), fc.boolean(), (messages, unnamed) => {
        const error: WireError = { error_type, messages };
        const { status, body, xml } = encodeError(dialect, error, { as, unnamed });
        expect(status).toBe(statusOf(dialect, error_type));
        expect(xml !== undefined).toBe(as === 'xml');
        const read = decodeError(status, xml ?? JSON.stringify(body));
        expect(read).toEqual({ status, errorType: error_type, messages });
      });
      fc.assert(arrives, { numRuns: 10 });
    });
  }
});
