// How the states of the upload plan call: everything goes through `attempt`.
import type { Failure } from '../../vocabulary.ts';
import { type CallSpec, lookMs, type RetryPolicy } from '../calls.ts';
import { FREE } from '../retry-budget.ts';
import type { UploadContext } from '../upload-facts.ts';

/**
 * One call through `attempt`, with the patience that its phase deserves. `after`: why it is made again, where the plan itself
 * makes it again. `doubted`: whether an earlier life may have made it.
 */
export const attempt = (
  id: string,
  call: (context: UploadContext) => CallSpec,
  limits: Partial<RetryPolicy> = {},
  after: (context: UploadContext) => Failure | undefined = () => undefined,
  doubted: (context: UploadContext) => boolean = () => false
) => ({
  id,
  src: 'attempt' as const,
  input: ({ context }: { context: UploadContext }) => ({
    policy: { ...context.input.policy, ...limits },
    call: call(context),
    after: after(context),
    ...(doubted(context) && { doubted: true })
  })
});
/** Cleaning up has a deadline of its own: it must end while somebody waits for the prompt. */
export const CLEANUP = { maxAttempts: 3, capMs: 1_000, retryAfterCapMs: 2_000, ...FREE };
/** An earlier life has sent the create of this item, or of this session, and did not hear what became of it. */
export const mayHaveMade = ({ doubtedItem }: UploadContext): boolean => doubtedItem;
export const mayHaveOpened = ({ doubtedSession, generation }: UploadContext): boolean => doubtedSession === generation;
export const abandon = '#upload.abandoning';
export const itemOf = ({ itemId }: UploadContext): string => String(itemId);
export const sessionOf = ({ sessionId }: UploadContext): string => String(sessionId);
export const asksSession = ({ sessionId }: UploadContext): CallSpec => ({
  op: 'getSession',
  args: { id: String(sessionId) }
});
/** Asks the journal which run made each session that is in the way, and whether somebody works on that. */
export const asksWhose = <T extends string>(then: T) => ({
  ...attempt('askWhose', ({ rivals }) => ({ op: 'ownersOf', args: { sessions: rivals } })),
  onDone: [
    { guard: 'failed' as const, target: then, actions: 'keepNoOwners' as const },
    { target: then, actions: 'keepOwners' as const }
  ]
});
/** Asks the journal which run made the session that was found. */
export const asksOwner = ({ candidate }: { readonly candidate?: string }): CallSpec => ({
  op: 'ownersOf',
  args: { sessions: [String(candidate)] }
});
export const leave = { target: abandon, actions: 'wish' as const };
/** Gone, ended, or even DONE, if a complete of an earlier life has landed late: the session itself is asked. */
export const leaseLost = { target: '#upload.reconciling', actions: 'nowOver' as const };
/** The session is gone: whether there may be another one is judged in one place. */
export const gone = {
  guard: 'isGone' as const,
  target: '#upload.reconciling',
  actions: ['keepTime', 'nowOver'] as const
};
export const doubt = { guard: 'mayBeOver' as const, target: '#upload.reconciling', actions: 'failAsAnswered' as const };
/** How long the answer to a create is still awaited once somebody wants to leave, in milliseconds. */
const GRACE_MS = 3_000;
/** A create is not left on cancel: its answer says what has to be taken away again. But nobody is kept waiting for ever. */
export const patiently = {
  initial: 'calling',
  states: {
    calling: { on: { cancel: { target: 'leaving', actions: 'wish' } } },
    leaving: {
      description: 'canceled: the answer is awaited a little longer, then what it may have made is looked for',
      entry: 'stopCreating',
      invoke: {
        id: 'grace',
        src: 'sleep',
        input: ({ context }: { context: UploadContext }) => ({ until: context.at + GRACE_MS }),
        onDone: abandon
      }
    }
  }
} as const;
export const soon = ({ context: { at, input, waitingSince } }: { context: UploadContext }) => ({
  until: at + lookMs(input.policy.pollMs, Number(waitingSince), at)
});
/** `soon`; where complete has to be sent again, not before the service wants that (Retry-After). */
export const soonAsAsked = (its: { context: UploadContext }) => {
  const { at, input, completeFailure } = its.context;
  if (completeFailure === undefined) return soon(its);
  return {
    until: at + Math.max(input.policy.pollMs, Math.min(completeFailure.retryAfterMs ?? 0, input.policy.retryAfterCapMs))
  };
};

export const itemQuestion = ({ input, library }: UploadContext): CallSpec => ({
  op: 'findItems',
  args: { libraryId: String(library?.id), name: input.to.item }
});
