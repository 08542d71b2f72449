import { TimeoutError } from 'got';
import { describe, expect, it } from 'vitest';
import { adviceForProxy, connectFailure } from '../../src/adapters/http/connect-failure.ts';
import { failureOf, portFailureIn } from '../../src/adapters/http/failure.ts';
import { makeSecrets } from '../../src/adapters/http/secrets.ts';
import { PortFailure } from '../../src/ports.ts';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('why no connection came about', () => {
  const to = { place: 'vc:443', secure: true, reached: false };

  it.each([
    ['ECONNREFUSED', {}, 'CONNECTION', 'nobody answers at vc:443 (connection refused)'],
    ['ENOTFOUND', {}, 'BAD_ADDRESS', 'there is no host of the name in vc:443'],
    ['ENOTFOUND', { reached: true }, 'CONNECTION', 'there is no host of the name in vc:443'],
    ['EAI_AGAIN', {}, 'CONNECTION', 'the name in vc:443 cannot be looked up now'],
    ['EHOSTUNREACH', {}, 'CONNECTION', 'there is no way to vc:443 (host unreachable)'],
    ['ENETUNREACH', {}, 'CONNECTION', 'there is no way to vc:443 (host unreachable)'],
    ['ETIMEDOUT', {}, 'TIMED_OUT', 'could not connect to vc:443 in time'],
    ['EPROTO', {}, 'NOT_THE_SERVICE', 'vc:443 does not speak TLS: perhaps its address begins with http://'],
    [
      'ERR_SSL_WRONG_VERSION_NUMBER',
      {},
      'NOT_THE_SERVICE',
      'vc:443 does not speak TLS: perhaps its address begins with http://'
    ],
    ['ECONNRESET', {}, 'CONNECTION', 'vc:443 closed the connection during the TLS handshake'],
    ['ECONNRESET', { secure: false }, 'CONNECTION', 'no connection to vc:443 came about (ECONNRESET)'],
    ['EMFILE', {}, 'CONNECTION', 'no connection to vc:443 came about (EMFILE)'],
    [
      'ECONNREFUSED',
      { proxy: 'p:1' },
      'CONNECTION',
      'nobody answers at vc:443, asked for through the proxy p:1 (connection refused)'
    ]
  ])('%s %j should be %s', (code, more, expected, message) => {
    const { failure } = connectFailure(coded(code), { ...to, ...more });
    const next = 'proxy' in more ? { next: adviceForProxy('p:1') } : {};
    expect(failure).toEqual({ code: expected, message, ...next });
  });

  it('should keep nothing of the error but its code', () => {
    const error = Object.assign(coded('ECONNREFUSED'), { headers: 'canary' });
    expect(connectFailure(error, to).cause).toEqual(new Error('ECONNREFUSED'));
    expect(connectFailure(new TypeError('canary'), to).cause).toEqual(new Error('TypeError'));
  });
});

describe('why no answer came', () => {
  const asked = { method: 'POST', place: 'vc:443', secure: true };

  it.each([
    [coded('ECONNRESET'), {}, 'vc:443 broke the connection before its answer was complete'],
    [
      coded('EPIPE'),
      { secure: false },
      'vc:443 broke the connection before its answer was complete (if it speaks TLS, its address begins with https://)'
    ],
    [coded('EPIPE'), { secure: false, answered: true }, 'vc:443 broke the connection before its answer was complete'],
    [coded('ECONNABORTED'), {}, 'vc:443 broke the connection before its answer was complete'],
    [coded('ERR_STREAM_PREMATURE_CLOSE'), {}, 'vc:443 broke the connection before its answer was complete'],
    [coded('ERR_HTTP_CONTENT_LENGTH_MISMATCH'), {}, 'vc:443 broke the connection before its answer was complete'],
    [coded('ERR_STREAM_DESTROYED'), {}, 'vc:443 broke the connection before its answer was complete'],
    [coded('E_ELSE'), {}, 'the connection to vc:443 failed (E_ELSE)'],
    ['nonsense', {}, 'the connection to vc:443 failed (string)']
  ])('%s %j', (error, more, message) => {
    expect(failureOf(error, { ...asked, ...more }).failure).toEqual({ code: 'CONNECTION', message, ambiguous: true });
    expect(failureOf(error, { ...asked, ...more, method: 'GET' }).failure).toEqual({ code: 'CONNECTION', message });
  });

  it.each([
    [{ secure: true }, 'vc:443 does not answer in HTTP'],
    [{ secure: false }, 'vc:443 does not answer in HTTP: perhaps its address begins with https://'],
    [{ secure: false, answered: true }, 'vc:443 does not answer in HTTP']
  ])('a parser that fails %j', (more, message) => {
    expect(failureOf(coded('HPE_INVALID_CONSTANT'), { ...asked, ...more }).failure).toMatchObject({
      code: 'NOT_THE_SERVICE',
      message
    });
  });

  it.each([
    ['response', 'TIMED_OUT', 'vc:443 did not answer in time'],
    ['read', 'TIMED_OUT', 'vc:443 did not come to the end of its answer in time'],
    ['socket', 'STALLED', 'the connection to vc:443 stood still for too long']
  ])('a time limit of got for its %s is %s', (event, code, message) => {
    // The real one is made with a running request; only its class and its event are looked at.
    const error = Object.assign(Object.create(TimeoutError.prototype), { event, code: 'ETIMEDOUT' });
    expect(failureOf(error, asked).failure).toEqual({ code, message, ambiguous: true });
  });

  it.each(['Z_DATA_ERROR', 'Z_BUF_ERROR', 'ERR__ERROR_FORMAT_PADDING_1'])(
    'an answer that breaks zlib with %s',
    code => {
      expect(failureOf(coded(code), asked).failure).toEqual({
        code: 'SERVER_ERROR',
        message: 'the answer of vc:443 cannot be decompressed',
        ambiguous: true
      });
    }
  );

  it('should say canceled whatever was thrown, once the signal is aborted', () => {
    const { failure } = failureOf(coded('ECONNRESET'), asked, AbortSignal.abort());
    expect(failure).toEqual({ code: 'CANCELED', message: 'the call to vc:443 was canceled', ambiguous: true });
    expect(failureOf(coded('ECONNRESET'), asked, new AbortController().signal).failure.code).toBe('CONNECTION');
  });

  it('should keep nothing of the error but its code', () => {
    const error = Object.assign(coded('ECONNRESET'), { options: { password: 'canary' } });
    expect(failureOf(error, asked).cause).toEqual(new Error('ECONNRESET'));
  });

  it('should pass on a failure of a port as it is', () => {
    const known = new PortFailure({ code: 'TLS_PIN_MISMATCH', message: 'x' });
    expect(failureOf(known, asked)).toBe(known);
    expect(portFailureIn(new Error('x', { cause: known }))).toBeUndefined();
  });
});

describe('secrets', () => {
  it('should be struck out of every text, wherever it stands, and nothing else be changed', () => {
    const secrets = makeSecrets();
    secrets.add('canary-1');
    secrets.add('short');
    const failure = {
      code: 'SERVER_ERROR' as const,
      message: 'canary-1 and canary-1, short',
      sent: 3,
      digests: [{ algorithm: 'SHA1', checksum: 'canary-1' }]
    };
    expect(secrets.hide(failure)).toEqual({
      code: 'SERVER_ERROR',
      message: '[hidden] and [hidden], short',
      sent: 3,
      digests: [{ algorithm: 'SHA1', checksum: '[hidden]' }]
    });
    expect(secrets.hide({ ...failure, service: undefined })).toMatchObject({ service: undefined });
  });
});
