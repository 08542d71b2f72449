// The plan of one download: from finding the item to files that are what the service holds, under names that nothing
// half-written ever had, and nothing left on the server.
import { downloadSetup } from './download/bookkeeping.ts';
import { abandoning, closing } from './download/ending.ts';
import { clearing, opening, reconciling, transferring } from './download/holding.ts';
import { comparing, locating } from './download/locating.ts';
import {
  type DownloadContext,
  type DownloadInput,
  type DownloadKnown,
  type DownloadResult,
  thereBefore
} from './download-facts.ts';
import { mustLookForLate } from './doubts.ts';
import { takenUp } from './taken-up.ts';

export const downloadMachine = downloadSetup.createMachine({
  id: 'download',
  context: ({ input }) => beginning(input, takenUp(input.known)),
  initial: 'locating',
  on: { cancel: { actions: 'wish' } },
  states: {
    locating,
    comparing,
    opening,
    reconciling,
    clearing,
    transferring,
    closing,
    abandoning,
    planned: { type: 'final', entry: 'endPlanned' },
    done: { type: 'final', entry: 'endDone' },
    upToDate: { type: 'final', entry: 'endUpToDate' },
    failed: { type: 'final', entry: 'endFailed' },
    canceled: { type: 'final', entry: 'endCanceled' }
  },
  output: ({ context }) => downloadResultOf(context)
});

/** What the plan tells when it ends with this context. */
export function downloadResultOf(context: DownloadContext): DownloadResult {
  return {
    library: context.library,
    itemId: context.itemId,
    generation: context.generation,
    opened: context.opened,
    sessionId: context.sessionId,
    before: context.before,
    beforeDoubt: context.beforeDoubt,
    creatingAt: context.creatingAt,
    sessionDoubtedAt: context.sessionDoubtedAt,
    contentVersion: context.contentVersion,
    wish: context.wish,
    failure: context.failure,
    files: context.files,
    outcome: context.outcome as DownloadResult['outcome'],
    itemName: context.itemName,
    left: context.left,
    notes: context.notes,
    replaces: context.replaces
  };
}

function beginning(input: DownloadInput, known: DownloadKnown | undefined): DownloadContext {
  return {
    input,
    live: false,
    over: false,
    contradictions: 0,
    at: 0,
    luck: 0,
    library: known?.library,
    itemId: known?.itemId,
    itemName: input.from.itemById ? '' : input.from.item,
    generation: known?.generation ?? 1,
    opened: known?.opened ?? false,
    sessionId: known?.sessionId,
    contentVersion: known?.contentVersion,
    wish: known?.wish,
    failure: known?.failure,
    files: known?.files ?? [],
    before: known?.before ?? [],
    beforeDoubt: known?.beforeDoubt,
    creatingAt: known?.creatingAt,
    sessionDoubtedAt: known?.sessionDoubtedAt,
    looksForLate: mustLookForLate(known),
    looks: 0,
    toLook: thereBefore(known?.files ?? []),
    replaces: [],
    left: false,
    notes: []
  };
}
