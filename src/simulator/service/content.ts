// What the service knows about the content of a session: which files an OVF item lacks, which are unfit, what a preview
// warns of, and the summaries over which the law decides.

import { wordOf } from '../../../machines/law.ts';
import type { AddSummary, SessionSummary } from '../../../machines/service/update-session.ts';
import type { ServiceMessage } from '../../../machines/vocabulary.ts';
import { type CertificateFacts, readCertificate } from './certificate.ts';
import { readDescriptor } from './descriptor.ts';
import type { Received } from './happenings.ts';
import { disagreements, readManifest } from './manifest.ts';
import { message } from './refusals.ts';
import type { Content, ServiceState, SessionFileState, SessionState } from './state.ts';
import { find } from './table.ts';

/** The part that a file plays in an OVF item, told by its name. */
export function roleOf(name: string): 'descriptor' | 'manifest' | 'certificate' | 'archive' | 'plain' {
  const role = ROLES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
  return role !== undefined && name.includes('.') ? role : 'plain';
}
const ROLES: Readonly<Record<string, 'descriptor' | 'manifest' | 'certificate' | 'archive'>> = Object.assign(
  Object.create(null),
  { ovf: 'descriptor', mf: 'manifest', cert: 'certificate', ova: 'archive' }
);

/** Whether the service looks into the files of this session. */
export function isOvf(state: ServiceState, session: SessionState): boolean {
  return find(state.items, session.itemId)?.type.toLowerCase() === 'ovf';
}

/** Manifest and certificate of an OVF item are looked at, and not stored. */
export function keepsInStorage(state: ServiceState, session: SessionState, name: string): boolean {
  const role = roleOf(name);
  return !(isOvf(state, session) && (role === 'manifest' || role === 'certificate'));
}

/** Received bytes with what the service reads in them. */
export function contentOf(name: string, received: Received): Content {
  const { size, digests, blob, text } = received;
  const role = roleOf(name);
  return {
    size,
    digests,
    blob,
    ...(role === 'descriptor' && { descriptor: readDescriptor(text) }),
    ...(role === 'manifest' && { manifest: readManifest(text) }),
    ...(role === 'certificate' && { certificate: readCertificate(text) })
  };
}

export interface Findings {
  readonly missing: readonly string[];
  readonly invalid: readonly { readonly name: string; readonly error_message: ServiceMessage }[];
}

/** What the type adapter finds: only OVF items have rules, others are taken as they are. */
export function findingsOf(state: ServiceState, session: SessionState): Findings {
  if (!isOvf(state, session)) return { missing: [], invalid: [] };
  const present = new Set(session.files.map(file => file.name));
  const descriptors = session.files.flatMap(file => file.content?.descriptor ?? []);
  const references = new Set(descriptors.flatMap(descriptor => descriptor.references));
  const unfit = session.files.flatMap(({ name, content }) => {
    const fault = content?.descriptor?.fault ?? content?.certificate?.fault;
    return fault === undefined ? [] : [{ name, fault }];
  });
  const invalid = [...unfit, ...disagreements(session.files)].map(({ name, fault }) => {
    const text = `The file ${name} cannot be used: ${fault}.`;
    return { name, error_message: message('invalid_file', text, name, fault) };
  });
  return { missing: [...references].filter(name => !present.has(name)), invalid };
}

/** What `complete`, `validate` and the end of a pull are judged by. */
export function summaryOf(state: ServiceState, session: SessionState, at: number): SessionSummary {
  const { missing, invalid } = findingsOf(state, session);
  const status = (file: SessionFileState) => wordOf(file.state);
  const pulls = session.files.filter(file => file.source === 'PULL');
  return {
    notReceived: session.files
      .filter(file => file.source === 'PUSH' && status(file) !== 'READY')
      .map(file => ({ name: file.name, status: status(file) })),
    missing,
    invalid: invalid.map(file => file.name),
    warnings: warningsOf(state, session, at)
      .filter(warning => !warning.ignored)
      .map(warning => warning.type),
    pullsRunning: pulls.filter(file => status(file) !== 'READY' && status(file) !== 'ERROR').length,
    pullsFailed: pulls.filter(file => status(file) === 'ERROR').length
  };
}

/** What `add` is judged by. */
export function addSummaryOf(state: ServiceState, session: SessionState, name: string): AddSummary {
  const item = find(state.items, session.itemId);
  const library = item && find(state.libraries, item.libraryId);
  const role = roleOf(name);
  const descriptorAdded = session.files.some(file => file.source !== 'NONE' && roleOf(file.name) === 'descriptor');
  return {
    backingGone: library?.backingGone === true,
    manifestAfterDescriptor: isOvf(state, session) && (role === 'manifest' || role === 'certificate') && descriptorAdded
  };
}

/** The preview of an ACTIVE session (PreviewInfo, vSphere API 6.7 U1). */
export function previewOf(state: ServiceState, session: SessionState, at: number) {
  const metadata = metadataOf(state, session);
  const completing = typeof session.state === 'object' && session.state.ACTIVE === 'completing';
  if (metadata.length === 0) return { state: completing ? 'NOT_APPLICABLE' : 'UNAVAILABLE' };
  if (!available(metadata)) return { state: 'PREPARING' };
  const certificate = signatureIn(metadata);
  return {
    state: 'AVAILABLE',
    ...(certificate && {
      certificate_info: {
        issuer: certificate.issuer,
        subject: certificate.subject,
        self_signed: certificate.issuer === certificate.subject,
        x509: certificate.x509
      }
    }),
    warnings: warningsOf(state, session, at)
  };
}

function warningsOf(state: ServiceState, session: SessionState, at: number) {
  const metadata = metadataOf(state, session);
  const certificate = available(metadata) ? signatureIn(metadata) : undefined;
  if (certificate === undefined || !state.settings.previews) return [];
  const found = [
    certificate.issuer === certificate.subject && 'SELF_SIGNED_CERTIFICATE',
    at > certificate.validTo && 'EXPIRED_CERTIFICATE',
    at < certificate.validFrom && 'NOT_YET_VALID_CERTIFICATE'
  ].filter(type => type !== false);
  return found.map(type => ({
    type,
    message: message('preview_warning', `The certificate of ${certificate.subject}: ${type}.`, type),
    ignored: session.warnings.some(behavior => behavior.type === type && behavior.ignored)
  }));
}

/** The files that describe the content, as far as this session changes them. */
function metadataOf(state: ServiceState, session: SessionState): SessionFileState[] {
  if (!isOvf(state, session)) return [];
  return session.files.filter(
    file => file.source !== 'NONE' && ['descriptor', 'manifest', 'certificate'].includes(roleOf(file.name))
  );
}

function available(metadata: readonly SessionFileState[]): boolean {
  return (
    metadata.some(file => roleOf(file.name) === 'descriptor') && metadata.every(file => wordOf(file.state) === 'READY')
  );
}

function signatureIn(metadata: readonly SessionFileState[]) {
  const readable = (facts: CertificateFacts | undefined) => (facts?.fault === undefined ? facts : undefined);
  return metadata.map(file => readable(file.content?.certificate)).find(facts => facts !== undefined);
}
