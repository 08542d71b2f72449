// Self-signed certificates for the TLS tests, one per name, made once per run.
import { type Certificate, selfSignedCertificate, thumbprintsOf } from '../../src/simulator/http/certificate.ts';

const made = new Map<string, Certificate>();

export function certificateFor(name: string): Certificate & { sha256: string; sha1: string } {
  const certificate = made.get(name) ?? selfSignedCertificate(Date.now(), Buffer.from(name));
  made.set(name, certificate);
  return { ...certificate, ...thumbprintsOf(certificate.cert) };
}
