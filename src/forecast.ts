// What a dry run announces: what the same call would do, as far as that is known before anything is changed. JSON-safe.
import type { DownloadResult } from '../machines/workflow/download-facts.ts';
import { rankOf, type Standing, type UploadInput, type UploadResult } from '../machines/workflow/upload-facts.ts';
import type { FileRole } from './events/records.ts';
import { isPulled, type Plan } from './plan.ts';

export interface UploadForecast {
  /** What would become of the item; `leave`: nothing at all. `type` is that of an item that would be created. */
  readonly item: { readonly does: 'create' | 'update' | 'leave'; readonly name: string; readonly type?: string };
  /** In the order in which they would go. */
  readonly files: readonly ForecastFile[];
  /**
   * Other files of the item: those that would be removed (`ifExists: 'replace'`), and those that would stay. Of an item that is
   * skipped they are not asked for.
   */
  readonly removes: readonly string[];
  readonly stays: readonly string[];
  /** Bytes that would be sent from here. What the service fetches by itself is not counted. */
  readonly bytes: number;
  /** Update sessions of the same user that are open on the item. Those of others cannot be seen. */
  readonly inTheWay: readonly Standing[];
  /** What would be done about them, where that keeps the upload from failing (`onBusy`). */
  readonly thenBusy?: 'wait' | 'take-over';
  /** The id of the unfinished run of this call that would be gone on with. What it has sent already is not sent again. */
  readonly goesOnWith?: string;
}

export interface ForecastFile {
  readonly name: string;
  /** Bytes, where they are known. */
  readonly size?: number;
  readonly role: FileRole;
  /** `send`: from here; `pull`: the service fetches it; `leave`: the item holds it already, or is left alone. */
  readonly does: 'send' | 'pull' | 'leave';
  /** Files of one turn go together, at most `parallel` at a time; the next turn waits for all of them. 1 is the first. */
  readonly turn?: number;
  /** The item holds another file of this name. */
  readonly replaces?: true;
}

export interface DownloadForecast {
  /** In the item's order. */
  readonly files: readonly {
    readonly name: string;
    readonly size?: number;
    /** `leave`: the same bytes are there; `skip`: something is there, and stays. */
    readonly does: 'fetch' | 'leave' | 'skip';
    /** Another file stands in its place, and would go. */
    readonly replaces?: true;
  }[];
  /** Bytes that would be fetched; those of files whose size the service does not report are not counted. */
  readonly bytes: number;
  readonly goesOnWith?: string;
}

/** `undefined`: it was not found out, because something failed before. */
export function uploadForecast(
  result: UploadResult,
  plan: Plan,
  onBusy: UploadInput['onBusy'],
  goesOnWith?: string
): UploadForecast | undefined {
  const { outcome, failure, itemId, itemName, held, toRemove, inTheWay } = result;
  if (!(outcome === 'planned' || outcome === 'upToDate' || failure?.code === 'RESOURCE_BUSY')) return undefined;
  const moves = plan.files.map((_, index) => outcome !== 'upToDate' && result.files[index]?.outcome === 'todo');
  const turns = [...new Set(plan.files.filter((_, index) => moves[index]).map(rankOf))].sort(
    (one, other) => one - other
  );
  const files = plan.files.map((file, index): ForecastFile => {
    const { name, size, role } = file;
    if (!moves[index]) return { name, size, role, does: 'leave' };
    const replaces = held.some(its => its.name === name);
    const turn = turns.indexOf(rankOf(file)) + 1;
    return { name, size, role, does: isPulled(file) ? 'pull' : 'send', turn, ...(replaces && { replaces }) };
  });
  const others = held.map(({ name }) => name).filter(name => !plan.files.some(file => file.name === name));
  return {
    item: {
      does: outcome === 'upToDate' ? 'leave' : itemId === undefined ? 'create' : 'update',
      name: itemName,
      ...(itemId === undefined && { type: plan.itemType })
    },
    files: files.sort((one, other) => (one.turn ?? 0) - (other.turn ?? 0)),
    removes: toRemove,
    stays: others.filter(name => !toRemove.includes(name)),
    bytes: files.reduce((sum, { does, size = 0 }) => sum + (does === 'send' ? size : 0), 0),
    inTheWay,
    ...(outcome === 'planned' && inTheWay.length > 0 && onBusy !== 'fail' && { thenBusy: onBusy }),
    ...(goesOnWith !== undefined && { goesOnWith })
  };
}

/** `undefined`: it was not found out, because something failed before. */
export function downloadForecast(result: DownloadResult, goesOnWith?: string): DownloadForecast | undefined {
  if (result.outcome !== 'planned' && result.outcome !== 'upToDate') return undefined;
  const files = result.files.map(({ name, size, outcome }, index) => {
    if (outcome !== 'todo') return { name, size, does: outcome === 'skipped' ? ('skip' as const) : ('leave' as const) };
    return { name, size, does: 'fetch' as const, ...(result.replaces.includes(index) && { replaces: true as const }) };
  });
  return {
    files,
    bytes: files.reduce((sum, { does, size = 0 }) => sum + (does === 'fetch' ? size : 0), 0),
    ...(goesOnWith !== undefined && { goesOnWith })
  };
}

/** What a dry run cannot know is said with it. */
export const NOT_ASKED = {
  upload:
    'what only the attempt tells is not known: privileges to write, room on the datastore, what the service says of the files',
  download: 'what only the attempt tells is not known: the privilege to read, room on the disk'
} as const;
