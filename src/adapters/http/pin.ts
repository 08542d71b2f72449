// The verdict on a certificate: pinned, signed by somebody who is believed, or neither.
import type tls from 'node:tls';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';

export interface Pin {
  readonly algorithm: 'SHA-256' | 'SHA-1';
  /** Upper-case hexadecimal without colons. */
  readonly hex: string;
}

/** Reads a fingerprint. Throws INVALID_SPEC when it is neither SHA-256 (64 digits) nor SHA-1 (40 digits). */
export function pinOf(thumbprint: string): Pin {
  const hex = thumbprint
    .replace(/^sha-?(?:256|1)[:=]/i, '')
    .replace(/[:\s]/g, '')
    .toUpperCase();
  if (/^[0-9A-F]{64}$/.test(hex)) return { algorithm: 'SHA-256', hex };
  if (/^[0-9A-F]{40}$/.test(hex)) return { algorithm: 'SHA-1', hex };
  throw new PortFailure(
    failure(
      'INVALID_SPEC',
      'the thumbprint is not a fingerprint: 64 hexadecimal digits (SHA-256) or 40 (SHA-1) are needed'
    )
  );
}

/** What of a socket a verdict needs. Node shows a socket's certificate once: whoever has read it hands it on. */
export type Greeted = Pick<tls.TLSSocket, 'getPeerX509Certificate' | 'authorized' | 'authorizationError'>;

/** Says why the server's certificate is not believed, or nothing. */
export function judge(socket: Greeted, place: string, pin: Pin | undefined): PortFailure | undefined {
  const shown = socket.getPeerX509Certificate();
  const sha256 = shown?.fingerprint256 ?? 'none';
  if (pin) {
    const own = pin.algorithm === 'SHA-256' ? shown?.fingerprint256 : shown?.fingerprint;
    if (own?.replaceAll(':', '') === pin.hex) return undefined;
    return new PortFailure(
      failure(
        'TLS_PIN_MISMATCH',
        `the certificate of ${place} is not the pinned one: its SHA-256 fingerprint is ${sha256}`
      )
    );
  }
  if (socket.authorized) return undefined;
  const expired = String(socket.authorizationError) === 'CERT_HAS_EXPIRED' ? shown?.validTo : undefined;
  const why = expired === undefined ? reasonOf(socket.authorizationError) : `it expired on ${dayOf(expired)}`;
  return new PortFailure(
    failure(
      'TLS_UNTRUSTED',
      `the certificate of ${place} is not trusted (${why}): its SHA-256 fingerprint is ${sha256}`,
      expired === undefined ? {} : { next: RENEW }
    )
  );
}

const RENEW =
  'ask whoever runs the server to renew its certificate; to go on with the old one, give --thumbprint with its fingerprint';

/** @example `dayOf('Nov 22 09:14:36 2025 GMT')` is `2025-11-22`. */
function dayOf(validTo: string): string {
  return new Date(validTo).toISOString().slice(0, 10);
}

const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is unknown',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name'
};

/** Why Node does not believe a certificate, as a person would say it. */
export function reasonOf(error: unknown): string {
  const code = String(error);
  return REASONS[code] ?? code;
}
