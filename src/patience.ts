// How long somebody who cancels a run is kept waiting while it cleans up, whatever the server does.
import type { Cancel, Inbox } from './inbox.ts';
import type { Clock } from './ports.ts';

/** Ten seconds in all are promised to whoever cancels; what is left of them is for logging out and for the end of the process. */
const CANCELED_MS = 7_000;

/**
 * Resolves with the wish when the time to clean up after it is over; never, when nobody cancels or the run has ended before. A
 * run that gave up by itself (deadline, journal) has no such bound: nobody waits for the prompt.
 *
 * @param over aborted when the run has ended
 */
export async function endOfPatience({ asked }: Inbox, clock: Clock, over: AbortSignal): Promise<Cancel> {
  const wish = await asked;
  await clock.sleepUntil(clock.now() + CANCELED_MS, over).catch(() => new Promise<never>(() => undefined));
  return wish;
}
