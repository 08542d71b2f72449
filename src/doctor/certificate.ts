// The certificate: who vouches for it, for how long, and whether it is believed.
import type { Shown } from '../reach.ts';
import { advised, type Check, type Found } from './check.ts';

/** A certificate that ends within this time is told of beforehand. */
const SOON_MS = 30 * 86_400_000;

export const tlsCheck: Check = {
  id: 'tls',
  needs: ['tcp'],
  look: async ({ settings, reach, means }) => {
    const { where, insecure, pinned } = settings!;
    if (!where.secure) return plain(where.host);
    return judged(await reach!.greet(where, means), means.clock.now(), { insecure, pinned });
  }
};

/**
 * The finding of a certificate, at the instant `now`. Throws TLS_UNTRUSTED or TLS_PIN_MISMATCH where it is not believed.
 */
export function judged(shown: Shown, now: number, { insecure, pinned }: { insecure: boolean; pinned: boolean }): Found {
  const facts = {
    ...shown,
    validFrom: iso(shown.validFrom),
    validUntil: iso(shown.validUntil),
    chain: shown.chain.map(({ subject }) => subject)
  };
  const about = `by ${shown.issuer}, valid until ${day(shown.validUntil)}, SHA-256 ${shown.sha256}`;
  if (shown.refused) {
    const next =
      shown.refused.code === 'TLS_PIN_MISMATCH'
        ? undefined
        : `${remedy(shown, now)}; or, if whoever runs the server confirms it: --thumbprint ${shown.sha256}`;
    const message = `${shown.refused.message} (issued by ${shown.issuer}, valid until ${day(shown.validUntil)})`;
    throw advised({ ...shown.refused, message }, next ?? PIN_ADVICE);
  }
  const why = insecure && !pinned ? 'believed unseen (--insecure)' : pinned ? 'the pinned one' : 'trusted';
  const says = `${why}: ${about}`;
  const worry = worryOf(shown, now);
  if (worry) return { says: `${says}; ${worry.says}`, next: worry.next, facts };
  if (insecure && !pinned) {
    return { says, next: `pin it instead: --thumbprint ${shown.sha256}; or give --ca-file`, facts };
  }
  return { says, facts };
}

const PIN_ADVICE = 'check the fingerprint with whoever runs the server; do not just copy the new one';
const RENEW = 'have it renewed by whoever runs the server';

/** What will go wrong soon, or for others, although this connection may come about. */
function worryOf(shown: Shown, now: number): { says: string; next: string } | undefined {
  if (shown.validUntil <= now) return { says: `it expired on ${day(shown.validUntil)}`, next: RENEW };
  if (shown.validFrom > now) {
    return { says: `it is valid from ${day(shown.validFrom)} only`, next: 'check the clocks here and on the server' };
  }
  if (shown.validUntil - now < SOON_MS) {
    return { says: `it expires in ${days(shown.validUntil - now)}`, next: RENEW };
  }
  const old = shown.chain.find(({ validUntil }) => validUntil - now < SOON_MS);
  if (old) return { says: `the certificate above it, ${old.subject}, ends on ${day(old.validUntil)}`, next: RENEW };
  if (!shown.ownName) {
    return { says: `it is for another name (${shown.subject})`, next: 'use the name in the certificate for --url' };
  }
  return undefined;
}

function remedy(shown: Shown, now: number): string {
  if (shown.validUntil <= now) return RENEW;
  if (shown.validFrom > now) return 'check the clocks here and on the server';
  if (/another name/.test(shown.refused!.message)) return 'use the name in the certificate for --url';
  return 'give the authority that issued it: --ca-file FILE';
}

function plain(host: string): Found {
  const says = 'there is no TLS: the address begins with http://';
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(host);
  return local
    ? { says, facts: {} }
    : { says, next: 'use https://: anyone on the way could read the password', facts: {} };
}

function day(at: number): string {
  return iso(at).slice(0, 10);
}

function days(ms: number): string {
  const count = Math.floor(ms / 86_400_000);
  return count === 1 ? '1 day' : `${count} days`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
