// What can be wrong with one file of an upload, as failures.
import type { Digest, Failure, SessionFile } from '../../vocabulary.ts';
import { failure } from '../../vocabulary.ts';
import type { AttemptResult } from '../attempt.ts';
import { notTaken } from '../after-failure.ts';
import type { ValueOf } from '../calls.ts';
import type { Context } from './questions.ts';

/** What a push or its failure tells of the bytes that were read. */
export function digestsOf(its: AttemptResult): readonly Digest[] {
  return its.ok ? (its.value as ValueOf<'push'>).digests : (its.failure.digests ?? []);
}

export function disagreement({ file }: Context, its: AttemptResult): Failure | undefined {
  const read = digestsOf(its).find(digest => digest.algorithm === file.digest?.algorithm);
  if (read === undefined || read.checksum === file.digest?.checksum) return undefined;
  return failure(
    'SOURCE_DISAGREES',
    `${file.name} does not match its manifest: the ${read.algorithm} there is ${file.digest?.checksum}, the file's is ${read.checksum}`
  );
}

/** What a file that is READY shows by its digest. */
export function changedFailure({ file, digests }: Context, its: SessionFile | undefined): Failure | undefined {
  // Of what the service fetched nobody here has read a byte: there is only what the caller says that it is.
  const known = file.pull === true && file.digest !== undefined ? [file.digest] : digests;
  const ours = known.find(digest => digest.algorithm === its?.digest?.algorithm);
  if (its?.status !== 'READY' || ours === undefined || ours.checksum === its.digest?.checksum.toLowerCase()) {
    return undefined;
  }
  const theirs = `what the service ${file.pull ? 'fetched' : 'received'} of ${file.name} is not`;
  return failure(
    'CHECKSUM_MISMATCH',
    file.pull
      ? `${theirs} what was asked for: its ${ours.algorithm} is ${its.digest?.checksum}, not ${ours.checksum}`
      : `${theirs} what was read from the source`,
    file.pull ? { next: CHECK_SOURCE } : {}
  );
}

export function reportedFailure({ file }: Context, its: SessionFile | undefined): Failure {
  const otherwise = `the service did not keep ${file.name} (status: ${its?.status})`;
  return file.pull === true ? fetchFailure(its as SessionFile, otherwise) : notTaken(its as SessionFile, otherwise);
}

/** Of a file that the service fetches by itself. */
export function fetchFailure(its: SessionFile, otherwise: string): Failure {
  const said = notTaken(its, otherwise);
  return { ...said, next: said.code === 'CHECKSUM_MISMATCH' ? CHECK_SOURCE : CHECK_WAY };
}

export function impatience({ file, patienceMs }: Context): Failure {
  const span = `${Math.round(patienceMs / 60_000)} min`;
  return file.pull === true
    ? failure('TIMED_OUT', `the service has come no further with fetching ${file.name} for ${span}`, {
        next: CHECK_WAY
      })
    : failure('TIMED_OUT', `the service has been validating ${file.name} for longer than ${span}`);
}

const CHECK_SOURCE = 'check the source and the checksum, then run the command again';
const CHECK_WAY =
  'check that the server itself can reach the source, by its own network and trust; then run the command again';
