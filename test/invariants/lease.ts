// S9: while a session is open, its signs of life come at least three times within its expiry, by the server's own clock. It
// believes only what the server saw, and shares no code with what it checks.
import type { SeenRequest } from '../../src/simulator/index.ts';

/** What begins a session, what keeps it, and what is its end, each as the server calls it. */
const WORDS = {
  update: { begins: 'session.create', beats: 'session.keepAlive', ends: /^session\.(complete|cancel|fail|delete)$/ },
  download: { begins: 'download.create', beats: 'download.keepAlive', ends: /^download\.(cancel|fail|delete)$/ }
} as const;

export interface Lease {
  /** Longest time between two signs of life, or the beginning or end and the one beside it; milliseconds. */
  readonly longestMs: number;
  readonly beats: number;
}

/** The sessions that the server saw, one after the other. One client, one session at a time. */
export function leasesOf(requests: readonly SeenRequest[], kind: keyof typeof WORDS = 'update'): Lease[] {
  const { begins, beats, ends } = WORDS[kind];
  const leases: { longestMs: number; beats: number; last: number; open: boolean }[] = [];
  for (const { op, at, status } of requests) {
    if (status === undefined || status >= 300) continue;
    const its = leases.at(-1);
    if (op === begins) {
      if (its !== undefined) its.open = false;
      leases.push({ longestMs: 0, beats: 0, last: at, open: true });
    } else if (its?.open && (op === beats || ends.test(op))) {
      its.longestMs = Math.max(its.longestMs, at - its.last);
      its.last = at;
      if (op === beats) its.beats += 1;
      else its.open = false;
    }
  }
  return leases;
}

/** Every broken promise in a sentence; none: all is well. */
export function brokenLease(
  requests: readonly SeenRequest[],
  expiryMs: number,
  kind: keyof typeof WORDS = 'update'
): string[] {
  return leasesOf(requests, kind).flatMap(({ longestMs }, index) =>
    longestMs > expiryMs / 3
      ? [`session ${index + 1}: ${longestMs} ms without a sign of life, expiry ${expiryMs} ms`]
      : []
  );
}

/** The login is kept as often as the session: between two signs of life of the session there is one of the login. */
export function brokenLogin(
  requests: readonly SeenRequest[],
  expiryMs: number,
  kind: keyof typeof WORDS = 'update'
): string[] {
  let last: number | undefined;
  for (const { op, at, status } of requests) {
    if (status === undefined || status >= 300) continue;
    if (op === WORDS[kind].begins || (op === 'login.get' && last !== undefined)) last = at;
    else if (last !== undefined && WORDS[kind].ends.test(op)) last = undefined;
    else if (last !== undefined && at - last > expiryMs / 2) return [`for ${at - last} ms nothing kept the login`];
  }
  return [];
}
