// What each call allows after a failure: repeat it, ask first what became of it, or take it as done. And what the answer to
// such a question teaches.
import type { Failure, SessionFile } from '../vocabulary.ts';
import { bytesRefused, FAILURES, failure } from '../vocabulary.ts';
import type { Calls, CallSpec, Op } from './calls.ts';

/** What asking taught: the call had its effect (with this answer), had none, is still under way, or can never have it. */
export type Learned =
  | { readonly happened: 'yes'; readonly value: unknown }
  | { readonly happened: 'no' }
  | { readonly happened: 'notYet' }
  | { readonly happened: 'never'; readonly failure: Failure };

interface Rule {
  /** The question that settles what an unanswered call did. Without one, the call may simply be repeated. */
  readonly ask?: (args: never) => CallSpec;
  /** What its answer teaches; `why` is the failure that made it necessary. */
  readonly learn?: (args: never, answer: never, why: Failure | undefined) => Learned;
  /** Ask after every failure, not only after a doubtful one. */
  readonly alwaysAsk?: boolean;
  /** What it means when the question itself is refused with this. */
  readonly refused?: Readonly<Partial<Record<Failure['code'], (args: never) => Learned>>>;
  /** A refusal that means: it is already as the call wants it. */
  readonly alreadySo?: readonly Failure['code'][];
  /** Refusals that may be our own unanswered call, landed late: ask, but only once a call has been in doubt. */
  readonly maybeOurs?: readonly Failure['code'][];
}

const rules: { readonly [K in Op]?: Rule } = {
  createItem: rule<'createItem', 'findItems'>({
    ask: ({ libraryId, name }) => ({ op: 'findItems', args: { libraryId, name } }),
    // The plan creates an item only after it found none of that name, so one that is there now is ours.
    learn: (_, ids) => (ids[0] === undefined ? { happened: 'no' } : { happened: 'yes', value: ids[0] }),
    maybeOurs: ['ALREADY_EXISTS']
  }),
  createSession: rule<'createSession', 'listSessions'>({
    ask: ({ itemId }) => ({ op: 'listSessions', args: { itemId } }),
    learn: ({ before }, ids) => {
      const ours = ids.find(id => !before.includes(id));
      return ours === undefined ? { happened: 'no' } : { happened: 'yes', value: ours };
    },
    maybeOurs: ['RESOURCE_BUSY']
  }),
  createDownloadSession: rule<'createDownloadSession', 'listDownloadSessions'>({
    ask: ({ itemId }) => ({ op: 'listDownloadSessions', args: { itemId } }),
    learn: ({ before }, ids) => {
      const ours = ids.find(id => !before.includes(id));
      return ours === undefined ? { happened: 'no' } : { happened: 'yes', value: ours };
    }
  }),
  addFile: rule<'addFile', 'getFile'>({
    ask: ({ sessionId, name }) => ({ op: 'getFile', args: { sessionId, name } }),
    // A second add would throw away what has arrived since the first one. A fetch that has failed already was begun by ours,
    // and has ended the session.
    learn: ({ pull }, file) => {
      const ours =
        pull === undefined
          ? file.sourceType === 'PUSH' && file.uploadUri !== undefined && file.status !== 'ERROR'
          : file.sourceType === 'PULL';
      return ours ? { happened: 'yes', value: file } : { happened: 'no' };
    },
    // No such file in the session (UpdateSession.File.get, vSphere API 8.0).
    refused: { INVALID_ARGUMENT: () => ({ happened: 'no' }) }
  }),
  push: rule<'push', 'getFile'>({
    alwaysAsk: true,
    ask: ({ sessionId, name }) => ({ op: 'getFile', args: { sessionId, name } }),
    // The bytes were read and hashed, whatever became of the answer.
    learn: ({ size }, file, why) => {
      const read = { sent: size, digests: why?.digests ?? [] };
      switch (file.status) {
        case 'VALIDATING':
          return { happened: 'yes', value: read };
        case 'READY':
          return file.size === undefined || file.size === size ? { happened: 'yes', value: read } : { happened: 'no' };
        case 'TRANSFERRING':
          return { happened: 'notYet' };
        case 'ERROR':
          return {
            happened: 'never',
            failure: notTaken(file, `the service could not take ${file.name}`)
          };
        default:
          return { happened: 'no' };
      }
    },
    refused: {
      INVALID_ARGUMENT: ({ name }) => ({
        happened: 'never',
        failure: failure('FILE_NOT_RECEIVED', `the session does not list ${name} any more`)
      })
    }
  }),
  cancelSession: { alreadySo: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'] },
  failSession: { alreadySo: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'] },
  deleteSession: { alreadySo: ['NOT_FOUND'] },
  cancelDownload: { alreadySo: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'] },
  failDownload: { alreadySo: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'] },
  deleteDownloadSession: { alreadySo: ['NOT_FOUND'] },
  deleteItem: { alreadySo: ['NOT_FOUND'] },
  // An unknown name is INVALID_ARGUMENT (UpdateSession.File.remove, vSphere API 8.0): the name came from a list, so it was there.
  removeFile: { alreadySo: ['INVALID_ARGUMENT'] }
};

/** A file that the service did not take, in its own words if it has any. */
export function notTaken({ errorMessage }: SessionFile, otherwise: string): Failure {
  if (errorMessage === undefined) return failure('FILE_NOT_RECEIVED', otherwise);
  const code = bytesRefused(errorMessage);
  return failure(code === 'CHECKSUM_MISMATCH' ? code : 'FILE_NOT_RECEIVED', errorMessage);
}

/** The call as it is to be made after this failure: a fetch goes on where it came to. */
export function continued(call: CallSpec, failed: Failure): CallSpec {
  if (call.op !== 'fetch' || failed.received === undefined) return call;
  return { op: 'fetch', args: { ...call.args, from: failed.received } };
}

export function isAlreadySo(call: CallSpec, failed: Failure): boolean {
  return rules[call.op]?.alreadySo?.includes(failed.code) ?? false;
}

/** Whether the call must not be repeated before its question is answered. */
export function mustAsk(call: CallSpec, failed: Failure, doubted: boolean): boolean {
  const its = rules[call.op];
  if (its?.ask === undefined) return false;
  if (its.alwaysAsk === true) return FAILURES[failed.code].retry;
  return isDoubtful(failed) || (doubted && (its.maybeOurs?.includes(failed.code) ?? false));
}

/** Whether the server may have acted although it did not say so. */
export function isDoubtful(failed: Failure): boolean {
  return (
    failed.ambiguous === true ||
    failed.code === 'SERVER_ERROR' ||
    failed.code === 'STALLED' ||
    failed.code === 'TIMED_OUT'
  );
}

export function questionOf(call: CallSpec): CallSpec {
  const ask = rules[call.op]?.ask;
  return ask === undefined ? call : ask(call.args as never);
}

export function learn(call: CallSpec, answer: unknown, why?: Failure): Learned {
  return rules[call.op]?.learn?.(call.args as never, answer as never, why) ?? { happened: 'no' };
}

/** What a refused question teaches, if anything. */
export function learnRefused(call: CallSpec, refused: Failure): Learned | undefined {
  return rules[call.op]?.refused?.[refused.code]?.(call.args as never);
}

function rule<K extends Op, A extends Op>(its: {
  ask: (args: Calls[K][0]) => CallSpec & { op: A };
  learn: (args: Calls[K][0], answer: Calls[A][1], why: Failure | undefined) => Learned;
  alwaysAsk?: boolean;
  maybeOurs?: readonly Failure['code'][];
  refused?: Partial<Record<Failure['code'], (args: Calls[K][0]) => Learned>>;
}): Rule {
  return its as unknown as Rule;
}
