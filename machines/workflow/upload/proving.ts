// A create that nobody answered, and a session that was not there before: most likely it is the one that was made. But somebody
// else of the same user may have made one in the same moments, and two runs must never send into one session.
import type { RetryPolicy } from '../calls.ts';
import { uploadSetup } from './bookkeeping.ts';
import { asksOwner, attempt } from './calling.ts';

interface Transition {
  readonly target: string;
  readonly actions: 'failAsAnswered' | 'noteLeft';
}

interface Ways<O, T, V> {
  readonly ours: O;
  readonly others: T;
  readonly over: V;
  readonly unasked?: readonly object[];
  readonly unknown: Transition;
}

/**
 * Whether the candidate is ours: it is not, when the journal has it as another run's, or somebody sends into it already. One that has
 * ended, whoever has ended it, is only taken away. One that goes just then may be taken for ours: what becomes of that is judged in
 * one place.
 *
 * @param over ways on from one that has ended
 * @param unasked ways on when the journal cannot be asked; none: the service is asked all the same
 * @param unknown where to, when the service does not tell; its actions hear why
 * @param suffix tells its calls from those of the same question elsewhere
 */
export const proving = <O extends string, T extends string, const V extends readonly object[]>(
  suffix: string,
  { ours, others, over, unasked = [], unknown }: Ways<O, T, V>,
  limits: Partial<RetryPolicy> = {}
) =>
  uploadSetup.createStateConfig({
    description: 'a session was found after a create that nobody answered: is it this run’s?',
    initial: 'askingWhose',
    states: {
      askingWhose: {
        invoke: {
          ...attempt(`proveOwner${suffix}`, asksOwner, limits),
          onDone: [
            ...(unasked as unknown as never[]),
            { guard: 'isOfAnotherRun', target: others as never, actions: 'disown' },
            { target: 'reading', actions: 'keepTime' }
          ]
        }
      },
      reading: {
        description: 'an earlier life may have ended it, and died before it could say so',
        invoke: {
          ...attempt(
            `proveOpen${suffix}`,
            ({ candidate }) => ({ op: 'getSession', args: { id: String(candidate) } }),
            limits
          ),
          onDone: [
            ...(over as unknown as never[]),
            { guard: 'cannotBeProved', ...(unknown as object) },
            { target: 'looking', actions: 'keepTime' }
          ]
        }
      },
      looking: {
        invoke: {
          ...attempt(
            `proveIdle${suffix}`,
            ({ candidate }) => ({ op: 'listFiles', args: { sessionId: String(candidate) } }),
            limits
          ),
          onDone: [
            { guard: 'isAtWork', target: others as never, actions: 'disown' },
            { guard: 'cannotBeProved', ...(unknown as object) },
            { target: ours as never, actions: 'adopt' }
          ]
        }
      }
    }
  });
