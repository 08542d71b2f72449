// The bookkeeping (actions) of the upload plan, by name: what is kept of an answer, and how a failure is put into words.
import { assign, enqueueActions } from 'xstate';
import type { Item, ItemFile, Library, SessionInfo, Validation } from '../../vocabulary.ts';
import { failure } from '../../vocabulary.ts';
import { endOf, type LeaseResult } from '../lease.ts';
import { type FileKnown, sendable, type UploadContext, type UploadInput, isNotKept, check } from '../upload-facts.ts';
import type { UploadFileResult } from '../upload-file.ts';
import { type CancelEvent, type ChildEnd, uploadQuestions } from './questions.ts';
import { answer, extras, failureOf, list, result, stamp, theItem, warningsOf, wasDoubted } from './reading.ts';

export const uploadSetup = uploadQuestions.extend({
  actions: {
    keepTime: assign(({ event }) => stamp(event)),
    wish: assign({ wish: ({ context, event }) => context.wish ?? (event as CancelEvent).reason }),
    failAsAnswered: assign(({ context, event }) => ({ ...stamp(event), failure: context.failure ?? failureOf(event) })),
    failNoLibrary: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('NOT_FOUND', `there is no library ${JSON.stringify(context.input.to.library)} on this server`)
    })),
    failManyLibraries: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'AMBIGUOUS',
        `${list(event).length} libraries are called ${JSON.stringify(context.input.to.library)}: ${list(event).join(', ')}`
      )
    })),
    failSubscribed: assign(({ event }) => ({
      ...stamp(event),
      failure: failure(
        'INVALID_ELEMENT_TYPE',
        `the library ${JSON.stringify(answer<Library>(event)?.name)} is subscribed: its items cannot be changed here`
      )
    })),
    failManyItems: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('AMBIGUOUS', `${list(event).length} items match ${theItem(context)}: ${list(event).join(', ')}`)
    })),
    failElsewhere: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('NOT_FOUND', `there is no ${theItem(context)}`)
    })),
    failExists: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('ALREADY_EXISTS', `the ${theItem(context)} exists already`)
    })),
    keepLibraryId: assign(({ event }) => ({ ...stamp(event), library: { id: String(list(event)[0]), name: '' } })),
    keepLibrary: assign(({ event }) => {
      const { id, name } = answer<Library>(event) as Library;
      return { ...stamp(event), library: { id, name } };
    }),
    keepItemId: assign(({ event }) => ({ ...stamp(event), itemId: String(list(event)[0]) })),
    keepItem: assign(({ event }) => {
      const { id, name, contentVersion } = answer<Item>(event) as Item;
      return { ...stamp(event), itemId: id, itemName: name, contentVersion };
    }),
    beginMaking: assign({ making: true }),
    keepMade: assign(({ event }) => ({
      ...stamp(event),
      itemId: answer<string>(event),
      itemMade: true,
      making: false
    })),
    failToMake: assign(({ event }) => ({ ...stamp(event), failure: failureOf(event), making: wasDoubted(event) })),
    keepFound: assign(({ event }) => ({
      ...stamp(event),
      itemId: String(list(event)[0]),
      itemMade: true,
      making: false
    })),
    noteSkipped: assign({
      notes: ({ context }) => [...context.notes, 'the item exists already, and was left as it is (--if-exists skip)']
    }),
    keepHeld: assign(({ context, event }) => {
      const held = list<ItemFile>(event);
      const toCompare = context.input.files.flatMap((file, index) => (mustHash(file, held) ? [index] : []));
      const toRemove = context.input.ifExists === 'replace' ? extras(context.input, held) : [];
      return { ...stamp(event), held, toRemove, toCompare: comparable(context.input, held) ? toCompare : [] };
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
    failToReplace: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'UNSUPPORTED',
        `this server cannot remove single files: ${extras(context.input, list(event)).join(', ')} would stay in the ${theItem(context)}`
      )
    })),
    keepRemoved: assign(({ context, event }) => ({ ...stamp(event), toRemove: context.toRemove.slice(1) })),
    markUnchanged: assign({ files: ({ context }) => unchanged(context) }),
    keepBefore: assign(({ event }) => ({ ...stamp(event), before: [...list<string>(event)] })),
    beginHolding: assign({ live: true }),
    beginOpening: assign({ opened: true }),
    keepSession: assign(({ event }) => ({ ...stamp(event), sessionId: answer<string>(event) })),
    failToOpen: assign(({ event }) => ({ ...stamp(event), failure: failureOf(event), opened: wasDoubted(event) })),
    findSession: assign(({ context, event }) => ({
      ...stamp(event),
      sessionId: list<string>(event).find(id => !context.before.includes(id))
    })),
    nextGeneration: assign(({ context, event }) => ({
      ...stamp(event),
      generation: context.generation + 1,
      sessionId: undefined,
      opened: false,
      asked: false,
      failure: undefined,
      completeFailure: undefined,
      waitingSince: undefined,
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
    failAsEnded: assign(({ context, event }) => ({
      ...stamp(event),
      failure: context.failure ?? endOf(answer<SessionInfo>(event), String(context.sessionId))
    })),
    failAsNowKnown: assign(({ context, event }) => ({
      ...stamp(event),
      failure: endOf(answer<SessionInfo>(event), String(context.sessionId))
    })),
    failAsLeaseSays: assign(({ context, event }) => ({
      failure: context.failure ?? (event as unknown as { output: LeaseResult }).output.failure
    })),
    failMissing: assign(({ event }) => ({
      ...stamp(event),
      failure: failure(
        'MISSING_FILES',
        `the descriptor references files that were not sent: ${answer<Validation>(event)?.missing.join(', ')}`
      )
    })),
    failInvalid: assign(({ event }) => ({
      ...stamp(event),
      failure: failure(
        'INVALID_FILES',
        (answer<Validation>(event) as Validation).invalid.map(({ name, message }) => `${name}: ${message}`).join('; ')
      )
    })),
    failWarnings: assign(({ context, event }) => {
      const refused = warningsOf(event).filter(
        ({ type, ignored }) => !ignored && !context.input.acceptWarnings.includes(type)
      );
      return {
        ...stamp(event),
        failure: failure(
          'WARNINGS',
          `the service warns: ${refused.map(({ type, message }) => `${type} (${message})`).join('; ')}`
        )
      };
    }),
    keepWarnings: assign(({ event }) => ({
      ...stamp(event),
      warnings: warningsOf(event).map(({ type, message }) => ({ type, message }))
    })),
    beginPatience: assign(({ context, event }) => ({
      ...stamp(event),
      waitingSince: context.waitingSince ?? result(event).at
    })),
    forgetPatience: assign({ waitingSince: undefined }),
    failImpatient: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'TIMED_OUT',
        `the service has shown no progress for ${Math.round(context.input.policy.patienceMs / 60_000)} min`
      )
    })),
    beginCompleting: assign({ asked: true, completions: ({ context }) => context.completions + 1 }),
    keepCompletion: assign(({ event }) => ({ ...stamp(event), completeFailure: failureOf(event) })),
    failToComplete: assign(({ context, event }) => ({ ...stamp(event), failure: context.completeFailure })),
    loseSession: assign(({ context, event }) => ({
      ...stamp(event),
      sessionId: undefined,
      opened: false,
      notes: [
        ...context.notes,
        'the session was gone when its end was asked for: the item itself was held against the source'
      ]
    })),
    /** Complete took effect: whatever was wished or went wrong before, the content is there. */
    nowDone: assign(({ event }) => ({ ...stamp(event), failure: undefined, wish: undefined })),
    keepVerified: assign(({ context, event }) => {
      const held = list<ItemFile>(event);
      const { files, server } = context.input;
      return {
        ...stamp(event),
        verified: files.map((file, index) => check(server, file, context.files[index] as FileKnown, held))
      };
    }),
    keepVersion: assign(({ event }) => {
      const item = answer<Item>(event);
      return item === undefined
        ? stamp(event)
        : { ...stamp(event), itemName: item.name, contentVersion: item.contentVersion };
    }),
    failNotVerified: assign({
      failure: ({ context }) =>
        failure(
          'NOT_VERIFIED',
          `after the session was DONE the item does not hold what was sent: ${unverified(context)}`
        )
    }),
    failLost: assign({
      failure: ({ context }) =>
        failure(
          'SESSION_LOST',
          `the session was gone before its end was known, and the item does not hold ${unverified(context)}`
        )
    }),
    failUnverified: assign(({ event }) => ({
      ...stamp(event),
      failure: failure(
        'NOT_VERIFIED',
        `the session is DONE, but the item could not be read back: ${failureOf(event)?.message}`
      )
    })),
    noteLeft: assign(({ context, event }) => ({
      ...stamp(event),
      notes: [...context.notes, `left on the server: ${leftOver(context)} (${failureOf(event)?.message})`]
    })),
    noteItemStays: assign(({ context, event }) => ({
      ...stamp(event),
      notes: [...context.notes, 'the item was made by this run and holds files: it was left']
    })),
    endDone: assign({ outcome: 'done' }),
    endUpToDate: assign({ outcome: 'upToDate' }),
    endFailed: assign({ outcome: 'failed' }),
    endCanceled: assign({
      outcome: 'canceled',
      failure: ({ context }) => failure('CANCELED', `canceled: ${context.wish}`)
    })
  }
});

function mustHash(file: UploadInput['files'][number], held: readonly ItemFile[]): boolean {
  const its = held.find(other => other.name === file.name);
  return (
    its?.digest !== undefined &&
    file.digest?.algorithm !== its.digest.algorithm &&
    (its.size ?? file.size) === file.size
  );
}

/** Reading a source twice is worth it only when nothing else already says that the item differs. */
function comparable(input: UploadInput, held: readonly ItemFile[]): boolean {
  return input.files.every(
    file => isNotKept(file) || held.some(its => its.name === file.name && (its.size ?? file.size) === file.size)
  );
}

/** Files that the item holds already, by digest. Of an ovf package all files or none: its manifest must precede its descriptor. */
function unchanged({ input, files, held }: UploadContext): readonly FileKnown[] {
  const same = input.files.map((file, index) => {
    if (isNotKept(file)) return true;
    return check(input.server, file, files[index] as FileKnown, held).verified === 'digest';
  });
  if (input.itemType === 'ovf' && same.includes(false)) return files;
  return files.map((file, index) =>
    same[index] && (input.itemType === 'ovf' || !isNotKept(input.files[index] as never))
      ? { ...file, outcome: 'unchanged' }
      : file
  );
}

function unverified(context: UploadContext): string {
  return context.input.files
    .filter((_, index) => context.verified[index]?.verified === 'no')
    .map(({ name }) => name)
    .join(', ');
}

function leftOver(context: UploadContext): string {
  const item = context.itemMade ? `, item ${context.itemId}` : '';
  return context.sessionId === undefined
    ? `item ${context.itemId}`
    : `session ${context.sessionId}${context.asked ? '' : item}`;
}
