// The bookkeeping (actions) of the plan of one file, by name.
import { assign } from 'xstate';
import type { Failure, SessionFile } from '../../vocabulary.ts';
import { backOffMs } from '../calls.ts';
import { furthest, NOWHERE, reachedBy } from '../pulls.ts';
import { fileQuestions, result, sessionFile } from './questions.ts';
import { changedFailure, digestsOf, disagreement, impatience, reportedFailure } from './words.ts';

export const fileSetup = fileQuestions.extend({
  actions: {
    keepUri: assign(({ event }) => ({
      uri: sessionFile(event)?.uploadUri ?? '',
      at: result(event).at,
      why: undefined
    })),
    forgetAlgorithm: assign(({ context: { server, file }, event }) => ({
      at: result(event).at,
      server: { ...server, algorithms: server.algorithms.filter(its => its !== file.digest?.algorithm) }
    })),
    keepPush: assign(({ context, event }) => {
      const its = result(event);
      return { attempts: context.attempts + its.attempts, digests: digestsOf(its), at: its.at };
    }),
    /** The service fetches from now on: what is begun here is watching it. */
    beginFetch: assign(({ context, event }) => {
      const { at, attempts } = result(event);
      return { attempts: context.attempts + attempts, at, confirmingSince: at, movedAt: at, reached: NOWHERE };
    }),
    keepMovement: assign(({ context, event }) => {
      const { at } = result(event);
      return { at, movedAt: at, reached: furthest(context.reached, reachedBy([sessionFile(event) as SessionFile])) };
    }),
    keepTime: assign(({ event }) => ({ at: result(event).at })),
    /** Whatever spoilt the last body may take a while to pass: the more bodies were spoilt, the longer. */
    backOff: assign(({ context, event }) => {
      const its = result(event);
      const why = its.ok
        ? (changedFailure(context, sessionFile(event)) ?? reportedFailure(context, sessionFile(event)))
        : its.failure;
      const failed = { at: its.at, luck: its.luck, failure: why };
      return { at: its.at, why, dueAt: its.at + backOffMs(context.policy, context.attempts, failed) };
    }),
    keepReport: assign(({ event }) => ({ reported: sessionFile(event)?.digest, at: result(event).at })),
    beginPatience: assign(({ context, event }) => ({
      confirmingSince: context.confirmingSince ?? result(event).at,
      at: result(event).at
    })),
    forgetPatience: assign({ confirmingSince: undefined }),
    failAsAnswered: assign(({ event }) => {
      const its = result(event);
      return { failure: (its as { failure?: Failure }).failure, at: its.at };
    }),
    failAsReported: assign(({ context, event }) => ({
      failure: reportedFailure(context, sessionFile(event)),
      at: result(event).at
    })),
    failAsChanged: assign(({ context, event }) => ({
      failure: changedFailure(context, sessionFile(event)),
      at: result(event).at
    })),
    failAsDisagreeing: assign(({ context, event }) => ({
      failure: disagreement(context, result(event)),
      at: result(event).at
    })),
    failAsImpatient: assign(({ context, event }) => ({ failure: impatience(context), at: result(event).at }))
  }
});
