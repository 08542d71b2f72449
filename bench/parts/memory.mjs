import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GIBIBYTE, MEBIBYTE, writeSparse } from '../files.mjs';
import { spread } from '../measure.mjs';
import { runScript, serve } from '../processes.mjs';

const ENDPOINT = fileURLToPath(new URL('../endpoint.mjs', import.meta.url));

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function memory(folder) {
  const small = await writeSparse(join(folder, 'sparse-1.bin'), GIBIBYTE);
  const large = await writeSparse(join(folder, 'sparse-8.bin'), 8 * GIBIBYTE);
  const endpoint = await serve(process.execPath, [ENDPOINT]);
  /** @param {string} path */
  const peak = async path => (await runScript('send.mjs', 'two', endpoint.line, path)).peakBytes / MEBIBYTE;
  try {
    const peaks = { small: [await peak(small)], large: [await peak(large)] };
    for (let round = 0; round < 2; round += 1) {
      peaks.small.push(await peak(small));
      peaks.large.push(await peak(large));
    }
    const [one, eight] = [spread(peaks.small), spread(peaks.large)];
    return {
      title: 'Memory',
      how: 'The most that the process held (peak RSS) while it sent a file with hashing on; three rounds by turns.',
      rows: [
        { what: '1 GiB', figure: one, unit: 'MiB' },
        { what: '8 GiB, sparse', figure: eight, unit: 'MiB' }
      ],
      aims: [
        { what: 'peak for 8 GiB', figure: (eight.max * MEBIBYTE) / 1e6, unit: 'MB', sense: 'at most', limit: 120 },
        {
          what: 'peak for 8 GiB / for 1 GiB',
          figure: eight.median / one.median,
          unit: '',
          sense: 'at most',
          limit: 1.1,
          digits: 2
        }
      ]
    };
  } finally {
    await endpoint.end();
  }
}
