// A fault in data from a file or a request, in words: where it is, and what is wrong there.
import type { z } from 'zod';

/** @example `libraries[0].name: Invalid input: expected string, received number` */
export function inWords(issue: z.core.$ZodIssue): string {
  const where = issue.path.map((part, at) =>
    typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`
  );
  const message = issue.code === 'unrecognized_keys' ? notKnown(issue.keys) : issue.message;
  return where.length === 0 ? message : `${where.join('')}: ${message}`;
}

function notKnown(keys: readonly string[]): string {
  return `${keys.map(key => JSON.stringify(key)).join(', ')} ${keys.length === 1 ? 'is' : 'are'} not known here`;
}
