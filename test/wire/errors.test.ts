// Errors both ways, and what they mean to the caller.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeError, encodeError } from '../../src/wire/error-answers.ts';
import { noSuchRoute, Refusal, serviceMessage, statusOf, unauthenticated, wireError } from '../../src/wire/errors.ts';
import { portFailure, retryAfterMs, toFailure } from '../../src/wire/failures.ts';

describe('an error', () => {
  it('should have the status that its dialect gives it', () => {
    const both = (type: string) => [statusOf('api', type), statusOf('rest', type)];
    expect(both('RESOURCE_BUSY')).toEqual([500, 400]);
    expect(both('CONCURRENT_CHANGE')).toEqual([409, 400]);
    expect(both('TIMED_OUT')).toEqual([500, 504]);
    expect(both('NOT_ALLOWED_IN_CURRENT_STATE')).toEqual([400, 400]);
    expect(both('toString')).toEqual([400, 400]);
    expect(encodeError('api', unauthenticated()).status).toBe(401);
    expect(encodeError('rest', noSuchRoute('/x')).status).toBe(404);
  });

  it('should be written in 2014 with what its REST layer says, and without a word that came later', () => {
    const error = wireError('NOT_FOUND', 'a.b', 'There is no c.', 'c');
    const body = {
      name: 'a.b',
      localizableMessages: [{ id: 'a.b', defaultMessage: 'There is no c.', args: ['c'] }],
      majorErrorCode: 404,
      type: 'com.vmware.vapi.std.errors.not_found',
      value: { messages: [{ id: 'a.b', default_message: 'There is no c.', args: ['c'] }] }
    };
    expect(encodeError('2014', error)).toEqual({ status: 404, body });
    expect(encodeError('2014', { error_type: 'ERROR', messages: [] })).toMatchObject({ body: { name: 'ERROR' } });
    const { xml = '' } = encodeError('2014', error, { as: 'xml' });
    expect(xml).toContain('<type>com.vmware.vapi.std.errors.not_found</type><value><messages-array><array-item>');
    expect(xml).not.toContain('error_type');
    expect(encodeError('rest', error, { as: 'xml' }).xml).toContain('<error_type>NOT_FOUND</error_type>');
  });

  it('should be read from what the REST layer of 6.0 sends alone', () => {
    const id = 'com.vmware.vapi.rest.httpNotFound';
    const body = { majorErrorCode: 404, name: id, localizableMessages: [{ defaultMessage: 'Not found.', id }, 5] };
    const read = decodeError(404, JSON.stringify(body));
    expect(read).toEqual({ status: 404, messages: [{ id, default_message: 'Not found.', args: [] }] });
    expect(toFailure(read, 'session.get')).toMatchObject({ code: 'NOT_THE_SERVICE', message: 'Not found.' });
  });

  it('should say that a login is missing as its generation does', () => {
    expect(unauthenticated().messages[0]?.id).toBe('com.vmware.vapi.endpoint.method.authentication.required');
    expect(unauthenticated('rest')).toEqual(unauthenticated());
    expect(unauthenticated('2014').messages[0]).toEqual({
      id: 'vapi.method.authentication.required',
      default_message: 'This method requires authentication.',
      args: []
    });
  });

  it('should be read from what vcsim sends', () => {
    const empty = '{"type":"com.vmware.vapi.std.errors.already_exists","value":{}}';
    expect(decodeError(400, empty)).toEqual({ status: 400, errorType: 'ALREADY_EXISTS', messages: [] });
    expect(decodeError(404, '404 page not found\n')).toEqual({ status: 404, messages: [], text: '404 page not found' });
    expect(decodeError(401, '')).toEqual({ status: 401, messages: [] });
    expect(decodeError(500, undefined)).toEqual({ status: 500, messages: [] });
  });

  it('should be read from bodies of any shape', () => {
    expect(decodeError(502, '<html>bad gateway</html>')).toEqual({ status: 502, messages: [] });
    expect(decodeError(502, '<html>bad <br> gateway')).toEqual({ status: 502, messages: [] });
    expect(decodeError(400, '{"messages":[{}, 5, {"id":"x","default_message":"y","args":[1]}]}').messages).toEqual([
      { id: '', default_message: '', args: [] },
      { id: 'x', default_message: 'y', args: ['1'] }
    ]);
    expect(serviceMessage('x')).toBeUndefined();
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(decodeError(400, JSON.stringify(value)).status).toBe(400);
      })
    );
  });

  it('should carry its sentence as a refusal', () => {
    expect(new Refusal(wireError('X', 'id', 'No.')).message).toBe('No.');
    expect(new Refusal({ error_type: 'X', messages: [] }).message).toBe('X');
  });
});

describe('a failure', () => {
  const code = (status: number, errorType?: string) => toFailure({ status, errorType, messages: [] }, 'op').code;

  it('should be told by the type before the status', () => {
    expect(code(500, 'RESOURCE_BUSY')).toBe('RESOURCE_BUSY');
    expect(code(400, 'RESOURCE_BUSY')).toBe('RESOURCE_BUSY');
    expect(code(409, 'CONCURRENT_CHANGE')).toBe('CONCURRENT_CHANGE');
    expect(code(409, 'NOT_ALLOWED_IN_CURRENT_STATE')).toBe('NOT_ALLOWED_IN_CURRENT_STATE');
    expect(code(400, 'INVALID_ELEMENT_TYPE')).toBe('INVALID_ELEMENT_TYPE');
    expect(code(503, 'SERVICE_UNAVAILABLE')).toBe('UNAVAILABLE');
  });

  it('should be told by the status where there is no known type', () => {
    const codes = Object.fromEntries(
      [302, 400, 401, 403, 404, 408, 409, 418, 429, 500, 501, 502, 503, 504, 599].map(s => [s, code(s)])
    );
    expect(codes).toEqual({
      302: 'NOT_THE_SERVICE',
      400: 'INVALID_ARGUMENT',
      401: 'UNAUTHENTICATED',
      403: 'UNAUTHORIZED',
      404: 'NOT_FOUND',
      408: 'TIMED_OUT',
      409: 'NOT_ALLOWED_IN_CURRENT_STATE',
      418: 'INVALID_ARGUMENT',
      429: 'UNAVAILABLE',
      500: 'SERVER_ERROR',
      501: 'UNSUPPORTED',
      502: 'UNAVAILABLE',
      503: 'UNAVAILABLE',
      504: 'TIMED_OUT',
      599: 'SERVER_ERROR'
    });
    expect(code(500, 'SOMETHING_NEW')).toBe('SERVER_ERROR');
    expect(code(400, 'toString')).toBe('INVALID_ARGUMENT');
  });

  it('should tell a path that is not of the service from a thing that is not there', () => {
    expect(portFailure('api', noSuchRoute('/api/x'), 'op').failure.code).toBe('NOT_THE_SERVICE');
    expect(portFailure('api', wireError('NOT_FOUND', 'x', 'There is no item x.'), 'op').failure).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no item x.',
      service: { errorType: 'NOT_FOUND', status: 404 }
    });
  });

  it('should say the first sentence of the service, or else what was answered', () => {
    const say = (text: string) =>
      toFailure({ status: 400, messages: [{ id: '', default_message: text, args: [] }] }, 'op').message;
    expect(say('The file disk.vmdk is short. Reason: x')).toBe('The file disk.vmdk is short.');
    expect(say('No full stop')).toBe('No full stop');
    expect(toFailure({ status: 500, messages: [], text: 'boom' }, 'op').message).toBe('boom');
    expect(toFailure({ status: 500, messages: [] }, 'session.get').message).toBe(
      'session.get was answered with status 500'
    );
    expect(toFailure({ status: 500, errorType: 'ERROR', messages: [] }, 'op').message).toBe(
      'op was answered with ERROR'
    );
    expect(say(' ')).toBe('op was answered with status 400');
  });

  it('should never tell an upload URI', () => {
    const secret = 'https://vc:443/cls/data/5b1d-secret/a.iso';
    const messages = [{ id: 'x', default_message: `Error transferring to ${secret}`, args: [secret] }];
    const failure = toFailure({ status: 500, errorType: 'ERROR', messages }, 'op');
    expect(JSON.stringify(failure)).not.toContain('5b1d-secret');
    expect(failure.message).toBe('Error transferring to https://vc:443/cls/data/…/a.iso');
  });

  it('should keep what the caller knows beside it', () => {
    const failure = toFailure({ status: 503, messages: [] }, 'op', { retryAfterMs: 5, ambiguous: true });
    expect(failure).toMatchObject({ retryAfterMs: 5, ambiguous: true });
  });

  it('should read Retry-After in both forms', () => {
    expect(retryAfterMs('120', 0)).toBe(120_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:10 GMT', Date.parse('2026-01-01T00:00:00Z'))).toBe(10_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:00 GMT', Date.parse('2026-01-01T00:01:00Z'))).toBe(0);
    for (const nothing of [undefined, '', 'soon']) expect(retryAfterMs(nothing, 0)).toBeUndefined();
  });
});
