// A connection to a vCenter Server (or vcsim, or a simulator), as the ports that a run needs.
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { failure } from '../machines/vocabulary.ts';
import { systemClock } from './adapters/clock.ts';
import { workerHasher } from './adapters/hash.ts';
import { type Address, addressOf, isLoopback } from './adapters/http/address.ts';
import { httpBytes } from './adapters/http/bytes.ts';
import { makeCall } from './adapters/http/calls.ts';
import { freeSpaceOn } from './adapters/http/datastore.ts';
import { detect } from './adapters/http/detect.ts';
import { keepLogin, loginWith } from './adapters/http/login.ts';
import { patientLogin } from './adapters/http/patient-login.ts';
import { pinOf } from './adapters/http/pin.ts';
import { makeSend, type Timeouts, twice } from './adapters/http/request.ts';
import { makeSecrets } from './adapters/http/secrets.ts';
import { httpSourceProbe } from './adapters/http/source-probe.ts';
import { makeAgents } from './adapters/http/trust.ts';
import { heldBackMs, limitedBytes, rateLimit } from './adapters/rate-limit.ts';
import { type OnRequest, watchedBytes, watchedSend } from './adapters/http/watched.ts';
import { systemRandom } from './adapters/random.ts';
import { memoryJournal } from './events/memory-journal.ts';
import { DEFAULT_TIMEOUTS } from './policy.ts';
import { type Hasher, type Journal, PortFailure, type Ports, type RetryBudget } from './ports.ts';
import { processBudget } from './retry-budget.ts';
import { PROFILES, profileNamed } from './servers/profiles.ts';
import type { Wording } from './wire/codec.ts';
import { contentLibrary } from './wire/library.ts';
import type { Dialect } from './wire/operations.ts';

export interface ConnectOptions {
  /** `https://vcenter.example.com`, or just the host; never with a user name or password in it. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Default `auto`: found at login. */
  readonly dialect?: 'auto' | Dialect;
  /** How requests are worded where the dialect is `2014`. Default: JSON, the first form, under /rest. */
  readonly wording?: Wording;
  /** What the server can do, by the name of a version (`8.0`) or `vcsim`. Default: found at login. */
  readonly profile?: string;
  /** PEM of the certificate authorities to believe instead of those that Node brings. */
  readonly ca?: string | Buffer;
  /** The same as a path. */
  readonly caFile?: string;
  /** Fingerprint of the server's certificate to believe, and no other: SHA-256, or SHA-1 with a warning. */
  readonly thumbprint?: string;
  /** Believe any certificate, with a warning. */
  readonly insecure?: boolean;
  /** `http://[user:password@]host:port` */
  readonly proxy?: string;
  /** Where facts are kept. Default: in memory, so nothing can be resumed. */
  readonly journal?: Journal;
  /** Hosts, by `host` or `host:port`, that may have the login session when the server wants bytes sent there. */
  readonly trustedHosts?: readonly string[];
  /** Milliseconds. Default: `DEFAULT_TIMEOUTS`; docs/retry.md tells them by phase. */
  readonly timeouts?: Partial<Timeouts>;
  /** What retries draw from. Default: one for all connections of this process. */
  readonly budget?: RetryBudget;
  /**
   * Bytes a second that all uploads and downloads of the connection may take together, 1024 at least. Default: no limit. What
   * the service fetches by itself (PULL) does not pass through here, and is not limited.
   */
  readonly limitRate?: number;
  /** Default: a worker thread, which ends with `close`. */
  readonly hasher?: Hasher;
  /** Told in whole sentences what is less safe than it could be. Default: `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
  /** Told of every request to the service once it is over: without ids, queries, headers and addresses that bytes go to. */
  readonly onRequest?: OnRequest;
  /** Gives up logging in. */
  readonly signal?: AbortSignal;
}

/** All ports, over a live login. */
export interface Connection extends Ports, AsyncDisposable {
  /** The version that the server states, such as `8.0.3.00100`; absent where it does not. */
  readonly version?: string;
  /**
   * Bytes free on a datastore; `undefined` where the server does not tell, or not to this user. It is no part of the content
   * library. Throws `PortFailure` where no answer comes.
   */
  freeSpace(datastoreId: string, signal?: AbortSignal): Promise<number | undefined>;
  /** Logs out and closes every connection. May be called any number of times; never throws. */
  close(): Promise<void>;
}

/**
 * Logs in and finds out what kind of server it is. Throws `PortFailure`: BAD_ADDRESS, CONNECTION, NOT_THE_SERVICE,
 * TLS_UNTRUSTED, TLS_PIN_MISMATCH, UNAUTHENTICATED, INVALID_SPEC and what else a login can meet. Neither the connection nor
 * any failure of it shows the password or the session.
 *
 * @example
 * await using vcenter = await connect({ url: 'vc.example.com', username, password });
 * (await vcenter.library.listLibraries()).length
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { signal, wording, onWarning = message => process.emitWarning(message, 'ShelverWarning') } = options;
  const address = addressOf(options.url);
  const profile = options.profile === undefined ? undefined : profileNamed(options.profile);
  if (options.profile !== undefined && !profile) {
    const names = Object.keys(PROFILES).join(', ');
    throw new PortFailure(failure('INVALID_SPEC', `there is no server profile ${options.profile}: there are ${names}`));
  }
  if (!address.secure && options.thumbprint !== undefined) {
    const message = `a thumbprint was given, and ${address.place} shows no certificate: its address must begin with https://`;
    throw new PortFailure(failure('INVALID_SPEC', message));
  }
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const clock = systemClock();
  const limit = options.limitRate === undefined ? undefined : rateLimit({ bytesPerSecond: options.limitRate, clock });
  warnAbout(options, address, onWarning);

  const ca = options.caFile === undefined ? options.ca : await readCa(options.caFile);
  const trust = { ...options, ca, connectMs: timeouts.connectMs };
  const agents = makeAgents({ ...trust, keepAlive: true });
  const byteAgents = makeAgents({ ...trust, keepAlive: false });
  const secrets = makeSecrets();
  const { budget = processBudget } = options;
  const send = watchedSend(makeSend(address, agents, timeouts), options.onRequest);
  const tryLogin = loginWith(options, address, twice(send, budget), secrets, wording);
  const random = systemRandom();
  const wanted = { dialect: options.dialect ?? 'auto', profile, wording };
  const firstLogin = patientLogin(tryLogin, { clock, random, budget });
  const found = await detect(wanted, address, firstLogin, send, twice(send, budget), signal).catch(error => {
    agents.destroy();
    // What a stranger says of itself (a media type, where it sends callers on to) may repeat what it was shown.
    throw error instanceof PortFailure ? new PortFailure(secrets.hide(error.failure), { cause: error.cause }) : error;
  });
  const ownHasher = options.hasher ? undefined : workerHasher();
  const hasher = options.hasher ?? ownHasher!;
  const login = keepLogin(found.token, found.profile.dialect, tryLogin, send, wording);

  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= login.end().then(() => {
      agents.destroy();
      byteAgents.destroy();
      return ownHasher?.close();
    });
    return closed;
  };
  const bytes = httpBytes({
    vcenter: address,
    agents: byteAgents,
    login,
    hasher,
    secrets,
    // What we hold back ourselves is no silence of the server's.
    timeouts: { ...timeouts, stallMs: timeouts.stallMs + (limit === undefined ? 0 : heldBackMs(limit)) },
    trustedHosts: options.trustedHosts ?? [],
    onWarning
  });
  const connection: Connection = {
    library: contentLibrary(found.profile, makeCall({ profile: found.profile, login, send, secrets, budget, wording })),
    bytes: watchedBytes(limit === undefined ? bytes : limitedBytes(bytes, limit), options.onRequest),
    clock,
    random,
    hasher,
    budget,
    journal: options.journal ?? memoryJournal(),
    probe: httpSourceProbe({ ca, timeouts, budget }),
    serverName: address.name,
    userName: options.username,
    ...(found.version !== undefined && { version: secrets.hide(found.version) }),
    freeSpace: freeSpaceOn(found.profile.dialect, login, send),
    close,
    [Symbol.asyncDispose]: close
  };
  const shown = `Connection { serverName: '${address.name}', server: '${found.profile.name}' }`;
  return Object.defineProperty(connection, inspect.custom, { value: () => shown });
}

/** PEM of the authorities in a file. Throws INVALID_SPEC. */
export function readCa(path: string): Promise<Buffer> {
  return readFile(path).catch(cause => {
    const message = `the CA file ${path} cannot be read (${cause.code})`;
    throw new PortFailure(failure('INVALID_SPEC', message, { next: 'check the path given by --ca-file' }), { cause });
  });
}

function warnAbout(
  options: ConnectOptions,
  { place, secure, host }: Address,
  onWarning: (message: string) => void
): void {
  if (!secure) {
    if (!isLoopback(host))
      onWarning(`the login goes to ${place} without encryption: anyone on the way could read the password`);
  } else if (options.insecure && options.thumbprint === undefined) {
    onWarning(
      `the certificate of ${place} is not checked: anyone on the way could read the password and change the bytes`
    );
  } else if (options.thumbprint !== undefined && pinOf(options.thumbprint).algorithm === 'SHA-1') {
    onWarning(`the thumbprint for ${place} is a SHA-1 fingerprint, which can be forged: use the SHA-256 one`);
  }
}
