// Whether the service is there, what time it is there, and whether it lets us in.
import { PortFailure } from '../ports.ts';
import { spanOf } from '../view/words.ts';
import type { Check } from './check.ts';

/** A clock that differs by more than this makes logins and certificates seem expired. */
const SKEW_MS = 60_000;

/** First a question without a login: a server that is in trouble, or is none, need not see a password. */
export const serviceCheck: Check = {
  id: 'service',
  needs: ['tls'],
  look: async its => {
    const { means } = its;
    its.first = await its.reach!.ask(means);
    const ms = its.first.tookMs;
    try {
      its.server = await means.connect();
    } catch (cause) {
      if (!(cause instanceof PortFailure) || !OURS.has(cause.failure.code)) throw cause;
      its.noLogin = cause;
      return {
        says: `it answers (${ms} ms) and asks for a login; which version it is shows after that`,
        facts: { ms, status: its.first.status }
      };
    }
    const { name, dialect } = its.server.library.server;
    const { version } = its.server;
    const stated = version === undefined ? 'it does not tell its version' : `version ${version}`;
    return {
      says: `a content library service (${ms} ms): ${stated}, profile ${name}, dialect ${dialect}`,
      facts: { ms, profile: name, dialect, version }
    };
  }
};
/** Failures of the login that say nothing against the server. */
const OURS = new Set(['UNAUTHENTICATED', 'UNAUTHORIZED']);

export const clockCheck: Check = {
  id: 'clock',
  needs: ['service'],
  look: ({ first }) => {
    const { serverNow, now } = first!;
    if (serverNow === undefined) return { says: 'the server does not tell its time', skip: true };
    const skewMs = serverNow - now;
    const facts = { skewMs };
    if (Math.abs(skewMs) < SKEW_MS) return { says: 'the clocks agree', facts };
    return {
      says: `the clock of the server is ${spanOf(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} the one here`,
      next: 'set the clocks (NTP): certificates and logins may seem expired',
      facts
    };
  }
};

export const loginCheck: Check = {
  id: 'login',
  needs: ['service'],
  look: ({ noLogin, settings }) => {
    if (noLogin) throw noLogin;
    return { says: `${settings!.username} is let in`, facts: { username: settings!.username } };
  }
};
