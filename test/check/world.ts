// What stands around the client in a search: the other side of its calls, and what must hold of both.
import type { CallSpec } from '../../machines/workflow/calls.ts';
import type { Subject } from './client.ts';
import type { Answered } from './service.ts';

/** What the client talks to, and what must hold. `S` is JSON: all that the other side and this machine's disk know. */
export interface World<S> extends Subject {
  readonly service: S;
  /** The service keeps client tokens: a create that comes twice makes one thing. */
  readonly tokens: boolean;
  serve(service: S, call: CallSpec): readonly [S, Answered];
  /** What may expire just now: in words, and as it is then. */
  expired(service: S): readonly (readonly [string, S])[];
  /** What the service does by itself, sooner or later. */
  goesOn(service: S): readonly (readonly [string, S])[];
  /** Calls that change nothing. */
  readonly reads: ReadonlySet<string>;
  /** Calls that go to no network: a crash may come between, but nothing else. */
  readonly local: ReadonlySet<string>;
  /** What must not be, whatever the client is at. */
  broken(service: S): string | undefined;
  /** What must not be at the end. */
  brokenEnd(end: End<S>): string | undefined;
}
export interface End<S> {
  readonly output: unknown;
  readonly service: S;
  readonly canceled: boolean;
  readonly unanswered: boolean;
  /** Something was made by a late request, and nobody can have seen it. */
  readonly unseen: boolean;
}
