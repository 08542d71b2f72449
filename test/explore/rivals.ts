// Other clients at work on the same item, and what they have done: what is theirs must not be held against the run.
import type { SessionOwner } from '../../machines/workflow/calls.ts';
import { PortFailure } from '../../src/ports.ts';
import type { SimulatedPorts, Simulator } from '../../src/simulator/index.ts';
import { wordIn } from '../invariants/standing.ts';
import { bytesOf } from '../run/bytes.ts';
import { bytesIn } from './contents.ts';
import type { RivalAct } from './plan.ts';

export interface Others {
  /** Somebody else has changed, made, renamed or deleted an item, or has tried to. */
  readonly items: boolean;
  /** Items that somebody else has changed, renamed or deleted, or has tried to; what they made themselves is in `theirs`. */
  readonly touched: ReadonlySet<string>;
  /** Somebody else has taken the item away, or its name, or given that to another one, or has tried to: it may be made anew. */
  readonly tookItem: boolean;
  /** There may be an item of others besides: its create was not answered. */
  readonly unheardItems: boolean;
  /** Somebody else has ended our session, or taken a file out of it, or has tried to. */
  readonly sessions: boolean;
  /** Somebody else has completed our session. */
  readonly completed: boolean;
  /** Files that somebody else has taken out of our session. */
  readonly removed: ReadonlySet<string>;
  /** Sessions that others opened, and items that they made. */
  readonly theirs: ReadonlySet<string>;
  /** How many sessions of others there may be besides: their creates were not answered. */
  readonly unheard: number;
  /** What has happened, in words. */
  readonly said: readonly { readonly at: number; readonly what: string }[];
}

export interface Rivals extends Others {
  act(user: 'same' | 'other', act: RivalAct): Promise<void>;
}

const OTHER_RUN = '0b5d3a1e-1111-4222-8333-944455566677';

/** The service has said no: nothing has come of it. */
function isRefused(cause: unknown): boolean {
  return cause instanceof PortFailure && cause.failure.ambiguous !== true && cause.failure.service !== undefined;
}

/** What may have acted is noted. */
async function unlessRefused(call: Promise<unknown>, note: () => void): Promise<void> {
  try {
    await call;
  } catch (cause) {
    if (isRefused(cause)) throw cause;
  }
  note();
}

export function rivalsOf(
  simulator: Simulator,
  place: { item: string; kind: 'upload' | 'download' },
  owners: Map<string, SessionOwner>
): Rivals {
  const ports = { same: simulator.ports({ username: 'user' }), other: simulator.ports({ username: 'other' }) };
  const theirs = new Set<string>();
  const said: { at: number; what: string }[] = [];
  const removed = new Set<string>();
  const touched = new Set<string>();
  let items = false;
  let tookItem = false;
  let unheardItems = false;
  let sessions = false;
  let completed = false;
  let unheard = 0;
  const itemId = () =>
    simulator.state.items.flatMap(bucket => Object.values(bucket)).find(({ name }) => name === place.item)?.id;
  const libraryId = () => simulator.state.libraries.flatMap(bucket => Object.values(bucket))[0]!.id;
  const openSession = () =>
    [...simulator.state.sessions, ...simulator.state.downloads]
      .flatMap(bucket => Object.values(bucket))
      .find(({ state, id }) => wordIn(state) === 'ACTIVE' && !theirs.has(id));

  const opened = async (session: Promise<string>): Promise<string> => {
    try {
      const id = await session;
      theirs.add(id);
      return id;
    } catch (cause) {
      if (!isRefused(cause)) unheard += 1;
      throw cause;
    }
  };

  const acts = async ({ library, bytes }: SimulatedPorts, act: RivalAct): Promise<void> => {
    const item = itemId() ?? '';
    const session = openSession();
    const isDownload = session !== undefined && !('warnings' in session);
    switch (act.kind) {
      case 'hold': {
        if (place.kind === 'download') {
          const id = await opened(library.createDownloadSession({ itemId: item }));
          await simulator.clock.sleepUntil(simulator.clock.now() + act.forMs);
          await library.cancelDownload(id);
          return library.deleteDownloadSession(id);
        }
        const id = await opened(library.createSession({ itemId: item }));
        if (act.whose !== undefined)
          owners.set(id, { session: id, run: OTHER_RUN, standing: act.whose, pid: 4711, host: 'elsewhere.example' });
        await simulator.clock.sleepUntil(simulator.clock.now() + act.forMs);
        await library.cancelSession(id);
        return library.deleteSession(id);
      }
      case 'end':
        sessions = true;
        if (session === undefined) return;
        if (act.by === 'cancel')
          return isDownload ? library.cancelDownload(session.id) : library.cancelSession(session.id);
        if (act.by === 'delete')
          return isDownload ? library.deleteDownloadSession(session.id) : library.deleteSession(session.id);
        if (act.by === 'fail')
          return isDownload ? library.failDownload(session.id, 'no') : library.failSession(session.id, 'no');
        if (isDownload) return;
        items = true;
        touched.add(session.itemId);
        return unlessRefused(library.complete(session.id), () => {
          completed = true;
        });
      case 'removeFile': {
        sessions = true;
        const file = session !== undefined && 'warnings' in session ? session.files[0] : undefined;
        if (file === undefined || session === undefined) return;
        return unlessRefused(library.removeFile(session.id, file.name), () => removed.add(file.name));
      }
      case 'deleteItem':
        items = true;
        tookItem = true;
        touched.add(item);
        return library.deleteItem(item);
      case 'renameItem':
        items = true;
        tookItem = true;
        touched.add(item);
        return library.updateItem(item, { name: 'renamed' });
      case 'makeItem':
        items = true;
        tookItem = true;
        try {
          theirs.add(await library.createItem({ libraryId: libraryId(), name: place.item }));
        } catch (cause) {
          if (!isRefused(cause)) unheardItems = true;
          throw cause;
        }
        return;
      case 'fill': {
        const { name } = act.content;
        const source = bytesOf(bytesIn(act.content));
        const id = await opened(library.createSession({ itemId: item }));
        items = true;
        touched.add(item);
        const { uploadUri = '' } = await library.addFile(id, { name, size: source.size, sourceType: 'PUSH' });
        await bytes.push({ uri: uploadUri, source, hash: [] });
        await library.complete(id);
        return library.deleteSession(id);
      }
    }
  };
  return {
    get items() {
      return items;
    },
    get tookItem() {
      return tookItem;
    },
    get unheardItems() {
      return unheardItems;
    },
    touched,
    get sessions() {
      return sessions;
    },
    get completed() {
      return completed;
    },
    get unheard() {
      return unheard;
    },
    removed,
    theirs,
    said,
    act: async (user, act) => {
      const what = `another client (${user} user): ${act.kind}${act.kind === 'end' ? ` by ${act.by}` : ''}`;
      const failed = await acts(ports[user], act).then(
        () => '',
        (cause: Error) => `, refused: ${cause.message}`
      );
      said.push({ at: simulator.clock.now(), what: `${what}${failed}` });
    }
  };
}
