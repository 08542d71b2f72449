import { MEBIBYTE } from '../files.mjs';
import { spread } from '../measure.mjs';
import { runScript, serveSimulator } from '../processes.mjs';

const UPLOADS = 1_000;
const ROUNDS = 3;

/** @returns {Promise<import('../measure.mjs').Part>} */
export async function thousand() {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // A new one each time: what it holds of the last thousand would slow it down.
    const server = await serveSimulator();
    try {
      rounds.push(await runScript('thousand.mjs', server.url, String(UPLOADS)));
    } finally {
      await server.end();
    }
  }
  const peak = spread(rounds.map(({ peakBytes }) => peakBytes / MEBIBYTE));
  return {
    title: 'A thousand uploads at once in one process',
    how: `${UPLOADS} whole uploads of one file of 4 KiB, all begun at the same moment over one login, to our simulator in a process of its own; ${ROUNDS} rounds, each with a new process and a new simulator.`,
    rows: [
      { what: 'the most memory that the process held (peak RSS)', figure: peak, unit: 'MiB' },
      { what: 'requests', figure: spread(rounds.map(({ ms, requests }) => requests / (ms / 1_000))), unit: '/s' },
      { what: 'uploads', figure: spread(rounds.map(({ ms }) => UPLOADS / (ms / 1_000))), unit: '/s' },
      { what: 'requests of one upload', figure: (rounds[0]?.requests ?? 0) / UPLOADS, unit: '', digits: 1 }
    ],
    aims: []
  };
}
