// The bookkeeping (actions) of the download plan, by name: what is kept of an answer, and what is marked as begun.
import { assign, enqueueActions } from 'xstate';
import type { DownloadSessionInfo, Item, ItemFile, Library } from '../../vocabulary.ts';
import { failure } from '../../vocabulary.ts';
import {
  cannotLook,
  doubtAfter,
  doubtOf,
  doubtOfEarlierLife,
  lateOne,
  listedBefore,
  lookingForLate,
  noneIsLate,
  told
} from '../doubts.ts';
import { type DownloadContext, type FetchKnown, fetchable, filesOf, isThere, verifiedBy } from '../download-facts.ts';
import type { FetchFileInput, FetchFileResult } from '../fetch-file.ts';
import type { CancelEvent, ChildEnd } from '../upload/questions.ts';
import { answer, list, stamp } from '../upload/reading.ts';
import { downloadFailing, firstParted, withoutPart } from './failing.ts';
import { lookedAt, wasThere } from './questions.ts';

export const downloadSetup = downloadFailing.extend({
  actions: {
    keepTime: assign(({ event }) => stamp(event)),
    wish: assign({ wish: ({ context, event }) => context.wish ?? (event as CancelEvent).reason }),
    keepLibraryId: assign(({ event }) => ({ ...stamp(event), library: { id: String(list(event)[0]), name: '' } })),
    keepLibrary: assign(({ event }) => {
      const { id, name } = answer<Library>(event) as Library;
      return { ...stamp(event), library: { id, name } };
    }),
    keepItemId: assign(({ event }) => ({ ...stamp(event), itemId: String(list(event)[0]) })),
    keepItem: assign(({ event }) => {
      const { id, name } = answer<Item>(event) as Item;
      return { ...stamp(event), itemId: id, itemName: name };
    }),
    keepFiles: assign(({ context, event }) => {
      const files = filesOf(context.input, list<ItemFile>(event)).map(file => asLeft(context, file));
      return { ...stamp(event), files, toLook: files.map((_, index) => index) };
    }),
    keepFree: assign(({ context, event }) => ({
      ...stamp(event),
      ...settled(context, wasThere(context) ? { outcome: 'todo', verified: 'no' } : {})
    })),
    keepTaken: assign(({ context, event }) => ({
      ...stamp(event),
      replaces: [...context.replaces, ...context.toLook.slice(0, 1)],
      ...settled(context, wasThere(context) ? { outcome: 'todo', verified: 'no' } : {})
    })),
    keepAsLeft: assign(({ context, event }) => ({ ...stamp(event), ...settled(context, {}) })),
    keepSkipped: assign(({ context, event }) => ({
      ...stamp(event),
      ...settled(context, { outcome: 'skipped' }),
      notes: [
        ...context.notes,
        `${nameAt(context)} is there already, and was left as it is without comparing (--if-exists skip)`
      ]
    })),
    keepUnchanged: assign(({ context, event }) => ({
      ...stamp(event),
      ...settled(context, wasThere(context) ? {} : { outcome: 'unchanged', verified: 'digest' })
    })),
    keepFetched: assign(({ context, event }) => ({
      ...stamp(event),
      ...settled(context, keptAs(lookedAt(context) as FetchKnown))
    })),
    keepBefore: assign(({ context, event }) => ({
      ...stamp(event),
      ...listedBefore(context, [...list<string>(event)])
    })),
    beginOpening: assign({ opened: true, creatingAt: ({ context }) => context.at }),
    /** An earlier create of this session may still land, whether or not this one finds what it has made. */
    keepDoubt: assign(({ context, event }) => ({
      ...stamp(event),
      sessionDoubtedAt: doubtOfEarlierLife(context, stamp(event).at)
    })),
    forgetSession: assign({ opened: false, sessionDoubtedAt: undefined, beforeDoubt: undefined, looksForLate: false }),
    lookForLate: assign(({ context }) => lookingForLate(context)),
    keepNoneLate: assign(({ context, event }) => ({ ...stamp(event), ...noneIsLate(context, stamp(event).at) })),
    keepUnseen: assign(({ context, event }) => ({ ...stamp(event), ...cannotLook(context, stamp(event).at) })),
    keepSession: assign(({ context, event }) => ({
      ...stamp(event),
      sessionId: answer<string>(event),
      sessionDoubtedAt: doubtAfter(context.sessionDoubtedAt, event)
    })),
    keepVersion: assign(({ context, event }) => ({
      ...stamp(event),
      contentVersion: context.contentVersion ?? answer<DownloadSessionInfo>(event)?.contentVersion
    })),
    findCandidate: assign(({ context, event }) => ({
      ...stamp(event),
      candidate: lateOne(context, list<string>(event)),
      looks: context.looks + 1,
      sessionDoubtedAt: doubtOf(context)
    })),
    adopt: assign(({ context, event }) => ({ ...stamp(event), sessionId: context.candidate, candidate: undefined })),
    /** It is as if it had been there before. */
    disown: assign(({ context, event }) => ({
      ...stamp(event),
      before: [...context.before, String(context.candidate)],
      candidate: undefined,
      sessionDoubtedAt: doubtOf(context)
    })),
    keepCandidate: assign(({ context, event }) => ({
      ...stamp(event),
      candidate: answer<string>(event),
      sessionDoubtedAt: doubtAfter(context.sessionDoubtedAt, event)
    })),
    nextGeneration: assign(({ context, event }) => ({
      ...stamp(event),
      generation: context.generation + 1,
      sessionId: undefined,
      opened: false,
      over: false,
      failure: undefined,
      files: context.files.map(file => (file.outcome === 'failed' ? { ...file, outcome: 'todo' as const } : file))
    })),
    nowOver: assign({ over: true }),
    /** It is there after all, whatever was said before. */
    notOver: assign(({ context, event }) => ({
      ...stamp(event),
      over: false,
      contradictions: context.contradictions + (context.over ? 1 : 0)
    })),
    beginHolding: assign({ live: true }),
    fillWindow: enqueueActions(({ context, enqueue }) => {
      if (context.files.some(({ outcome }) => outcome === 'failed')) return;
      const { input } = context;
      const next = fetchable(input.policy, context.files);
      for (const index of next) {
        const { naming: _, ...file } = context.files[index] as FetchKnown;
        enqueue.spawnChild('fetchFile', { id: `file:${index}` as const, input: fetchOf(context, index, file) });
      }
      if (next.length === 0) return;
      enqueue.assign({
        files: ({ context: now }) =>
          now.files.map((file, at) =>
            next.includes(at) ? { ...file, outcome: 'fetching' as const, parted: true, naming: undefined } : file
          )
      });
    }),
    settleFile: enqueueActions(({ context, event, enqueue }) => {
      const { actorId, output } = event as ChildEnd;
      const { ok, at, attempts, verified, size, digest, naming, failure: why } = output as FetchFileResult;
      const index = Number(actorId.slice('file:'.length));
      enqueue.stopChild(actorId);
      if (naming !== undefined) {
        // Told first, and written down with that; only then it gets its name.
        const file = { ...(context.files[index] as FetchKnown), attempts, size, digest, naming };
        enqueue.spawnChild('fetchFile', { id: `file:${index}` as const, input: fetchOf(context, index, file) });
        enqueue.assign({ at, files: context.files.map((each, place) => (place === index ? file : each)) });
        return;
      }
      enqueue.assign({
        at,
        failure: context.failure ?? why,
        files: context.files.map((file, place) =>
          place === index
            ? {
                ...file,
                outcome: ok ? ('kept' as const) : ('failed' as const),
                attempts,
                verified,
                size,
                digest,
                parted: !ok,
                naming: undefined
              }
            : file
        )
      });
    }),
    stopFiles: enqueueActions(({ context, enqueue }) => {
      context.files.forEach(({ outcome }, index) => {
        if (outcome === 'fetching') enqueue.stopChild(`file:${index}`);
      });
      enqueue.assign({
        files: context.files.map(file => (file.outcome === 'fetching' ? { ...file, outcome: 'todo' as const } : file)),
        toLook: context.files.flatMap(({ outcome }, index) => (outcome === 'fetching' ? [index] : []))
      });
    }),
    /** A file may have got its name just before it was called off: then it is whole, and stays. */
    keepDropped: assign(({ context, event }) => {
      const file = context.files[firstParted(context)] as FetchKnown;
      const stays = answer<{ kept: boolean }>(event)?.kept === true;
      const kept = { outcome: 'kept' as const, verified: verifiedBy(file) };
      return { ...stamp(event), files: withoutPart(context, stays ? kept : {}) };
    }),
    endPlanned: assign({ outcome: 'planned' }),
    endDone: assign(({ context }) => ({ outcome: 'done' as const, ...told(context, 'download session') })),
    endUpToDate: assign(({ context }) => ({ outcome: 'upToDate' as const, ...told(context, 'download session') })),
    endFailed: assign(({ context }) => ({ outcome: 'failed' as const, ...told(context, 'download session') })),
    endCanceled: assign(({ context }) => ({
      outcome: 'canceled' as const,
      ...told(context, 'download session'),
      failure: failure('CANCELED', `canceled: ${context.wish}`)
    }))
  }
});

function fetchOf({ input, sessionId }: DownloadContext, index: number, file: FetchKnown): FetchFileInput {
  const { name, size, digest, attempts, naming } = file;
  return {
    run: input.run,
    index,
    file: { name, size, digest },
    sessionId: String(sessionId),
    server: input.server,
    policy: input.policy,
    replace: input.ifExists === 'replace',
    attempts,
    naming
  };
}

/** An earlier life gave it its name; how it had been held against what the service says, it is still. */
function keptAs({ size, digest, naming = size }: FetchKnown): Partial<FetchKnown> {
  const verified = verifiedBy({ size, digest });
  return { outcome: 'kept', verified, size: naming, parted: false, naming: undefined };
}

/** What was found out about the file that was looked for; then the next one. */
function settled(
  { files, toLook }: DownloadContext,
  its: Partial<FetchKnown>
): Pick<DownloadContext, 'files' | 'toLook'> {
  const at = toLook[0];
  return {
    files: files.map((file, index) => (index === at ? { ...file, ...its } : file)),
    toLook: toLook.slice(1)
  };
}

function nameAt({ files, toLook }: DownloadContext): string {
  return JSON.stringify(files[toLook[0] as number]?.name);
}

/**
 * What an earlier life has left of the file: its part is this run's own, and what it has kept it need not ask for again, unless the
 * service says that it is another one now.
 */
function asLeft({ files }: DownloadContext, file: FetchKnown): FetchKnown {
  const left = files.find(({ name }) => name === file.name);
  if (left === undefined) return file;
  const { size, digest, outcome, verified, attempts, parted, naming } = left;
  const { size: sizeNow = size, digest: digestNow = digest } = file;
  const same = size === sizeNow && digest?.checksum === digestNow?.checksum;
  const its = { ...file, attempts, parted, naming };
  return same && isThere(left) ? { ...its, size, digest, outcome, verified } : its;
}
