// The calls of a run as they went out and came back, one after the other, over all its lives: what checks of order walk along.
import type { Drawn, Witness, Witnessed } from './witness.ts';

export type Moment =
  | { readonly what: 'out' | 'back'; readonly life: number; readonly place: number; readonly call: Witnessed }
  | { readonly what: 'draw'; readonly life: number; readonly place: number; readonly draw: Drawn };

/** A life as it was witnessed; what it begins after its death is nothing. */
export interface Witnessing {
  readonly witness: Pick<Witness, 'calls' | 'draws'>;
  readonly diedAt?: number;
}

/** A call that was never answered (its process died) goes out only. */
export function courseOf(lives: readonly Witnessing[]): Moment[] {
  return lives.flatMap(({ witness: { calls, draws }, diedAt = Number.POSITIVE_INFINITY }, life) => {
    const its: Moment[] = [];
    for (const call of calls) {
      if (call.began > diedAt) break;
      its.push({ what: 'out', life, place: call.began, call });
      if (call.ended !== undefined) its.push({ what: 'back', life, place: call.ended, call });
    }
    for (const draw of draws) its.push({ what: 'draw', life, place: draw.place, draw });
    return its.sort((one, other) => one.place - other.place);
  });
}

/** What an update or download session is asked, by which of its arguments. */
export function sessionIn({ op, args }: Witnessed): string | undefined {
  if (!OF_A_SESSION.has(op)) return undefined;
  return String(args[0]);
}
const OF_A_SESSION = new Set([
  'getSession',
  'updateSession',
  'keepAlive',
  'complete',
  'cancelSession',
  'failSession',
  'deleteSession',
  'addFile',
  'listFiles',
  'getFile',
  'removeFile',
  'validate',
  'getDownloadSession',
  'keepDownloadAlive',
  'cancelDownload',
  'failDownload',
  'deleteDownloadSession',
  'prepareFile',
  'getDownloadFile'
]);
