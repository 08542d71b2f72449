// The simulator as the suite meets it: over HTTP, with a second user, a subscribed library and leave to pull from here.
import { systemClock } from '../../src/adapters/clock.ts';
import type { ServerProfile } from '../../src/ports.ts';
import { createSimulator } from '../../src/simulator/index.ts';
import type { ServerOptions } from './suite/server.ts';

export interface Target extends AsyncDisposable {
  readonly options: ServerOptions;
}

export async function simulatorAs(profile: ServerProfile): Promise<Target> {
  const simulator = createSimulator({
    clock: systemClock(),
    profile,
    users: { user: { password: 'pass', roles: ['Administrator'] }, other: 'word' },
    libraries: ['images', { name: 'afar', type: 'SUBSCRIBED', items: [{ name: 'theirs' }] }],
    pull: { hosts: ['127.0.0.1'] }
  });
  const { url } = await simulator.listen();
  const second = { username: 'other', password: 'word' };
  return {
    options: { url, username: 'user', password: 'pass', second },
    [Symbol.asyncDispose]: () => simulator.close()
  };
}
