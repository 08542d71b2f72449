// The HTTP simulator in this process, where every request can be seen as it comes and as its answer goes out.
import type { IncomingMessage } from 'node:http';
import { systemClock } from '../../src/adapters/clock.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { createSimulator, type Simulator } from '../../src/simulator/index.ts';
import { values } from '../../src/simulator/service/table.ts';
import { BANDWIDTH } from './goods.ts';
import { foundIn, isOpening, librariesOf, lineOf, type Service, type ServiceOptions } from './service.ts';

/** The simulator in this process. */
export async function serviceHere({ profile, goods, origin }: ServiceOptions): Promise<Service> {
  const simulator = createSimulator({
    clock: systemClock(),
    libraries: librariesOf(goods),
    profile: PROFILES[profile],
    bandwidth: BANDWIDTH,
    pull: { hosts: [origin.place] }
  });
  const { url, server } = await simulator.listen();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const bodies = new Map<IncomingMessage, () => number>();
  const seen = { arrived: 0, answered: 0, completing: 0, completed: 0, moved: 0 };
  // Before the simulator itself hears of it: whoever dies now has said all that it will ever say.
  server.prependListener('request', (request, response) => {
    seen.arrived += 1;
    const completes = /[?&]~?action=complete\b/.test(String(request.url));
    if (completes) seen.completing += 1;
    if (/^\/cls\/data\//.test(String(request.url))) {
      const { socket } = request;
      const counted = request.method === 'GET' ? 'bytesWritten' : 'bytesRead';
      const before = socket[counted];
      bodies.set(request, () => socket[counted] - before);
    }
    response.on('finish', () => {
      seen.answered += 1;
      if (completes) seen.completed += 1;
      tell();
    });
    response.on('close', () => {
      seen.moved += bodies.get(request)?.() ?? 0;
      bodies.delete(request);
    });
    tell();
  });
  return {
    url,
    byHand: `shelver simulate --profile ${profile} --bandwidth ${BANDWIDTH} --pull-host ${origin.place}`,
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    look: () => {
      const { sessions, downloads } = simulator.state;
      const all = [...values(sessions), ...values(downloads)];
      return {
        ...seen,
        open: all.filter(({ state }) => JSON.stringify(state).includes('ACTIVE')).length,
        opened: simulator.requests.some(isOpening),
        bodies: bodies.size + origin.bodies,
        moved: origin.moved + seen.moved + [...bodies.values()].reduce((sum, of) => sum + of(), 0)
      };
    },
    log: async () => simulator.requests.map(lineOf),
    end: async () => {
      const found = await foundIn(simulator, sessionsOf(simulator));
      await simulator.close();
      return found;
    }
  };
}

function sessionsOf({ state }: Simulator): string[] {
  const all = [...values(state.sessions), ...values(state.downloads)];
  return all.map(session => `${JSON.stringify(session.state)} on ${session.itemId}`);
}
