// Who may come in by the admin door: somebody on this machine, who knows the token, and whom no web page has sent here
// (a page of another origin, or one whose name was bound to a loopback address after it had been loaded).
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { unauthenticated, type WireError, wireError } from '../../wire/errors.ts';

export interface Visitor {
  /** Address of the other end of the connection; undefined when it is gone already. */
  readonly address: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface GuardOptions {
  /** At least 16 printable characters without a space. */
  readonly token: string;
  /** Which addresses are of this machine; those of loopback unless said otherwise. */
  readonly isLocal?: (address: string) => boolean;
}

/**
 * Makes the check of every request: what is wrong with the visitor, or nothing.
 *
 * @throws `PortFailure` INVALID_SPEC for a token that could be guessed, or that no header could carry.
 */
export function guardOf({
  token,
  isLocal = isLoopbackAddress
}: GuardOptions): (visitor: Visitor) => WireError | undefined {
  if (!/^[\x21-\x7e]{16,}$/.test(token)) {
    throw new PortFailure(
      failure('INVALID_SPEC', 'the admin token is not 16 or more printable characters without a space', {
        next: 'give a longer one, or none: then one is made'
      })
    );
  }
  const expected = hashOf(token);
  return ({ address, headers }) => {
    if (address === undefined || !isLocal(address))
      return refused('not_local', 'The admin door is for this machine only.');
    if (!isLoopbackName(hostIn(`http://${headers.host ?? ''}`))) {
      return refused('foreign_host', 'The Host header does not name this machine: use 127.0.0.1, [::1] or localhost.');
    }
    if (headers.origin !== undefined && !isLoopbackName(hostIn(headers.origin))) {
      return refused('foreign_origin', 'Pages of another origin may not use the admin door.');
    }
    const [, given] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    // compared as hashes of one length, in a time that tells nothing of either
    if (given === undefined || !timingSafeEqual(hashOf(given), expected)) return unauthenticated();
    return undefined;
  };
}

/** 127.0.0.0/8 and ::1, also where IPv4 is written in IPv6. */
export function isLoopbackAddress(address: string): boolean {
  const [, ipv4 = ''] = /^(?:::ffff:)?(\d+(?:\.\d+){3})$/i.exec(address) ?? [];
  return address === '::1' || ipv4.startsWith('127.');
}

function isLoopbackName(host: string | undefined): boolean {
  return host === 'localhost' || host === '[::1]' || (host !== undefined && isLoopbackAddress(host));
}

function hostIn(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function refused(id: string, message: string): WireError {
  return wireError('UNAUTHORIZED', `shelver.simulator.admin.${id}`, message);
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
