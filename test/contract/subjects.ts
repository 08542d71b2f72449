// The subjects of the contract: one simulator, by its port or by our own client over a real socket.
import type { Server } from 'node:http';
import { type Connection, connect } from '../../src/connect.ts';
import { PROFILES, type ProfileName } from '../../src/servers/profiles.ts';
import { createSimulator, type LibraryOption, virtualClock } from '../../src/simulator/index.ts';
import type { Wording } from '../../src/wire/codec.ts';
import type { Dialect } from '../../src/wire/operations.ts';
import { inlineHasher } from '../client/inline-hasher.ts';
import { NOW } from '../law/world.ts';
import type { Subject } from './contract.ts';

const PASSWORDS = { ann: 'a', bob: 'b' };
const USERS = { ...PASSWORDS, ann: { password: PASSWORDS.ann, roles: ['Administrator'] } };
/** Of storage ann may know by her role, bob not. */
const RULES = { readStorage: false };
const LIBRARIES: readonly LibraryOption[] = [
  { name: 'images' },
  { name: 'mirror', type: 'SUBSCRIBED', items: [{ name: 'copied' }] }
];

export function byPort(profile: ProfileName): () => Promise<Subject> {
  return async () => {
    const clock = virtualClock(NOW);
    const simulator = createSimulator({
      clock,
      users: USERS,
      libraries: LIBRARIES,
      rules: RULES,
      profile: PROFILES[profile],
      // what is pulled in the contract lies nowhere
      pull: false
    });
    return {
      ...simulator.ports({ username: 'ann', password: 'a' }),
      other: simulator.ports({ username: 'bob', password: 'b' }).library,
      wait: ms => clock.advanceBy(ms),
      close: () => simulator.close()
    };
  };
}

/** `watch` is given the server before anyone asks it anything. */
export function overHttp(
  profile: ProfileName,
  dialect: Dialect,
  watch: (server: Server) => void = () => undefined,
  wording?: Wording
): () => Promise<Subject> {
  return async () => {
    const clock = virtualClock(NOW);
    const simulator = createSimulator({
      clock,
      users: USERS,
      libraries: LIBRARIES,
      rules: RULES,
      profile: PROFILES[profile],
      // what is pulled in the contract lies nowhere
      pull: false
    });
    const { url, server } = await simulator.listen();
    watch(server);
    const as = (username: keyof typeof PASSWORDS): Promise<Connection> =>
      connect({ url, username, password: PASSWORDS[username], dialect, wording, profile, hasher: inlineHasher() });
    const ann = await as('ann');
    const bob = await as('bob');
    return {
      library: ann.library,
      bytes: ann.bytes,
      other: bob.library,
      wait: ms => clock.advanceBy(ms),
      close: async () => {
        await ann.close();
        await bob.close();
        await simulator.close();
      }
    };
  };
}
