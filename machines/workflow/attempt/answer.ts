// What an attempt has come to, as the plan that made it hears it in an event.
import type { AttemptResult } from './facts.ts';

export const result = (event: unknown): AttemptResult => (event as { output: AttemptResult }).output;

/** Whether nobody answered, and it was there when it was asked for. */
export function wasFound(event: unknown): boolean {
  const its = result(event);
  return its.ok && its.found === true;
}

/** Whether some call that was not answered may have had its effect all the same, or may have it late. */
export function wasDoubted(event: unknown): boolean {
  return result(event).doubted;
}
