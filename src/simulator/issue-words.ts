// A fault in data from a file or a request, in words: where it is, and what is wrong there.
import type { z } from 'zod';

/** @example `users.alice.roles: Invalid input: expected array, received string` */
export function inWords(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  return where === '' ? issue.message : `${where}: ${issue.message}`;
}
