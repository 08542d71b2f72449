import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KIBIBYTE, writeSmall } from '../files.mjs';
import { COMMAND, run, runToDeath, serveSimulator } from '../processes.mjs';

const RUNS = 1_000;
const SCRIPT = fileURLToPath(new URL('../unfinished.mjs', import.meta.url));

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function resume(folder) {
  const [file = ''] = await writeSmall(folder, 1, 4 * KIBIBYTE);
  const faults = join(folder, 'faults.json');
  await writeFile(faults, JSON.stringify({ faults: [{ on: 'put', do: 'stall', times: 'always' }] }));
  const journal = join(folder, 'journal.db');
  const server = await serveSimulator('--faults', faults, '--admin');
  const env = { SHELVER_URL: server.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass', SHELVER_JOURNAL: journal };
  try {
    const begun = await runToDeath(process.execPath, [SCRIPT, server.url, journal, file, String(RUNS)]);
    const { url, token } = server.admin ?? { url: '', token: '' };
    const healed = await fetch(new URL('/admin/faults', url), {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` }
    });
    if (!healed.ok) throw new Error(`the simulator did not take its faults back: ${healed.status}`);
    const { ms } = await run(process.execPath, [COMMAND, 'resume', '--progress', 'none', '--json'], env);
    const again = await run(process.execPath, [COMMAND, 'resume', '--progress', 'none', '--json'], env);
    if (!again.stdout.includes('"runs":[]')) throw new Error('something was left unfinished');
    return {
      title: 'A thousand unfinished runs',
      how: `${RUNS} uploads of one file of 4 KiB were begun at the same moment in one process, which was killed (SIGKILL) when all of them had opened their session and added their file. Then \`shelver resume\`, once, from start to end of the process: every run is read from the journal, its session asked for, the file sent, the item verified.`,
      rows: [
        { what: 'until all waited, and the process was killed', figure: begun.ms / 1_000, unit: 's', digits: 1 },
        { what: '`shelver resume` of all of them', figure: ms / 1_000, unit: 's', digits: 1 },
        { what: 'runs finished', figure: RUNS / (ms / 1_000), unit: '/s' },
        { what: '`shelver resume` with nothing to do', figure: again.ms / 1_000, unit: 's', digits: 2 }
      ],
      aims: []
    };
  } finally {
    await server.end();
  }
}
