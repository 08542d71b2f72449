// A file that the service shall fetch: looked at from here first, so that a wrong address or certificate is told before
// anything is made on the server, and with what was seen the service can hold its own fetch against ours.
import { X509Certificate } from 'node:crypto';
import { type Failure, failure } from '../../machines/vocabulary.ts';
import { PortFailure, type Probed, type SourceProbe } from '../ports.ts';
import { extensionOf } from './file-name.ts';
import type { PulledFile } from './planned-file.ts';
import { isWeb, nameIn, shownAddress } from './pull-address.ts';
import type { PullFile } from './pull-file.ts';

/** What it takes to plan fetches. */
export interface PullMeans {
  /** Absent: sources are not looked at. */
  readonly probe?: SourceProbe;
  /** Whether the service takes the certificate of a source; an older one only compares its SHA-1 fingerprint. */
  readonly certificates?: boolean;
  readonly signal?: AbortSignal;
}

export interface PlannedPull {
  readonly file: PulledFile;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/**
 * @param ovf whether it becomes a part of an ovf item
 * @throws `PortFailure` SOURCE_UNREADABLE, TLS_UNTRUSTED, TLS_PIN_MISMATCH, INVALID_SPEC, SOURCE_DISAGREES
 */
export async function planPull(file: PullFile, ovf: boolean, means: PullMeans): Promise<PlannedPull> {
  const name = file.name ?? nameIn(file.pull);
  const from = shownAddress(file.pull);
  const role = roleOf(name, ovf);
  if (role === 'archive' && file.checksum !== undefined) {
    throw refused(
      `the service takes no checksum for an OVA (${name}): it holds the files in it against their manifest itself`,
      'leave the checksum away'
    );
  }
  const looks = isWeb(file.pull) && file.probe !== false && means.probe !== undefined;
  const seen = looks ? await look(file, from, means.probe as SourceProbe, means.signal) : undefined;
  if (file.size !== undefined && seen?.size !== undefined && file.size !== seen.size) {
    throw new PortFailure(
      failure('SOURCE_DISAGREES', `${from} has ${seen.size} bytes, and ${file.size} were said`, {
        next: 'check the size that was given, and the source'
      })
    );
  }
  const size = file.size ?? seen?.size;
  const uri = seen?.uri ?? file.pull;
  return {
    file: {
      name,
      role,
      from,
      ...(size !== undefined && { size }),
      ...(file.checksum !== undefined && { digest: file.checksum }),
      pull: { uri, ...trustOf(file, seen, means.certificates ?? false) }
    },
    notes: notesOf(name, file, seen)
  };
}

/** An .ova or .ovf makes the item an ovf item. */
function roleOf(name: string, ovf: boolean): PulledFile['role'] {
  return ovf ? (ROLES[extensionOf(name)] ?? 'plain') : 'plain';
}
const ROLES: Readonly<Record<string, PulledFile['role']>> = {
  '.ova': 'archive',
  '.ovf': 'descriptor',
  '.mf': 'manifest',
  '.cert': 'certificate'
};

async function look(
  { pull, thumbprint, certificate, ca, proxy }: PullFile,
  from: string,
  probe: SourceProbe,
  signal: AbortSignal | undefined
): Promise<Probed> {
  const pinned = certificate === undefined ? thumbprint : certificateOf(certificate, from).fingerprint256;
  return probe.probe({ uri: pull, thumbprint: pinned, ca, proxy, signal });
}

/**
 * How the service shall know the source: always by the certificate that was believed here, also where a public authority
 * stands behind it. The service has authorities of its own, few and old, and one that it does not know ends the fetch.
 */
function trustOf(
  { pull, thumbprint, certificate }: PullFile,
  seen: Probed | undefined,
  certificates: boolean
): { thumbprint?: string; certificate?: string } {
  if (!/^https:/i.test(seen?.uri ?? pull)) return {};
  const shown = seen?.certificate ?? (certificate === undefined ? undefined : told(certificate, shownAddress(pull)));
  if (shown !== undefined) return certificates ? { certificate: shown.pem } : { thumbprint: shown.thumbprint };
  if (thumbprint === undefined) return {};
  const digits = thumbprint.replace(/[:\s]/g, '').toUpperCase();
  if (digits.length === 40) return { thumbprint: (digits.match(/../g) as string[]).join(':') };
  throw refused(
    'the service compares SHA-1 fingerprints, and the SHA-256 one of a source that is not looked at cannot be turned into it',
    'give the SHA-1 fingerprint, or let the source be looked at'
  );
}

function told(pem: string, from: string): NonNullable<Probed['certificate']> {
  return { pem, thumbprint: certificateOf(pem, from).fingerprint };
}

function certificateOf(pem: string, from: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw refused(`the certificate given for ${from} cannot be read`, 'give it as PEM', cause);
  }
}

function notesOf(name: string, { pull, probe }: PullFile, seen: Probed | undefined): string[] {
  if (seen === undefined) {
    const why = isWeb(pull) ? (probe === false ? 'as asked' : 'nothing here could') : 'only the server can';
    return [`${name}: the source was not looked at before (${why})`];
  }
  const [host, before] = [new URL(seen.uri).host, new URL(pull).host];
  return host === before ? [] : [`${name}: ${before} redirects to ${host}, and the server was sent there`];
}

function refused(message: string, next: Failure['next'], cause?: unknown): PortFailure {
  return new PortFailure(failure('INVALID_SPEC', message, { next }), { cause });
}
