// What the service reads in the certificate file of a signed OVF: who signed, and until when that holds.
import { verify, X509Certificate } from 'node:crypto';

/** `SHA256(vm.mf)= hex`: over which file, and how (DSP0243 2.1, section 5.1). */
interface Signature {
  readonly of: string;
  readonly algorithm: string;
  readonly hex: string;
}

export type CertificateFacts =
  | {
      readonly subject: string;
      readonly issuer: string;
      /** Base64 of the DER form. */
      readonly x509: string;
      readonly validFrom: number;
      readonly validTo: number;
      readonly signature?: Signature;
      readonly fault?: undefined;
    }
  | { readonly fault: string };

/** Reads the first certificate in PEM, and the signature beside it; never throws. */
export function readCertificate(text = ''): CertificateFacts {
  const pem = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/.exec(text)?.[0];
  if (pem === undefined) return { fault: 'there is no certificate in it' };
  try {
    const { subject, issuer, raw, validFrom, validTo } = new X509Certificate(pem);
    const signature = signatureIn(text);
    return {
      subject,
      issuer,
      x509: raw.toString('base64'),
      validFrom: Date.parse(validFrom),
      validTo: Date.parse(validTo),
      ...(signature && { signature })
    };
  } catch {
    return { fault: 'its certificate cannot be read' };
  }
}

/** Whether the signature is over this text, by the key of the certificate. */
export function isSignatureOf(
  { x509, signature }: { readonly x509: string; readonly signature?: Signature },
  text: string
): boolean {
  if (signature === undefined) return false;
  try {
    const { publicKey } = new X509Certificate(Buffer.from(x509, 'base64'));
    return verify(signature.algorithm, Buffer.from(text), publicKey, Buffer.from(signature.hex, 'hex'));
  } catch {
    // a key that cannot be used with such a digest
    return false;
  }
}

function signatureIn(text: string): Signature | undefined {
  const [, algorithm, of, hex] = /^(SHA1|SHA256|SHA384|SHA512)\((.*)\) *= *([0-9a-f]+)\s*$/im.exec(text) ?? [];
  if (algorithm === undefined || of === undefined || hex === undefined) return undefined;
  return { of, algorithm: algorithm.toUpperCase(), hex };
}
