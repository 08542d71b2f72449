// A look at a source, without fetching it: whether it could be pulled from, and which certificate it shows. The message ids
// are those of real servers.
import type { ServiceMessage } from '../../../machines/vocabulary.ts';
import { ask, statusFailure } from '../http/pull-request.ts';
import type { Endpoint } from '../service/state.ts';
import { PullFailure, type PullProblem, type SeenCertificate } from './failure.ts';
import type { PullPolicy } from './options.ts';
import { schemeOf } from './source.ts';

/** `ProbeResult`, as it is on the wire. */
interface ProbeResult {
  readonly status: 'SUCCESS' | PullProblem;
  readonly ssl_thumbprint?: string;
  readonly ssl_certificate?: string;
  readonly error_messages: readonly ServiceMessage[];
}

const REAL = 'com.vmware.vdcs.cls-main';

/** Only http and https can be looked at. Never rejects, unless `signal` is aborted. */
export async function probeSource(policy: PullPolicy, endpoint: Endpoint, signal: AbortSignal): Promise<ProbeResult> {
  if (Object.hasOwn(policy.sources, endpoint.uri)) return { status: 'SUCCESS', error_messages: [] };
  const shown = shownUri(endpoint.uri);
  if (!URL.canParse(endpoint.uri)) {
    return failed('INVALID_URL', said('invalid_url_format', `Invalid URL format for ${shown}`, shown));
  }
  if (!['http', 'https'].includes(schemeOf(endpoint.uri))) {
    const text = `The specified URI ${shown} is not supported`;
    return failed('INVALID_URL', said('file_probe_unsupported_uri_scheme', text, shown));
  }
  try {
    return { status: 'SUCCESS', ...certified(await look(policy, endpoint, signal)), error_messages: [] };
  } catch (cause) {
    if (!(cause instanceof PullFailure)) throw cause;
    const { problem, message, certificate } = cause;
    const id = problem === 'CERTIFICATE_ERROR' ? 'http_request_error_peer_not_authenticated' : 'http_request_error';
    return { ...failed(problem, said(id, `HTTP request error: ${message}`, message)), ...certified(certificate) };
  }
}

/** By HEAD; by GET, unread, where the source knows no HEAD. */
async function look(
  policy: PullPolicy,
  endpoint: Endpoint,
  signal: AbortSignal,
  method: 'HEAD' | 'GET' = 'HEAD'
): Promise<SeenCertificate | undefined> {
  const { status, certificate, response } = await ask(policy, method, endpoint, signal);
  response.destroy();
  if (status === 200) return certificate;
  if (method === 'HEAD' && (status === 405 || status === 501)) return look(policy, endpoint, signal, 'GET');
  throw statusFailure(status);
}

function failed(status: PullProblem, message: ServiceMessage): ProbeResult {
  return { status, error_messages: [message] };
}

function said(id: string, text: string, arg: string): ServiceMessage {
  return { id: `${REAL}.${id}`, default_message: text, args: [arg] };
}

function certified(certificate: SeenCertificate | undefined): Pick<ProbeResult, 'ssl_thumbprint' | 'ssl_certificate'> {
  return certificate ? { ssl_thumbprint: certificate.thumbprint, ssl_certificate: certificate.pem } : {};
}

/** Without what may be a secret: credentials, and the query, which often is a signature. */
function shownUri(uri: string): string {
  const place = uri.split(/[?#]/, 1)[0]!;
  const scheme = /^[a-z][a-z\d+.-]*:\/\//i.exec(place)?.[0] ?? '';
  const rest = place.slice(scheme.length);
  // What is no URL may be none because of its password.
  const named = URL.canParse(uri) ? rest.split('/', 1)[0]! : rest;
  return scheme + rest.slice(named.lastIndexOf('@') + 1);
}
