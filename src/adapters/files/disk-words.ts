// What a disk says when a target folder is written to, as sentences and failures.
import { type Failure, type FailureCode, failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it is larger than the file system allows',
  EACCES: 'there is no permission to write there',
  EPERM: 'there is no permission to write there',
  EROFS: 'the file system can only be read',
  ENOENT: 'there is no such folder (any more)',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'a folder stands in its place',
  ELOOP: 'a symbolic link stands in its place',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long for the file system',
  EIO: 'the disk or the file server reports a write error'
};

/** The system's own word, like `ENOSPC`. */
export function codeOf(cause: unknown): string {
  return String((cause as { code?: unknown }).code);
}

/** Why, for people. */
export function reasonOf(cause: unknown): string {
  const code = codeOf(cause);
  return REASONS[code] ?? code;
}

/** A name from elsewhere, short and without anything that a terminal would obey. */
export function shown(name: string): string {
  const short = name.length > 120 ? `${name.slice(0, 120)}…` : name;
  return JSON.stringify(short).replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '?');
}

export function refused(code: FailureCode, message: string): PortFailure {
  const told: Failure = failure(code, message);
  return new PortFailure(told);
}
