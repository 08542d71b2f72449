import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { selfSignedCertificate, thumbprintsOf } from '../../src/simulator/http/certificate.ts';

const NOW = Date.UTC(2025, 5, 1);

describe('a self-signed certificate', () => {
  const made = selfSignedCertificate(NOW, new Uint8Array(16).fill(0xfe));
  const read = new X509Certificate(made.cert);

  it('should be signed by its own key, which comes with it', () => {
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
    expect(read.ca).toBe(true);
  });

  it('should be good for loopback and nothing else', () => {
    expect([read.checkHost('localhost'), read.checkIP('127.0.0.1'), read.checkIP('::1')]).toEqual([
      'localhost',
      '127.0.0.1',
      '::1'
    ]);
    expect(read.checkHost('example.com')).toBeUndefined();
  });

  it('should be valid from a day before until ten years after', () => {
    expect(new Date(read.validFrom).getTime()).toBe(NOW - 86_400_000);
    expect(new Date(read.validTo).getTime()).toBe(NOW + 3650 * 86_400_000);
  });

  it('should write years from 2050 on with four digits', () => {
    const later = new X509Certificate(selfSignedCertificate(Date.UTC(2045, 0, 1), new Uint8Array(16)).cert);
    expect(new Date(later.validTo).getUTCFullYear()).toBe(2054);
    expect(BigInt(`0x${later.serialNumber}`) > 0n).toBe(true);
  });

  it('should have the thumbprints that everyone else computes', () => {
    expect(thumbprintsOf(made.cert)).toEqual({ sha256: read.fingerprint256, sha1: read.fingerprint });
  });
});
