import { describe, expect, it } from 'vitest';
import { adviceOf, bytesRefused, FAILURES, failure } from '../../machines/vocabulary.ts';

describe('a failure', () => {
  it('should advise what its code says, unless more is known', () => {
    expect(adviceOf(failure('ALREADY_EXISTS', 'x'))).toBe(FAILURES.ALREADY_EXISTS.next);
    expect(adviceOf(failure('ALREADY_EXISTS', 'x', { next: 'take the other one' }))).toBe('take the other one');
  });

  it.each([
    ['The SHA1 checksum of the file a.iso is 1, but 2 was announced.', 'CHECKSUM_MISMATCH'],
    ['invalid digest', 'CHECKSUM_MISMATCH'],
    ['The file a.iso was announced with 4 bytes, but 5 were received.', 'TRANSFER_REFUSED'],
    ['rehashing is off', 'TRANSFER_REFUSED'],
    ['', 'TRANSFER_REFUSED']
  ])('of bytes that the server calls "%s" should be %s', (said, code) => {
    expect(bytesRefused(said)).toBe(code);
  });
});
