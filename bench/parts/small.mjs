import { clockModule, connectModule, memoryJournalModule, runModule, simulatorModule } from '../built.mjs';
import { byTurns, spread } from '../measure.mjs';
import { serveSimulator } from '../processes.mjs';
import { smallUploads } from '../small-uploads.mjs';

const UPLOADS = 100;

/** @returns {Promise<import('../measure.mjs').Part>} */
export async function small() {
  const [{ connect }, { systemClock }, { memoryJournal }, { createSimulator }] = await Promise.all([
    connectModule(),
    clockModule(),
    memoryJournalModule(),
    simulatorModule()
  ]);
  const server = await serveSimulator();
  const connection = await connect({ url: server.url, username: 'user', password: 'pass' });
  const simulator = createSimulator({ clock: systemClock() });
  const ports = simulator.connect({ journal: memoryJournal() });
  try {
    const perSecond = await byTurns(5, {
      ports: () => uploads(ports, 1),
      http: () => uploads(connection, 1),
      httpEight: () => uploads(connection, 8)
    });
    return {
      title: 'Small uploads',
      how: `${UPLOADS} whole uploads of one file of 4 KiB into new items, from finding the library to reading back what the item holds; five rounds by turns. Over HTTP the simulator is a process of its own.`,
      rows: [
        { what: 'through ports, one at a time', figure: spread(perSecond.ports), unit: '/s' },
        { what: 'over HTTP, one at a time', figure: spread(perSecond.http), unit: '/s' },
        { what: 'over HTTP, eight at a time', figure: spread(perSecond.httpEight), unit: '/s' }
      ],
      aims: []
    };
  } finally {
    await connection.close();
    await simulator.close();
    await server.end();
  }
}

/**
 * Uploads a second.
 *
 * @param {import('../../src/ports.ts').Ports} ports
 * @param {number} atATime
 */
async function uploads(ports, atATime) {
  const { upload } = await runModule();
  return UPLOADS / ((await smallUploads(upload, ports, UPLOADS, atATime)) / 1_000);
}
