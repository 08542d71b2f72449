// Keeps a session (update or download) and the login alive beside a long transfer. It reckons on the server's own clock: what is left
// of the session is the difference of two instants that the same server told in one answer.
import { assign, setup } from 'xstate';
import type { DownloadSessionInfo, Failure, SessionInfo } from '../vocabulary.ts';
import { failure } from '../vocabulary.ts';
import { type AttemptResult, attemptMachine, sleep } from './attempt.ts';
import type { RetryPolicy } from './calls.ts';
import { FREE } from './retry-budget.ts';

export type SessionKind = 'update' | 'download';

export interface LeaseInput {
  readonly kind: SessionKind;
  readonly sessionId: string;
  /** How long a session lives without activity, where it does not say so itself. */
  readonly sessionTimeoutMs: number;
  readonly policy: RetryPolicy;
}

/** The lease ends only when the session cannot be kept: it is over, and this is what the service said. */
export interface LeaseResult {
  readonly failure: Failure;
}

export interface Context extends LeaseInput {
  /** When the last sign of life was taken: the next one is reckoned from here, however long what stands between takes. */
  readonly at: number;
  /** How long after it the next one goes out: a quarter of the expiry, so that it comes within a third. */
  readonly periodMs: number;
  readonly failure?: Failure;
}

const result = (event: unknown): AttemptResult => (event as { output: AttemptResult }).output;
const session = (event: unknown): SessionInfo | DownloadSessionInfo | undefined => {
  const its = result(event);
  return its.ok ? (its.value as SessionInfo | DownloadSessionInfo) : undefined;
};

export const leaseMachine = setup({
  types: {
    context: {} as Context,
    input: {} as LeaseInput,
    output: {} as LeaseResult,
    children: {} as { look: 'attempt'; beat: 'attempt'; login: 'attempt'; rest: 'sleep' }
  },
  actors: { attempt: attemptMachine, sleep },
  guards: {
    gone: ({ event }) => {
      const its = result(event);
      return !its.ok && (its.failure.code === 'NOT_FOUND' || its.failure.code === 'NOT_ALLOWED_IN_CURRENT_STATE');
    },
    over: ({ event }) => session(event) !== undefined && session(event)?.state !== 'ACTIVE',
    failed: ({ event }) => !result(event).ok
  },
  actions: {
    learnPeriod: assign(({ context, event }) => {
      const its = session(event);
      const left =
        its?.expiresAt !== undefined && its.serverNow !== undefined
          ? its.expiresAt - its.serverNow
          : context.sessionTimeoutMs;
      // The first look comes right after the create; after that, beats count.
      return { at: context.at === 0 ? result(event).at : context.at, periodMs: Math.max(250, Math.floor(left / 4)) };
    }),
    keepTime: assign({ at: ({ event }) => result(event).at }),
    hurry: assign(({ context, event }) => ({
      at: result(event).at,
      periodMs: Math.max(250, Math.floor(context.periodMs / 2))
    })),
    endAsSaid: assign(({ context, event }) => ({ failure: endOf(session(event), context.sessionId, context.kind) })),
    endAsGone: assign(({ context }) => ({ failure: endOf(undefined, context.sessionId, context.kind) }))
  }
}).createMachine({
  id: 'lease',
  context: ({ input }) => ({
    ...input,
    policy: { ...input.policy, ...FREE },
    at: 0,
    periodMs: Math.floor(input.sessionTimeoutMs / 4)
  }),
  initial: 'looking',
  states: {
    looking: {
      description: 'asks how long the session lives, by the clock of the server',
      invoke: {
        id: 'look',
        src: 'attempt',
        input: ({ context }) => ({
          policy: once(context),
          call: { op: OPS[context.kind].look, args: { id: context.sessionId } }
        }),
        onDone: [
          { guard: 'gone', target: 'lost', actions: 'endAsGone' },
          { guard: 'over', target: 'lost', actions: 'endAsSaid' },
          { guard: 'failed', target: 'resting', actions: 'hurry' },
          { target: 'resting', actions: 'learnPeriod' }
        ]
      }
    },
    resting: {
      invoke: {
        id: 'rest',
        src: 'sleep',
        input: ({ context }) => ({ until: context.at + context.periodMs }),
        onDone: 'beating'
      }
    },
    beating: {
      description: 'keeps the session',
      invoke: {
        id: 'beat',
        src: 'attempt',
        input: ({ context }) => ({
          policy: context.policy,
          call: { op: OPS[context.kind].beat, args: { id: context.sessionId } }
        }),
        onDone: [
          { guard: 'gone', target: 'looking', actions: 'keepTime' },
          { guard: 'failed', target: 'resting', actions: 'hurry' },
          { target: 'greeting', actions: 'keepTime' }
        ]
      }
    },
    greeting: {
      description: 'keeps the login',
      invoke: {
        id: 'login',
        src: 'attempt',
        input: ({ context }) => ({ policy: once(context), call: { op: 'keepLogin', args: {} } }),
        onDone: 'looking'
      }
    },
    lost: { type: 'final' }
  },
  output: ({ context }) => ({ failure: context.failure as Failure })
});

const OPS = {
  update: { look: 'getSession', beat: 'keepAlive' },
  download: { look: 'getDownloadSession', beat: 'keepDownloadAlive' }
} as const;

/** What stands between two beats must not delay them: a question that fails is asked after the next one. */
function once({ policy }: Context): RetryPolicy {
  return { ...policy, maxAttempts: 1 };
}

/** What may come of a session that is no longer what it was: the session itself is asked. */
export function mayBeOver(failed: Failure | undefined): boolean {
  return failed?.code === 'NOT_FOUND' || failed?.code === 'NOT_ALLOWED_IN_CURRENT_STATE';
}

/** What both kinds of session tell of their end. */
export type Ended = Pick<SessionInfo | DownloadSessionInfo, 'state' | 'errorMessage'>;

/** A service that cannot make up its mind. */
export function contradiction(id: string | undefined): Failure {
  return failure('SERVER_ERROR', `the service says of the session ${id} now that it is gone, and now that it is there`);
}

/** Why a session cannot be used any more, in the service's own words where it has some. */
export function endOf(session: Ended | undefined, id: string, kind: SessionKind = 'update'): Failure {
  const its = `the ${kind} session ${id}`;
  if (session === undefined) return failure('SESSION_LOST', `${its} is gone: it expired or was deleted`);
  if (session.state === 'CANCELED') return failure('SESSION_CANCELED', `${its} was canceled on the server`);
  return failure('SESSION_ERROR', session.errorMessage ?? `${its} is ${session.state} on the server`);
}
