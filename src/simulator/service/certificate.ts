// What the service reads in the certificate file of a signed OVF: who signed, and until when that holds.
import { X509Certificate } from 'node:crypto';

export type CertificateFacts =
  | {
      readonly subject: string;
      readonly issuer: string;
      /** Base64 of the DER form. */
      readonly x509: string;
      readonly validFrom: number;
      readonly validTo: number;
      readonly fault?: undefined;
    }
  | { readonly fault: string };

/** Reads the first certificate in PEM; never throws. */
export function readCertificate(text: string | undefined): CertificateFacts {
  const pem = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/.exec(text ?? '')?.[0];
  if (pem === undefined) return { fault: 'there is no certificate in it' };
  try {
    const { subject, issuer, raw, validFrom, validTo } = new X509Certificate(pem);
    return {
      subject,
      issuer,
      x509: raw.toString('base64'),
      validFrom: Date.parse(validFrom),
      validTo: Date.parse(validTo)
    };
  } catch {
    return { fault: 'its certificate cannot be read' };
  }
}
