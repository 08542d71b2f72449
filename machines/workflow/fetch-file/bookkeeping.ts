// The bookkeeping (actions) of the fetch of one file, by name.
import { assign } from 'xstate';
import { type DownloadFile, type Failure, failure } from '../../vocabulary.ts';
import type { ValueOf } from '../calls.ts';
import { isComparable } from '../download-facts.ts';
import type { Context } from './facts.ts';
import { fetchFileQuestions, fileOf, hasMoved, movedIn, partIn, result } from './questions.ts';

export const fetchFileSetup = fetchFileQuestions.extend({
  actions: {
    keepTime: assign(({ event }) => ({ at: result(event).at })),
    keepLink: assign(({ context, event }) => ({
      at: result(event).at,
      uri: String(fileOf(event)?.downloadUri),
      waitingSince: undefined,
      why: undefined,
      ...reported(context, fileOf(event))
    })),
    countTry: assign(({ context, event }) => ({
      at: result(event).at,
      attempts: context.attempts + 1,
      why: unprepared(context, event)
    })),
    beginPatience: assign(({ context, event }) => ({
      at: result(event).at,
      waitingSince: hasMoved(context, event) ? result(event).at : (context.waitingSince ?? result(event).at),
      moved: Math.max(context.moved, movedIn(event)),
      why: undefined
    })),
    keepPart: assign(({ context, event }) => {
      const held = partIn(event);
      const usable = !context.anew && held <= (context.size ?? Number.POSITIVE_INFINITY);
      return { at: result(event).at, anew: false, received: usable ? held : 0 };
    }),
    keepFetch: assign(({ context, event }) => {
      const its = result(event);
      const received = its.ok ? (its.value as ValueOf<'fetch'>).received : context.received;
      return { at: its.at, attempts: context.attempts + its.attempts, received, why: its.ok ? undefined : its.failure };
    }),
    keepReport: assign(({ context, event }) => ({
      at: result(event).at,
      asked: true,
      ...reported(context, fileOf(event))
    })),
    beginAgain: assign(({ context, event }) => ({
      at: result(event).at,
      why: wrongSize(context) ?? changed(context),
      anew: true,
      asked: false,
      waitingSince: undefined
    })),
    endUnnamed: assign({ unnamed: true }),
    failAsAnswered: assign(({ event }) => {
      const its = result(event);
      return { failure: (its as { failure?: Failure }).failure, at: its.at };
    }),
    failAsReported: assign(({ context, event }) => ({
      at: result(event).at,
      failure: unprepared(context, event)
    })),
    failAsImpatient: assign(({ context, event }) => ({
      at: result(event).at,
      failure: failure(
        'TIMED_OUT',
        `the service has been preparing ${context.file.name} for longer than ${Math.round(context.policy.patienceMs / 60_000)} min`
      )
    })),
    failAsWrongSize: assign(({ context }) => ({ failure: wrongSize(context) })),
    failAsChanged: assign(({ context, event }) => ({ at: result(event).at, failure: changed(context) }))
  }
});

function unprepared({ file }: Context, event: unknown): Failure {
  return failure('TRANSFER_REFUSED', fileOf(event)?.errorMessage ?? `the service could not prepare ${file.name}`);
}

function wrongSize({ file, received, size }: Context): Failure | undefined {
  if (size === undefined || size === received) return undefined;
  const said = `what came of ${file.name} is ${received} bytes long, and not the ${size} that the service says`;
  return failure('CHECKSUM_MISMATCH', said);
}

function changed({ file, digest }: Context): Failure {
  const said = `what came of ${file.name} is not what the service says it holds (${digest?.algorithm})`;
  return failure('CHECKSUM_MISMATCH', said);
}

/** The session's own words outweigh those of the item's list, where it has any that can be used. */
function reported({ size, digest, server }: Context, its: DownloadFile | undefined): Pick<Context, 'size' | 'digest'> {
  return {
    size: server.reportsSize ? (its?.size ?? size) : undefined,
    digest: server.reportsDigest && isComparable(its?.digest) ? its?.digest : digest
  };
}
