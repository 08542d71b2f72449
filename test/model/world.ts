// The real thing: a simulator behind its HTTP door on the loopback, two users, and a shelf of the model that begins as it does.
import { PROFILES } from '../../src/servers/profiles.ts';
import { createSimulator, type VirtualClock, virtualClock } from '../../src/simulator/index.ts';
import type { Answer, Call, Dialect } from './call.ts';
import { bodyOf } from './bodies.ts';
import type { Shelf } from './shelf.ts';
import { type Wire, wireOf } from './wire.ts';

export interface World {
  readonly wire: Wire;
  readonly clock: VirtualClock;
  count(call: Call, answer: Answer, because?: string): void;
  logIn(user: string): Promise<void>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 300_000;
const KEPT_MS = 600_000;
const SEEDED = [
  { name: 'a.iso', body: 'the first content' },
  { name: 'b.bin', body: 'another one' }
];
const PACKAGE = [
  { name: 'd.ovf', body: bodyOf('d.ovf', 1) },
  { name: 'a.vmdk', body: bodyOf('a.vmdk', 2) }
];

/**
 * @param isOvf whether the item that is there is a package
 * @param tally how often each operation was answered in which way
 */
export async function begin(
  dialect: Dialect,
  isOvf: boolean,
  tally: Map<string, number>
): Promise<{ model: Shelf; real: World }> {
  const clock = virtualClock();
  const simulator = createSimulator({
    clock,
    profile: PROFILES[dialect === 'api' ? '9.0' : '6.5'],
    users: { ann: 'pass', bob: 'word' },
    libraries: [
      {
        name: 'images',
        items: isOvf ? [{ name: 'package', type: 'ovf', files: PACKAGE.map(asText) }] : [plain('seeded')]
      },
      { name: 'mirror', type: 'SUBSCRIBED', items: [plain('mirrored')] }
    ],
    sessionTimeoutMs: TIMEOUT_MS,
    // Not what is looked for here: a login that ends by itself.
    loginTimeoutMs: 1e12,
    rules: { endedKeptMs: KEPT_MS }
  });
  const { url } = await simulator.listen();
  const wire = wireOf(url, dialect);
  await wire.logIn('ann', 'pass');
  await wire.logIn('bob', 'word');
  const libraries = simulator.state.libraries.flatMap(bucket => Object.values(bucket));
  const items = simulator.state.items.flatMap(bucket => Object.values(bucket));
  const idOf = (name: string) => libraries.find(its => its.name === name)?.id ?? '';
  const model: Shelf = {
    dialect,
    now: clock.now(),
    timeoutMs: TIMEOUT_MS,
    keptMs: KEPT_MS,
    libraries: [
      { id: idOf('images'), name: 'images', isSubscribed: false },
      { id: idOf('mirror'), name: 'mirror', isSubscribed: true }
    ],
    items: items.map(({ id, name, type = '', libraryId }) => ({
      id,
      library: libraryId,
      name,
      type,
      version: 1,
      files: type === 'ovf' ? PACKAGE : SEEDED,
      isGone: false
    })),
    updates: [],
    downloads: [],
    meant: [],
    tokens: []
  };
  return {
    model,
    real: {
      wire,
      clock,
      count: ({ op }, { status, error }, because) => {
        const key = `${op} ${error ?? (status < 300 ? 'ok' : status)}`;
        for (const its of [key, ...(because === undefined ? [] : [`${key}: ${because}`])])
          tally.set(its, (tally.get(its) ?? 0) + 1);
      },
      logIn: async user => {
        await wire.logIn(user, user === 'ann' ? 'pass' : 'word');
      },
      close: async () => {
        wire.close();
        await simulator.close();
      }
    }
  };
}

function plain(name: string) {
  return { name, files: SEEDED.map(asText) };
}
function asText({ name, body }: { name: string; body: string }): { name: string; text: string } {
  return { name, text: body };
}
