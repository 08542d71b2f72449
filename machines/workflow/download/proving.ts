// A download session that was found after a create that nobody answered: most likely it is the one that was made. But somebody
// else of the same user may have made one in the same moments, and nobody's session is ended under his hands.
import type { RetryPolicy } from '../calls.ts';
import { asksOwner } from '../upload/calling.ts';
import { downloadSetup } from './bookkeeping.ts';
import { attempt } from './calling.ts';

interface Transition {
  readonly target: string;
  readonly actions: 'failAsAnswered' | 'noteSessionLeft';
}

/**
 * Whether the candidate is ours: it is not, when the journal has it as another run's, or somebody has asked for a file in it.
 *
 * @param over where to from one that has ended
 * @param unknown where to, when the service does not tell; its actions hear why
 * @param suffix tells its calls from those of the same question elsewhere
 */
export const proving = <O extends string, T extends string, V extends string>(
  suffix: '' | 'Found',
  {
    ours,
    others,
    over,
    unknown
  }: { readonly ours: O; readonly others: T; readonly over: V; readonly unknown: Transition },
  limits: Partial<RetryPolicy> = {}
) =>
  downloadSetup.createStateConfig({
    description: 'a session was found after a create that nobody answered: is it this run’s?',
    initial: 'askingWhose',
    states: {
      askingWhose: {
        invoke: {
          ...attempt(`proveOwner${suffix}`, asksOwner, limits),
          onDone: [
            { guard: 'failed', ...(unknown as object) },
            { guard: 'isOfAnotherRun', target: others as never, actions: 'disown' },
            { target: 'looking', actions: 'keepTime' }
          ]
        }
      },
      looking: {
        description: 'this run has asked for no file in it',
        invoke: {
          ...attempt(
            `proveIdle${suffix}`,
            ({ candidate }) => ({ op: 'listDownloadFiles', args: { sessionId: String(candidate) } }),
            limits
          ),
          onDone: [
            { guard: 'mayBeOver', target: over as never, actions: 'adopt' },
            { guard: 'failed', ...(unknown as object) },
            { guard: 'isAtWork', target: others as never, actions: 'disown' },
            { target: ours as never, actions: 'adopt' }
          ]
        }
      }
    }
  });
