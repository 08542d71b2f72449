// Which dialect a server speaks and what it can do, found at login: a person should not have to know.
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure, type ServerProfile } from '../../ports.ts';
import { inDialect, PROFILES, profileOfVersion } from '../../servers/profiles.ts';
import { encodeRequest, type Wording } from '../../wire/codec.ts';
import { isRecord } from '../../wire/errors.ts';
import { readJson } from '../../wire/json.ts';
import type { Dialect, OperationName } from '../../wire/operations.ts';
import type { Address } from './address.ts';
import { isJson, SESSION_HEADER, type Tried, type TryLogin } from './login.ts';
import type { HttpAnswer, Send } from './request.ts';

export interface Wanted {
  readonly dialect: Dialect | 'auto';
  readonly profile?: ServerProfile;
  readonly wording?: Wording;
}
export interface Found {
  readonly token: string;
  readonly profile: ServerProfile;
  /** As the server states it, where it does. */
  readonly version?: string;
}

/**
 * Logs in and finds the profile. `/api` is tried first, and left again when it has logins but no update sessions (vcsim), or
 * none of either (before 7.0 U2). The dialect of 2014 is spoken to who names it, or says that it is 6.0. Throws NOT_THE_SERVICE when neither dialect answers, and what a login throws.
 */
export async function detect(
  wanted: Wanted,
  address: Address,
  tryLogin: TryLogin,
  send: Send,
  patient: Send,
  signal?: AbortSignal
): Promise<Found> {
  const named = wanted.dialect === 'auto' ? wanted.profile?.dialect : wanted.dialect;
  const ask = (token: string, path: string) =>
    patient({ method: 'GET', path, headers: { [SESSION_HEADER]: token }, signal });

  let version: string | undefined;
  let first: Tried | undefined;
  if (named === undefined || named === 'api') {
    first = await tryLogin('api', signal);
    if (first.token !== undefined) {
      const { token } = first;
      if (named === 'api') {
        const profile = wanted.profile
          ? inDialect(wanted.profile, 'api')
          : await orLogOut('api', token, apiProfile(token));
        return { token, profile, version };
      }
      const asked = Promise.all([ask(token, pathOf('session.list', 'api')), apiProfile(token)]);
      const [probe, profile] = await orLogOut('api', token, asked);
      if (probe.status !== 404 || isJson(probe)) return { token, profile, version };
      await logOutOf('api', token, signal);
    } else if (named === 'api') {
      throw notTheService(address, first.answer);
    }
  }
  const second = await tryLogin(named ?? 'rest', signal);
  if (second.token === undefined)
    throw notTheService(address, first?.token === undefined ? (first?.answer ?? second.answer) : second.answer);
  const { token } = second;
  const given = wanted.profile ?? (named === '2014' ? PROFILES['6.0'] : undefined);
  const profile = given
    ? inDialect(given, named ?? 'rest')
    : await orLogOut('rest', token, restProfile(token, named === 'rest'));
  return { token, profile, version };

  async function apiProfile(token: string): Promise<ServerProfile> {
    version = versionIn(await ask(token, pathOf('system.version', 'api')));
    return inDialect(profileOfVersion(version ?? '8.0') ?? PROFILES['8.0'], 'api');
  }
  async function restProfile(token: string, asNamed: boolean): Promise<ServerProfile> {
    const answer = await ask(token, pathOf('system.version', 'rest'));
    // The words of Go's standard router, which vcsim is made with; vCenter says 404 in JSON.
    if (answer.status === 404 && answer.body.trim() === '404 page not found') return PROFILES.vcsim;
    version = versionIn(answer);
    const profile = profileOfVersion(version ?? '6.7') ?? PROFILES['6.7'];
    return profile.dialect === '2014' && !asNamed ? profile : inDialect(profile, 'rest');
  }
  /** A login that nobody will use is not left on the server. */
  async function orLogOut<T>(dialect: Dialect, token: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      // Not the caller's signal: it may be the reason.
      await logOutOf(dialect, token, AbortSignal.timeout(LOGOUT_MS));
      throw cause;
    }
  }
  async function logOutOf(dialect: Dialect, token: string, signal?: AbortSignal): Promise<void> {
    const { method, path } = encodeRequest(
      'login.delete',
      dialect,
      {},
      {
        tokenPlace: 'none',
        wording: wanted.wording
      }
    );
    await send({ method, path, headers: { [SESSION_HEADER]: token }, signal }).catch(() => {});
  }
}

/** A server that does not answer any more must not hold up the end for long. */
const LOGOUT_MS = 2_000;

function pathOf(op: OperationName, dialect: Dialect): string {
  return encodeRequest(op, dialect, {}, { tokenPlace: 'none' }).path;
}

/** The version in an answer of `appliance/system/version`; the call may be refused to all but administrators. */
function versionIn(answer: HttpAnswer): string | undefined {
  if (answer.status !== 200 || !isJson(answer)) return undefined;
  const body = readJson(answer.body);
  const value = isRecord(body) && isRecord(body.value) ? body.value : body;
  return isRecord(value) && typeof value.version === 'string' ? value.version : undefined;
}

function notTheService(address: Address, answer: HttpAnswer): PortFailure {
  const { status, headers } = answer;
  if (status >= 300 && status < 400 && headers.location !== undefined) {
    return because(`${address.place} is not a vCenter Server: it sends callers on to ${hostOf(headers.location)}`);
  }
  if (/HTTP request to an? HTTPS|plain HTTP request/i.test(answer.body)) {
    return because(`${address.place} speaks TLS: its address begins with https://`);
  }
  const type = headers['content-type']?.split(';', 1)[0];
  const said = type === undefined ? `status ${status}` : `status ${status}, ${type}`;
  return because(`${address.place} is not a vCenter Server: it answers the login with ${said}`);
}

/** Only the origin: the rest of a redirect may hold anything. */
function hostOf(location: string): string {
  return /^https?:\/\/[^/?#@]+(?=[/?#]|$)/i.exec(location)?.[0] ?? 'another page';
}

function because(message: string): PortFailure {
  return new PortFailure(failure('NOT_THE_SERVICE', message));
}
