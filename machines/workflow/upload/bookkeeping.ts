// The bookkeeping (actions) of the upload plan, by name: what is kept of an answer, and what is marked as begun.
import { assign, enqueueActions } from 'xstate';
import type { Item, ItemFile, Library, SessionFile, SessionInfo } from '../../vocabulary.ts';
import { result } from '../attempt/answer.ts';
import {
  cannotLook,
  doubtAfter,
  doubtOfEarlierLife,
  itemDoubtOf,
  listedBefore,
  lookingForLate,
  noneIsLate
} from '../doubts.ts';
import { furthest, NOWHERE, reachedBy } from '../pulls.ts';
import { type FileKnown, sendable, type UploadContext, type UploadInput } from '../upload-facts.ts';
import type { UploadFileResult } from '../upload-file.ts';
import { checks, mustHash, unchanged, worthReading } from './comparison.ts';
import { uploadEnds } from './ends.ts';
import { notReadNotes } from './notes.ts';
import type { CancelEvent, ChildEnd } from './questions.ts';
import { answer, extras, failureOf, list, pushed, stamp, warningsOf } from './reading.ts';

export const uploadSetup = uploadEnds.extend({
  actions: {
    keepTime: assign(({ event }) => stamp(event)),
    wish: assign(({ context, event }) => {
      const { reason, at = 0 } = event as CancelEvent;
      return { wish: context.wish ?? reason, at: Math.max(context.at, at) };
    }),
    keepLibraryId: assign(({ event }) => ({ ...stamp(event), library: { id: String(list(event)[0]), name: '' } })),
    keepLibrary: assign(({ event }) => {
      const { id, name } = answer<Library>(event) as Library;
      return { ...stamp(event), library: { id, name } };
    }),
    keepItemId: assign(({ context, event }) => {
      const itemId = String(list(event)[0]);
      return { ...stamp(event), itemId, itemMade: context.itemMade && itemId === context.itemId };
    }),
    keepItem: assign(({ event }) => {
      const { id, name, contentVersion } = answer<Item>(event) as Item;
      return { ...stamp(event), itemId: id, itemName: name, contentVersion, versionBefore: contentVersion };
    }),
    beginMaking: assign({ making: true, creatingAt: ({ context }) => context.at }),
    /** Its answer is not awaited to the end: until now it may have been sent again. */
    stopCreating: assign({ creatingAt: ({ context }) => context.at }),
    beginRemoving: assign({ removing: true }),
    /** The item that this run had made is gone, and all that was in it and on it: nothing of it is known any more. */
    beginAnew: assign(({ context }) => ({
      ...ofNextGeneration(context),
      itemId: undefined,
      itemMade: false,
      removing: undefined,
      tidiesFirst: false,
      looksForLate: false,
      before: [],
      files: context.files.map(file => ({ ...file, outcome: 'todo' as const, attempts: 0 }))
    })),
    keepMade: assign(({ context, event }) => ({
      ...stamp(event),
      itemId: answer<string>(event),
      itemMade: true,
      making: false,
      itemDoubtedAt: doubtAfter(context.itemDoubtedAt, event)
    })),
    keepFound: assign(({ context, event }) => ({
      ...stamp(event),
      itemId: String(list(event)[0]),
      itemMade: true,
      making: false,
      itemDoubtedAt: itemDoubtOf(context)
    })),
    /** What is still on its way to a session of it finds no item any more. */
    forgetSession: assign({ opened: false, sessionDoubtedAt: undefined, beforeDoubt: undefined, looksForLate: false }),
    lookForLate: assign(({ context }) => lookingForLate(context)),
    keepNoneLate: assign(({ context, event }) => ({ ...stamp(event), ...noneIsLate(context, stamp(event).at) })),
    keepUnseen: assign(({ context, event }) => ({ ...stamp(event), ...cannotLook(context, stamp(event).at) })),
    keepHeld: assign(({ context, event }) => {
      const held = list<ItemFile>(event);
      const toCompare = context.input.files.flatMap((file, index) => (mustHash(file, held) ? [index] : []));
      const toRemove = context.input.ifExists === 'replace' ? extras(context.input, held) : [];
      return {
        ...stamp(event),
        held,
        toRemove,
        toCompare: context.input.hash && worthReading(context.input, held) ? toCompare : []
      };
    }),
    keepDigest: assign(({ context, event }) => {
      const index = context.toCompare[0] as number;
      const digest = answer<FileKnown['digests'][number]>(event);
      return {
        ...stamp(event),
        toCompare: context.toCompare.slice(1),
        files: context.files.map((file, at) =>
          at === index && digest !== undefined ? { ...file, digests: [digest] } : file
        )
      };
    }),
    keepExtras: assign(({ context, event }) => ({
      ...stamp(event),
      toRemove: extras(context.input, list<SessionFile>(event))
    })),
    keepRemoved: assign(({ context, event }) => ({ ...stamp(event), toRemove: context.toRemove.slice(1) })),
    markUnchanged: assign({ files: ({ context }) => unchanged(context) }),
    keepComparison: assign(({ context }) => ({
      verified: checks(context, context.held),
      notes: [...context.notes, ...notReadNotes(context)]
    })),
    keepBefore: assign(({ context, event }) => ({
      ...stamp(event),
      ...listedBefore(context, [...list<string>(event)])
    })),
    keepStanding: assign(({ event }) => ({ ...stamp(event), toLookAt: [...list<string>(event)] })),
    keepOver: assign(({ context, event }) => ({ ...stamp(event), toLookAt: context.toLookAt.slice(1) })),
    keepInTheWay: assign(({ context, event }) => {
      const { id, expiresAt } = answer<SessionInfo>(event) as SessionInfo;
      return {
        ...stamp(event),
        toLookAt: context.toLookAt.slice(1),
        inTheWay: [...context.inTheWay, { id, expiresAt }],
        rivals: [...context.rivals, id]
      };
    }),
    beginHolding: assign({ live: true }),
    beginOpening: assign({ opened: true, creatingAt: ({ context }) => context.at }),
    /** An earlier create of this session may still land, whether or not this one finds what it has made. */
    keepDoubt: assign(({ context, event }) => ({
      ...stamp(event),
      sessionDoubtedAt: doubtOfEarlierLife(context, stamp(event).at)
    })),
    keepSession: assign(({ context, event }) => ({
      ...stamp(event),
      sessionId: answer<string>(event),
      sessionDoubtedAt: doubtAfter(context.sessionDoubtedAt, event),
      why: undefined,
      busySince: undefined
    })),
    nextGeneration: assign(({ context, event }) => ({
      ...stamp(event),
      ...ofNextGeneration(context),
      files: context.files.map(file => (file.outcome === 'unchanged' ? file : { ...file, outcome: 'todo' as const }))
    })),
    fillWindow: enqueueActions(({ context, enqueue }) => {
      if (context.files.some(file => file.outcome === 'failed')) return;
      const next = sendable(context.input, context.files);
      for (const index of next) {
        const { input, sessionId, files } = context;
        enqueue.spawnChild('uploadFile', {
          id: `file:${index}` as const,
          input: {
            index,
            file: input.files[index] as UploadInput['files'][number],
            sessionId: String(sessionId),
            server: input.server,
            policy: input.policy,
            pollMs: input.policy.pollMs,
            patienceMs: input.policy.patienceMs,
            hash: input.hash,
            attempts: (files[index] as FileKnown).attempts
          }
        });
      }
      if (next.length > 0) {
        enqueue.assign({
          files: ({ context: now }) =>
            now.files.map((file, at) => (next.includes(at) ? { ...file, outcome: 'sending' as const } : file))
        });
      }
    }),
    settleFile: enqueueActions(({ context, event, enqueue }) => {
      const { actorId, output } = event as ChildEnd;
      const its = output as UploadFileResult;
      const index = Number(actorId.slice('file:'.length));
      enqueue.stopChild(actorId);
      enqueue.assign({
        at: its.at,
        failure: context.failure ?? its.failure,
        files: context.files.map((file, at) =>
          at === index
            ? {
                outcome: its.ok ? ('ready' as const) : ('failed' as const),
                attempts: its.attempts,
                digests: its.digests,
                reported: its.reported
              }
            : file
        )
      });
    }),
    stopFiles: enqueueActions(({ context, enqueue }) => {
      context.files.forEach((file, index) => {
        if (file.outcome === 'sending') enqueue.stopChild(`file:${index}`);
      });
      enqueue.assign({
        files: context.files.map(file => (file.outcome === 'sending' ? { ...file, outcome: 'todo' as const } : file))
      });
    }),
    keepWarnings: assign(({ context, event }) => ({
      ...stamp(event),
      warnings: warningsOf(event).map(({ type, message }) => ({ type, message })),
      notes: [
        ...context.notes,
        ...warningsOf(event).map(({ type, message }) => `went on in spite of ${type}, as asked: ${message}`)
      ]
    })),
    beginPatience: assign(({ context, event }) => ({
      ...stamp(event),
      waitingSince: context.waitingSince ?? result(event).at
    })),
    forgetPatience: assign({ waitingSince: undefined, movedAt: undefined, reached: NOWHERE }),
    keepMovement: assign(({ context, event }) => ({
      ...stamp(event),
      movedAt: result(event).at,
      reached: furthest(context.reached, reachedBy(list<SessionFile>(event)))
    })),
    beginCompleting: assign({ asked: true, completions: ({ context }) => context.completions + 1 }),
    keepCompletion: assign(({ event }) => ({ ...stamp(event), completeFailure: failureOf(event) })),
    beginRecheck: assign(({ context, event }) => ({
      rechecks: context.rechecks + 1,
      refused: failureOf(event) ?? context.completeFailure
    })),
    failAsRefused: assign(({ context, event }) => ({ ...stamp(event), failure: context.refused })),
    /** The service lacks bytes that it had: a late request has added the file anew. */
    sendAgain: assign(({ context, event }) => {
      const shown = pushed(context, list<SessionFile>(event));
      return {
        ...stamp(event),
        files: context.files.map((file, index) =>
          shown[index] === undefined || shown[index].status === 'READY' ? file : { ...file, outcome: 'todo' as const }
        )
      };
    }),
    forgetCompletion: assign({ completeFailure: undefined })
  }
});

function ofNextGeneration({ generation }: UploadContext) {
  return {
    generation: generation + 1,
    sessionId: undefined,
    opened: false,
    over: false,
    lost: false,
    asked: false,
    verified: [],
    failure: undefined,
    completeFailure: undefined,
    waitingSince: undefined
  };
}
