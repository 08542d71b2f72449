import { join } from 'node:path';
import { clockModule, memoryJournalModule, runModule, simulatorModule, sqliteJournalModule } from '../built.mjs';
import { byTurns, ratio, spread } from '../measure.mjs';
import { smallUploads } from '../small-uploads.mjs';

const UPLOADS = 100;

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function journal(folder) {
  const [{ systemClock }, { memoryJournal }, { createSimulator }, { sqliteJournal }, { upload }] = await Promise.all([
    clockModule(),
    memoryJournalModule(),
    simulatorModule(),
    sqliteJournalModule(),
    runModule()
  ]);
  const simulator = createSimulator({ clock: systemClock() });
  const file = await sqliteJournal({ path: join(folder, 'journal.db'), now: Date.now });
  const [without, withOne] = [memoryJournal(), file].map(each => simulator.connect({ journal: each }));
  /** @param {import('../../src/ports.ts').Ports | undefined} ports @param {number} atATime */
  const msEach = async (ports, atATime) => {
    if (ports === undefined) throw new Error('no ports');
    return (await smallUploads(upload, ports, UPLOADS, atATime)) / UPLOADS;
  };
  try {
    const ms = await byTurns(5, {
      without: () => msEach(without, 1),
      with: () => msEach(withOne, 1),
      withoutEight: () => msEach(without, 8),
      withEight: () => msEach(withOne, 8)
    });
    const cost = ms.with.map((each, index) => each - Number(ms.without[index]));
    const costEight = ms.withEight.map((each, index) => each - Number(ms.withoutEight[index]));
    return {
      title: 'The journal',
      how: `${UPLOADS} whole uploads of one file of 4 KiB through ports, with a journal in memory and with the file of the command (every write through to the disk); five rounds by turns. What several runs write down in one turn of the event loop goes to the disk together.`,
      rows: [
        { what: 'one upload, without', figure: spread(ms.without), unit: 'ms', digits: 1 },
        { what: 'one upload, with', figure: spread(ms.with), unit: 'ms', digits: 1 },
        { what: 'what the journal costs a run', figure: spread(cost), unit: 'ms', digits: 1 },
        { what: 'one of eight at a time, without', figure: spread(ms.withoutEight), unit: 'ms', digits: 1 },
        { what: 'one of eight at a time, with', figure: spread(ms.withEight), unit: 'ms', digits: 1 },
        { what: 'what it costs each of eight', figure: spread(costEight), unit: 'ms', digits: 1 }
      ],
      aims: [
        {
          what: 'time of an upload, with / without the journal',
          figure: ratio(ms.with, ms.without),
          unit: '',
          digits: 2
        }
      ]
    };
  } finally {
    await file.close();
    await simulator.close();
  }
}
