// Sessions that stand in every column of the table, made through the port door, which tells nothing of HTTP.

import type { ContentLibrary } from '../../src/ports.ts';
import type { Rules } from '../../src/simulator/index.ts';
import { bytesOf } from '../simulator/doors.ts';
import type { Standing } from './table.ts';
import { openWorld, SESSION_MS, type World } from './world.ts';

export interface Standard {
  readonly world: World;
  readonly library: ContentLibrary;
  readonly item: string;
  readonly session: string;
  /** Of the file `a.iso`, which was pushed and is READY while the session is ACTIVE. */
  readonly uploadUri: string;
}

const GRACE_MS = 60_000;

export async function standing(how: Standing): Promise<Standard> {
  const rules: Partial<Rules> = how === 'expiring' ? { expiredGraceMs: GRACE_MS } : {};
  const world = await openWorld({ rules });
  const { library, bytes } = world.simulator.ports();
  const item = world.plain;
  const session = await library.createSession({ itemId: item });
  const { uploadUri } = await library.addFile(session, { name: 'a.iso', sourceType: 'PUSH', size: 5 });
  await bytes.push({ uri: uploadUri!, source: bytesOf('hello'), hash: [] });
  const bring: Record<Standing, () => Promise<void>> = {
    ACTIVE: async () => undefined,
    completing: async () => {
      await library.addFile(session, { name: 'p.iso', sourceType: 'PULL', source: { uri: 'http://elsewhere/p.iso' } });
      await library.complete(session);
    },
    DONE: () => library.complete(session),
    ERROR: () => library.failSession(session, 'the test says so'),
    CANCELED: () => library.cancelSession(session),
    expiring: () => world.clock.advanceBy(SESSION_MS + 1),
    deleted: async () => {
      await library.cancelSession(session);
      await library.deleteSession(session);
    },
    swept: () => world.clock.advanceBy(SESSION_MS + 1)
  };
  await bring[how]();
  return { world, library, item, session, uploadUri: uploadUri! };
}
