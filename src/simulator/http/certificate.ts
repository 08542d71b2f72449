// A self-signed certificate for loopback, made on the spot: X.509 v3 (RFC 5280) in DER, an ECDSA P-256 key.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}
export interface Thumbprints {
  /** Upper-case hexadecimal with colons, of the certificate's DER. */
  readonly sha256: string;
  readonly sha1: string;
}

const DAY_MS = 86_400_000;
const NAMES = { dns: 'localhost', ipv4: [127, 0, 0, 1], ipv6: [...new Array<number>(15).fill(0), 1] };

/**
 * Makes a certificate for localhost, 127.0.0.1 and ::1, valid from a day before `now` for ten years. It may sign itself
 * only: trust it by giving it as CA file, or by its thumbprint.
 */
export function selfSignedCertificate(now: number, serial: Uint8Array): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
  const name = sequence(set(sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from('shelver simulator')))));
  const body = sequence(
    // version 3
    tagged(0xa0, integer([2])),
    // positive, at most 20 octets
    integer([serial[0]! & 0x7f || 1, ...serial.subarray(1, 16)]),
    ecdsaWithSha256,
    name,
    sequence(time(now - DAY_MS), time(now + 3650 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      0xa3,
      sequence(
        extension('2.5.29.19', true, sequence(tagged(0x01, Buffer.from([0xff])))),
        // digitalSignature, keyCertSign
        extension('2.5.29.15', true, tagged(0x03, Buffer.from([2, 0x84]))),
        extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
        extension(
          '2.5.29.17',
          false,
          sequence(
            tagged(0x82, Buffer.from(NAMES.dns)),
            tagged(0x87, Buffer.from(NAMES.ipv4)),
            tagged(0x87, Buffer.from(NAMES.ipv6))
          )
        )
      )
    )
  );
  const der = sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, privateKey)));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(der) };
}

export function thumbprintsOf(cert: string): Thumbprints {
  const der = Buffer.from(cert.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const thumbprint = (algorithm: string) =>
    createHash(algorithm).update(der).digest('hex').toUpperCase().match(/../g)!.join(':');
  return { sha256: thumbprint('sha256'), sha1: thumbprint('sha1') };
}

function pem(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function tagged(tag: number, content: Uint8Array): Buffer {
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
const sequence = (...parts: Uint8Array[]) => tagged(0x30, Buffer.concat(parts));
const set = (...parts: Uint8Array[]) => tagged(0x31, Buffer.concat(parts));
const integer = (octets: number[]) => tagged(0x02, Buffer.from(octets));
const bitString = (content: Uint8Array) => tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
const extension = (id: string, critical: boolean, value: Uint8Array) =>
  sequence(oid(id), ...(critical ? [tagged(0x01, Buffer.from([0xff]))] : []), tagged(0x04, value));

/** UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
  return digits < '2050' ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return tagged(0x06, Buffer.from(octets));
}
