// A fault in data from a file or a request, in words: where it is, what is wrong there, and what it must be. Never a value, which
// may be a password in the wrong place.
import type { z } from 'zod';
import { hasControl, quoted } from '../tar/quoted.ts';

type Issue = z.core.$ZodIssue;

/** @example `libraries[0].name: must be a text, not a number` */
export function inWords(issue: Issue): string {
  const where = issue.path.map((part, at) =>
    typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${shown(String(part))}`
  );
  const words = wordsOf(issue);
  if (where.length > 0) return `${where.join('')}: ${words}`;
  return words.startsWith('must ') ? `it ${words}` : words;
}

/** A name that somebody chose, as a part of one sentence. */
function shown(part: string): string {
  return hasControl(part) || part.length > 120 ? quoted(part) : part;
}

function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${issue.keys.map(quoted).join(', ')} ${issue.keys.length === 1 ? 'is' : 'are'} not known here`;
    case 'invalid_type':
      return isMissing(issue) ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}${notA(issue)}`;
    case 'invalid_value':
      return `must be ${alternatives(issue.values.map(value => JSON.stringify(value)))}`;
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    case 'invalid_format':
      return issue.format === 'base64' ? 'must be base64' : issue.message;
    case 'invalid_union':
      return ofSeveral(issue);
    default:
      return issue.message;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null'
};

function tooSmall({ origin, minimum, inclusive }: Extract<Issue, { code: 'too_small' }>): string {
  if (origin === 'string') return 'must not be empty';
  if (origin === 'array') return 'must not be an empty list';
  return `must be ${inclusive ? 'at least' : 'more than'} ${minimum}`;
}

/** What fits none of several forms may be any of them. */
function ofSeveral(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const options = (issue as { readonly options?: readonly unknown[] }).options;
  if (options !== undefined) return `must be ${alternatives(options.map(option => JSON.stringify(option)))}`;
  const forms = issue.errors.flatMap(([first]) => (first === undefined ? [] : [wordsOf(first)]));
  return `must be ${alternatives(forms.map(words => words.replace(/^must be /, '').replace(/, not .*$/, '')))}`;
}

function alternatives(texts: readonly string[]): string {
  const [last, ...before] = [...texts].reverse();
  return before.length === 0 ? String(last) : `${before.reverse().join(', ')} or ${last}`;
}

/** The words of the library say what was given instead, and nothing else does. */
function givenIn({ message }: Issue): string | undefined {
  return / received (\w+)$/.exec(message)?.[1];
}

function isMissing(issue: Issue): boolean {
  return givenIn(issue) === 'undefined' && issue.path.length > 0;
}

function notA(issue: Extract<Issue, { code: 'invalid_type' }>): string {
  const given = KINDS[givenIn(issue) ?? ''];
  return given === undefined || issue.expected === 'int'
    ? ''
    : `, not ${given === 'true or false' ? 'a boolean' : given}`;
}
