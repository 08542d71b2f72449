// A file that the service shall fetch by itself, as the caller describes it, and what can be wrong with the description.
import type { Digest } from '../../machines/vocabulary.ts';
import { digestFault } from './checksum.ts';
import { quoted } from '../tar/quoted.ts';
import { nameFault } from './file-name.ts';
import { addressFault, nameIn } from './pull-address.ts';

/** A source that the service fetches by itself (source type PULL). */
export interface PullFile {
  /**
   * `https://…`, `http://…`, `ds:///…` or `file:///…`, as the server sees it. User name, password and query may be secrets:
   * they go to the server and nowhere else.
   */
  readonly pull: string;
  /** The name inside the item; by default the last part of the address. */
  readonly name?: string;
  /** What the bytes are known to be: the service compares it, and refuses others. Not for an OVA. */
  readonly checksum?: Digest;
  /** Bytes, where they are known: the service compares them, too. By default what the source tells. */
  readonly size?: number;
  /** Fingerprint of the source's certificate, to believe it and no other: SHA-256, or SHA-1. */
  readonly thumbprint?: string;
  /** The same as the certificate itself, PEM. */
  readonly certificate?: string;
  /** Certificate authorities to believe when the source is looked at, PEM. */
  readonly ca?: string;
  /** Proxy to look at the source through: `http://host:port`. The server has its own ways. */
  readonly proxy?: string;
  /** Whether the source is looked at from here before the server is asked. Default true. */
  readonly probe?: boolean;
}

const KEYS: readonly string[] = [
  'pull',
  'name',
  'checksum',
  'size',
  'thumbprint',
  'certificate',
  'ca',
  'proxy',
  'probe'
] satisfies (keyof PullFile)[];

/** Every fault in words; none of them repeats the address. */
export function pullFaults(file: Readonly<Record<string, unknown>>): string[] {
  const { pull, name, checksum, size, thumbprint, certificate, ca, proxy, probe } = file;
  const faults = Object.keys(file)
    .filter(key => !KEYS.includes(key))
    .map(key => `there is no ${quoted(key)} in a source to pull (there are ${KEYS.join(', ')})`);
  const address = typeof pull === 'string' ? addressFault(pull) : 'it is not a text';
  if (address !== undefined) faults.push(`pull: ${address}`);
  if (name !== undefined || address === undefined) {
    const named = name ?? nameIn(pull as string);
    const fault = typeof named === 'string' ? nameFault(named) : 'the name must be a text';
    if (fault !== undefined)
      faults.push(name === undefined ? `the address ends in no file name (${fault}): give a name` : fault);
  }
  const digest = checksum === undefined ? undefined : digestFault('checksum', checksum);
  if (digest !== undefined) faults.push(digest);
  if (size !== undefined && !(Number.isSafeInteger(size) && Number(size) >= 0)) {
    faults.push('size must be a whole number of bytes');
  }
  if (thumbprint !== undefined && !isFingerprint(thumbprint)) {
    faults.push('thumbprint must be a fingerprint: 64 hexadecimal digits (SHA-256) or 40 (SHA-1)');
  }
  for (const [key, pem] of Object.entries({ certificate, ca })) {
    if (pem !== undefined && !(typeof pem === 'string' && pem.includes('-----BEGIN CERTIFICATE-----'))) {
      faults.push(`${key} must be a certificate in PEM`);
    }
  }
  if (thumbprint !== undefined && certificate !== undefined)
    faults.push('thumbprint and certificate say the same: give one');
  if (proxy !== undefined && typeof proxy !== 'string') faults.push('proxy must be a text such as http://proxy:3128');
  if (probe !== undefined && typeof probe !== 'boolean') faults.push('probe must be true or false');
  return faults;
}

function isFingerprint(value: unknown): boolean {
  return typeof value === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(value.replace(/[:\s]/g, ''));
}
