// Where a row plays: a simulator of the document's age, with users, sources to pull from, and what the row needs made.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContentLibrary } from '../../../src/ports.ts';
import { PROFILES } from '../../../src/servers/profiles.ts';
import { createSimulator, type Simulator, type VirtualClock, virtualClock } from '../../../src/simulator/index.ts';
import { bytesOf, type Received, send } from '../../simulator/doors.ts';
import type { Document, RawRequest, SeedRow } from './row.ts';

export type Answer = Received;

export interface Stage extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  /** The calls of whoever asks. */
  readonly library: ContentLibrary;
  readonly libraryId: string;
  /** Behind `file:` and `ds:`. */
  readonly folder: string;
  /** An item, with what it holds. */
  item(files?: Readonly<Record<string, string>>, type?: string): Promise<string>;
  /** A session of whoever asks. */
  session(item?: string): Promise<string>;
  push(session: string, name: string, content: string): Promise<void>;
  /** The row's request over HTTP, with a login. */
  ask(request: RawRequest): Promise<Answer>;
  /** Waits for what the service does by itself, without letting virtual time pass. */
  until(fact: () => Promise<boolean>): Promise<void>;
}

/** What the imagined network holds. */
export const SOURCE = { uri: 'http://myurl.com/a.iso', content: 'fetched from afar' } as const;
const PASSWORD = 'pass';
/** The certificates of the tests are valid then. */
const NOW = Date.UTC(2027, 0, 1);

export async function openStage(document: Document, row: SeedRow): Promise<Stage> {
  const { rules, user = 'user' } = row;
  const folder = await mkdtemp(join(tmpdir(), 'shelver-seeds-'));
  const clock = virtualClock(NOW);
  const simulator = createSimulator({
    clock,
    profile: PROFILES[document.profile],
    rules,
    users: {
      user: PASSWORD,
      administrator: { password: PASSWORD, roles: ['Administrator'] },
      reader: { password: PASSWORD, roles: ['ReadOnly'] },
      uploader: { password: PASSWORD, privileges: ['ContentLibrary.UpdateSession'] }
    },
    libraries: ['images', { name: 'afar', type: 'SUBSCRIBED', items: [{ name: 'theirs' }] }],
    pull: { hosts: ['myurl.com'], sources: { [SOURCE.uri]: SOURCE.content }, folder }
  });
  const door = await simulator.listen();
  const { library: everything, bytes } = simulator.ports();
  const { library } = simulator.ports({ username: user });
  const [libraryId = ''] = await everything.findLibraries({ name: 'images' });
  const logins = {
    '9.0': '/api/session',
    '6.5': '/rest/com/vmware/cis/session',
    '6.0': '/rest/com/vmware/cis/session'
  };
  const basic = Buffer.from(`${user}:${PASSWORD}`).toString('base64');
  const login = await send(`${door.url}${logins[document.profile]}`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` }
  });
  const said: unknown = JSON.parse(login.body);
  const token = typeof said === 'string' ? said : (said as { value: string }).value;
  let made = 0;
  const push = async (by: ContentLibrary, session: string, name: string, content: string) => {
    const { uploadUri } = await by.addFile(session, { name, sourceType: 'PUSH', size: content.length });
    await bytes.push({ uri: uploadUri!, source: bytesOf(content), hash: [] });
  };
  const item = async (files: Readonly<Record<string, string>> = {}, type = ''): Promise<string> => {
    const its = await everything.createItem({ libraryId, name: `item ${++made}`, type });
    if (Object.keys(files).length === 0) return its;
    const session = await everything.createSession({ itemId: its });
    for (const [name, content] of Object.entries(files)) await push(everything, session, name, content);
    await everything.complete(session);
    await everything.deleteSession(session);
    return its;
  };
  return {
    simulator,
    clock,
    library,
    libraryId,
    folder,
    item,
    session: async its => library.createSession({ itemId: its ?? (await item()) }),
    push: (session, name, content) => push(library, session, name, content),
    ask: ({ method, path, headers, body }) =>
      send(`${door.url}${path}`, { method, headers: { ...headers, 'vmware-api-session-id': token }, body }),
    // A disk takes as many turns as it takes: if it never comes, the test's own time ends it.
    until: async fact => {
      while (!(await fact())) await new Promise(resolve => setImmediate(resolve));
    },
    [Symbol.asyncDispose]: async () => {
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    }
  };
}
