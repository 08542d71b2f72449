// How the download plan puts into words what went wrong, or is less than it should be.
import { assign } from 'xstate';
import type { DownloadSessionInfo, ItemFile } from '../../vocabulary.ts';
import { failure } from '../../vocabulary.ts';
import { wasDoubted } from '../attempt/answer.ts';
import { collision, type DownloadContext, filesOf, isThere } from '../download-facts.ts';
import { doubtAfter } from '../doubts.ts';
import { contradiction, endOf, type LeaseResult } from '../lease.ts';
import { answer, failureOf, list, stamp } from '../upload/reading.ts';
import { downloadQuestions, lookedAt } from './questions.ts';

export const downloadFailing = downloadQuestions.extend({
  actions: {
    failAsAnswered: assign(({ context, event }) => ({ ...stamp(event), failure: context.failure ?? failureOf(event) })),
    failNoLibrary: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('NOT_FOUND', `there is no library ${JSON.stringify(context.input.from.library)} on this server`)
    })),
    failManyLibraries: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'AMBIGUOUS',
        `${list(event).length} libraries are called ${JSON.stringify(context.input.from.library)}: ${list(event).join(', ')}`
      )
    })),
    failNoItem: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('NOT_FOUND', `there is no ${theItem(context)}`)
    })),
    failManyItems: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('AMBIGUOUS', `${list(event).length} items match ${theItem(context)}: ${list(event).join(', ')}`)
    })),
    failEmpty: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('NOT_FOUND', `the ${theItem(context)} holds no files`)
    })),
    failNoFile: assign(({ context, event }) => {
      const held = list<ItemFile>(event).map(({ name }) => name);
      const missing = context.input.wanted.filter(name => !held.includes(name)).map(name => JSON.stringify(name));
      return {
        ...stamp(event),
        failure: failure(
          'NOT_FOUND',
          `the ${theItem(context)} holds no file ${missing.join(', ')}; it holds ${held.map(name => JSON.stringify(name)).join(', ')}`
        )
      };
    }),
    failCollision: assign(({ context, event }) => {
      const names = collision(filesOf(context.input, list(event)))?.map(name => JSON.stringify(name));
      return {
        ...stamp(event),
        failure: failure('UNSAFE_NAME', `${names?.join(' and ')} may be one file on this machine: fetch them apart`)
      };
    }),
    /** What could not be looked at is not known to be there any more. */
    failToLook: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failureOf(event),
      files: unseen(context, context.toLook)
    })),
    failExists: assign(({ context, event }) => ({
      ...stamp(event),
      files: unseen(context, context.toLook.slice(0, 1)),
      failure: failure(
        'ALREADY_EXISTS',
        `there is a file ${JSON.stringify(lookedAt(context)?.name)} already in the folder, and it is not known to be the same`,
        { next: 'take another folder, or --if-exists skip or replace' }
      )
    })),
    failToOpen: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failureOf(event),
      opened: wasDoubted(event),
      sessionDoubtedAt: doubtAfter(context.sessionDoubtedAt, event)
    })),
    failOtherVersion: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'CONCURRENT_CHANGE',
        `the item has changed from content version ${context.contentVersion} to ${answer<DownloadSessionInfo>(event)?.contentVersion} meanwhile, and files of two versions must not be mixed`
      )
    })),
    failAsNowKnown: assign(({ context, event }) => ({
      ...stamp(event),
      over: true,
      failure: endOf(answer<DownloadSessionInfo>(event), String(context.sessionId), 'download')
    })),
    failContradicted: assign(({ context, event }) => ({
      ...stamp(event),
      over: false,
      failure: contradiction(context.sessionId)
    })),
    failAsLeaseSays: assign(({ context, event }) => ({
      over: true,
      failure: context.failure ?? (event as unknown as { output: LeaseResult }).output.failure
    })),
    noteSessionLeft: assign(({ context, event }) => ({
      ...stamp(event),
      looksForLate: false,
      left: true,
      notes: [...context.notes, `left on the server: ${theSession(context)} (${failureOf(event)?.message}); it expires`]
    })),
    notePartLeft: assign(({ context, event }) => ({
      ...stamp(event),
      left: true,
      notes: [...context.notes, `left in the folder: the part of ${parted(context)} (${failureOf(event)?.message})`],
      files: withoutPart(context)
    }))
  }
});

function theSession({ candidate, sessionId }: DownloadContext): string {
  return candidate === undefined ? `download session ${sessionId}` : `perhaps download session ${candidate}`;
}

/** Files that an earlier life has left, or was at, and that are not, or not known to be, what they were. */
function unseen({ files }: DownloadContext, which: readonly number[]): DownloadContext['files'] {
  return files.map((file, index) =>
    which.includes(index) && (isThere(file) || file.parted) ? { ...file, outcome: 'failed', verified: 'no' } : file
  );
}

/** The first file of which a part may be there. */
export function firstParted({ files }: DownloadContext): number {
  return files.findIndex(file => file.parted);
}

export function withoutPart(
  context: DownloadContext,
  more: Partial<DownloadContext['files'][number]> = {}
): DownloadContext['files'] {
  const first = firstParted(context);
  return context.files.map((file, index) =>
    index === first ? { ...file, naming: undefined, ...more, parted: false } : file
  );
}

function parted(context: DownloadContext): string {
  return JSON.stringify(context.files[firstParted(context)]?.name);
}

function theItem({ input }: DownloadContext): string {
  return `item ${JSON.stringify(input.from.item)} in library ${JSON.stringify(input.from.library)}`;
}
