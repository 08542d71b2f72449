import { clockModule, connectModule, memoryJournalModule, runModule, simulatorModule } from '../built.mjs';
import { byTurns, spread } from '../measure.mjs';
import { serveSimulator } from '../processes.mjs';

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

let items = 0;

/**
 * Uploads a second.
 *
 * @param {import('../../src/ports.ts').Ports} ports
 * @param {number} atATime
 */
async function uploads(ports, atATime) {
  const { upload } = await runModule();
  const content = Buffer.alloc(4_096, 7);
  const source = {
    size: content.length,
    async *read() {
      yield content;
    }
  };
  const begun = performance.now();
  let left = UPLOADS;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      items += 1;
      const to = { library: 'images', item: `item-${items}` };
      const report = await upload(ports, { to, files: [{ name: 'small.bin', source }] }).report;
      if (report.outcome !== 'done') throw new Error(`an upload ended ${report.outcome}: ${report.failure?.message}`);
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return UPLOADS / ((performance.now() - begun) / 1_000);
}
