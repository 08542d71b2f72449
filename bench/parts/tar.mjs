import { join } from 'node:path';
import { fileSourceModule, indexTarModule } from '../built.mjs';
import { GIBIBYTE, writeSparseOva } from '../files.mjs';
import { spread, time } from '../measure.mjs';

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function tar(folder) {
  const path = await writeSparseOva(join(folder, 'big.ova'), 14 * GIBIBYTE);
  const [{ fileSource }, { indexTar }] = await Promise.all([fileSourceModule(), indexTarModule()]);
  const index = async () => {
    const source = await fileSource(path);
    const { entries } = await source.reading(read => indexTar(read, source.size));
    if (entries.length !== 3) throw new Error(`the index has ${entries.length} entries, not 3`);
  };
  const first = await time(index);
  const times = [];
  for (let round = 0; round < 50; round += 1) times.push(await time(index));
  return {
    title: 'Index of an OVA of 14 GiB',
    how: 'Opened, indexed and closed: once in a cold process, then fifty times.',
    rows: [
      { what: 'the first time', figure: first, unit: 'ms', digits: 1 },
      { what: 'after that', figure: spread(times), unit: 'ms', digits: 1 }
    ],
    aims: [
      {
        what: 'index of an OVA of 14 GiB, the first time',
        figure: first,
        unit: 'ms',
        sense: 'at most',
        limit: 20,
        digits: 1
      }
    ]
  };
}
