// The plan of one upload: from finding the library to a session that is DONE, an item that holds what the source holds,
// and nothing left behind. Every failure before DONE ends in `abandoning`, which leaves the server as it was.

import { itemDoubtOf, mustLookForLate } from './doubts.ts';
import { NOWHERE } from './pulls.ts';
import { uploadSetup } from './upload/bookkeeping.ts';
import { abandoning, closing, verifying } from './upload/ending.ts';
import { holding } from './upload/holding.ts';
import { comparing, locating } from './upload/locating.ts';
import { contending } from './upload/contending.ts';
import { clearing, opening, reconciling } from './upload/opening.ts';
import { rehearsing } from './upload/rehearsing.ts';
import { removedFrom } from './upload/reading.ts';
import { mustTidy, takenUp } from './taken-up.ts';
import type { Known, UploadContext, UploadInput, UploadResult } from './upload-facts.ts';

export const uploadMachine = uploadSetup.createMachine({
  id: 'upload',
  context: ({ input }) => beginning(input, takenUp(input.known)),
  initial: 'locating',
  on: { cancel: { actions: 'wish' } },
  states: {
    locating,
    comparing,
    opening,
    contending,
    reconciling,
    clearing,
    holding,
    verifying,
    closing,
    abandoning,
    rehearsing,
    planned: { type: 'final', entry: 'endPlanned' },
    done: { type: 'final', entry: 'endDone' },
    upToDate: { type: 'final', entry: 'endUpToDate' },
    failed: { type: 'final', entry: 'endFailed' },
    canceled: { type: 'final', entry: 'endCanceled' }
  },
  output: ({ context }) => uploadResultOf(context)
});

/** What the plan tells when it ends with this context. */
export function uploadResultOf(context: UploadContext): UploadResult {
  return {
    library: context.library,
    itemId: context.itemId,
    itemMade: context.itemMade,
    making: context.making,
    creatingAt: context.creatingAt,
    itemDoubtedAt: context.itemDoubtedAt,
    sessionDoubtedAt: context.sessionDoubtedAt,
    removing: context.removing,
    generation: context.generation,
    opened: context.opened,
    sessionId: context.sessionId,
    before: context.before,
    beforeDoubt: context.beforeDoubt,
    asked: context.asked,
    done: context.done,
    wish: context.wish,
    failure: context.failure,
    files: context.files,
    outcome: context.outcome as UploadResult['outcome'],
    itemName: context.itemName,
    contentVersion: context.contentVersion,
    versionBefore: context.versionBefore,
    removed: removedFrom(context),
    verified: context.verified,
    left: context.left,
    notes: context.notes,
    held: context.held,
    toRemove: context.toRemove,
    inTheWay: context.inTheWay
  };
}

function beginning(input: UploadInput, known: Known | undefined): UploadContext {
  return {
    input,
    live: false,
    over: false,
    lost: false,
    contradictions: 0,
    at: 0,
    luck: 0,
    library: known?.library,
    itemId: known?.itemId,
    itemMade: known?.itemMade ?? false,
    itemName: input.to.itemById ? '' : input.to.item,
    making: known?.making ?? false,
    creatingAt: known?.creatingAt,
    itemDoubtedAt: known && itemDoubtOf(known),
    sessionDoubtedAt: known?.sessionDoubtedAt,
    removing: known?.removing,
    tidiesFirst: mustTidy(known),
    generation: known?.generation ?? 1,
    opened: known?.opened ?? false,
    sessionId: known?.sessionId,
    before: known?.before ?? [],
    beforeDoubt: known?.beforeDoubt,
    asked: known?.asked ?? false,
    done: known?.done ?? false,
    wish: known?.wish,
    failure: known?.failure,
    files: input.files.map((_, index) => known?.files[index] ?? { outcome: 'todo' as const, attempts: 0, digests: [] }),
    held: known?.held ?? [],
    versionBefore: known?.versionBefore,
    doubtedItem: known?.making ?? false,
    doubtedSession: known?.opened === true && known.sessionId === undefined ? known.generation : undefined,
    looksForLate: mustLookForLate(known),
    looks: 0,
    toCompare: [],
    toRemove: [],
    rivals: [],
    toTake: [],
    took: false,
    takeOvers: 0,
    toLookAt: [],
    inTheWay: [],
    reached: NOWHERE,
    completions: 0,
    rechecks: 0,
    warnings: [],
    verified: [],
    left: false,
    notes: []
  };
}
