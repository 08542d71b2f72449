// A disk or a file server that does not answer: the operating system would wait for it without end, and takes nothing back
// that it was asked for. So what was asked is left to itself, and the one who waits is told.
import { type Failure, failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';

/** How long one piece of reading may take, in milliseconds: far more than a disk that must first spin up. */
const READING_MS = 60_000;
/** The same for writing: what was written before may have to reach the disk first. */
const WRITING_MS = 600_000;
/** How long closing may take, which nobody depends on. */
const CLOSING_MS = 1_000;

/** What was read, or SOURCE_UNREADABLE when nothing came in time; what comes later goes to `late`. */
export function readUnlessHung<T>(
  path: string,
  work: Promise<T>,
  late: (value: T) => void = () => undefined,
  withinMs: number = READING_MS
): Promise<T> {
  return unlessHung(work, withinMs, late, waited =>
    failure('SOURCE_UNREADABLE', `${path} cannot be read: its disk or file server has not answered for ${waited}`)
  );
}

/** What came of writing, or TARGET_UNWRITABLE when nothing did in time. */
export function writtenUnlessHung<T>(place: string, work: Promise<T>, withinMs: number = WRITING_MS): Promise<T> {
  return unlessHung(
    work,
    withinMs,
    () => undefined,
    waited =>
      failure(
        'TARGET_UNWRITABLE',
        `${place} cannot be written to: its disk or file server has not answered for ${waited}`
      )
  );
}

/** Closes what can be closed: behind a read that hangs, closing hangs as well. */
export function closed(handle: { close(): Promise<void> }, withinMs: number = CLOSING_MS): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, withinMs);
    handle
      .close()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

function unlessHung<T>(
  work: Promise<T>,
  withinMs: number,
  late: (value: T) => void,
  hung: (waited: string) => Failure
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      reject(new PortFailure(hung(`${withinMs / 1_000} s`)));
    }, withinMs);
    work.then(
      value => {
        clearTimeout(timer);
        if (over) late(value);
        else resolve(value);
      },
      cause => {
        clearTimeout(timer);
        reject(cause);
      }
    );
  });
}
