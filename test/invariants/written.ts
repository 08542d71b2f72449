// Facts are written down before anything that depends on them goes out.
import type { Facts } from '../../src/events/records.ts';
import type { Entry } from './witness.ts';

/** The facts as the journal has them; files by their index. */
export type Written = Partial<Omit<Facts, 'files'>> & {
  readonly files?: Readonly<Record<number, Facts['files'][number]>>;
};

/** What must stand in the journal when a call goes out. */
export const NEEDS: Readonly<Record<string, (facts: Written) => boolean>> = {
  createItem: ({ making }) => making === true,
  listSessions: ({ itemId }) => typeof itemId === 'string',
  createSession: ({ opened, itemId, generation }) =>
    opened === true && typeof itemId === 'string' && generation !== undefined,
  addFile: ({ sessionId }) => typeof sessionId === 'string',
  push: ({ sessionId }) => typeof sessionId === 'string',
  complete: ({ asked, files }) =>
    asked === true && Object.values(files ?? {}).every(({ outcome }) => outcome === 'ready' || outcome === 'unchanged'),
  // After DONE a wish is void; what a create in doubt has made is taken away all the same.
  cancelSession: ({ wish, done }) => typeof wish === 'string' || done === true,
  failSession: ({ failure }) => failure !== undefined && failure !== null,
  deleteItem: ({ itemMade, itemId, removing }) => itemMade === true && typeof itemId === 'string' && removing === true
};

/** The same of a download. */
const DOWNLOAD_NEEDS: typeof NEEDS = {
  createDownloadSession: ({ opened, itemId }) => opened === true && typeof itemId === 'string',
  prepareFile: ({ sessionId }) => typeof sessionId === 'string',
  cancelDownload: ({ wish }) => typeof wish === 'string',
  failDownload: ({ failure }) => failure !== undefined && failure !== null
};

/** What a crash could strand: it is not begun when the journal cannot be written any more. */
const STRANDING: ReadonlySet<string> = new Set(['createItem', 'createSession', 'createDownloadSession']);

export function withFacts(facts: Written, data: unknown): Written {
  const { files, ...rest } = data as Written;
  return { ...facts, ...rest, files: { ...facts.files, ...files } };
}

/**
 * @param lives what each life did, in the order of its beginnings
 * @param isOthers sessions that are none of the run's: they are ended without a fact of its own
 */
export function written(lives: readonly (readonly Entry[])[], isOthers: (session: string) => boolean): string[] {
  const wrong: string[] = [];
  let facts: Written = {};
  for (const entries of lives) {
    let isBroken = false;
    const pending: Extract<Entry, { kind: 'append' }>[] = [];
    const confirm = (until: number): void => {
      while (pending[0] !== undefined && (pending[0].ended ?? Number.POSITIVE_INFINITY) < until) {
        const { records, failed = false } = pending.shift() as (typeof pending)[number];
        isBroken ||= failed;
        if (!failed) facts = folded(facts, records);
      }
    };
    for (const entry of entries) {
      if (entry.kind === 'append') {
        pending.push(entry);
        continue;
      }
      const { op, args, began } = entry.call;
      confirm(began);
      const need = NEEDS[op] ?? DOWNLOAD_NEEDS[op];
      if (isBroken && STRANDING.has(op) && !isRepeat(op, facts))
        wrong.push(`${op} went out, and the journal could not be written`);
      if (isBroken || isOthers(String(args[0]))) continue;
      if (need !== undefined && !need(facts)) wrong.push(`${op} went out before its facts were written down`);
    }
    // What a process was writing down when it died may be there.
    for (const { records, failed } of pending) if (!failed) facts = folded(facts, records);
  }
  return wrong;
}

/** A later life knows of a create that was sent before the journal broke, and of all its repeats. */
function isRepeat(op: string, facts: Written): boolean {
  return op === 'createItem' ? facts.making === true : facts.opened === true && typeof facts.sessionId !== 'string';
}

function folded(facts: Written, records: readonly { readonly type: string; readonly data: unknown }[]): Written {
  return records.filter(({ type }) => type === 'facts').reduce((sum, { data }) => withFacts(sum, data), facts);
}
