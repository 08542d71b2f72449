// The same file into a new item by the real govc, by our command and by our library in a program that runs: each by itself, and as
// rows and aims of a part.
import { connectModule, runModule } from './built.mjs';
import { ratio, spread, time } from './measure.mjs';
import { COMMAND, run } from './processes.mjs';

/** @typedef {'govc' | 'command' | 'library'} Way */

/**
 * Each gives back the milliseconds of one upload into an item of that name; processes from start to end.
 *
 * @param {{ govc: string, asGovc: NodeJS.ProcessEnv, url: string, to: string, path: string }} among
 * @returns {Promise<Record<Way, (name: string) => Promise<number>>>}
 */
export async function threeWays({ govc, asGovc, url, to, path }) {
  const [{ connect }, { upload }] = await Promise.all([connectModule(), runModule()]);
  const [username, password] = ['user', 'pass'];
  const asShelver = { SHELVER_URL: url, SHELVER_USERNAME: username, SHELVER_PASSWORD: password };
  /** @param {string} name */
  const inProcess = async name => {
    const connection = await connect({ url, username, password });
    const report = await upload(connection, { to: `${to}/${name}`, files: [path] }).report;
    await connection.close();
    if (report.outcome !== 'done') throw new Error(`the upload ended ${report.outcome}: ${report.failure?.message}`);
  };
  return {
    govc: async name => (await run(govc, ['library.import', '-n', name, to, path], asGovc)).ms,
    command: async name =>
      (await run(process.execPath, [COMMAND, 'upload', path, `${to}/${name}`, '--progress', 'none'], asShelver)).ms,
    library: name => time(() => inProcess(name))
  };
}

/**
 * @param {Record<Way, number[]>} seconds
 * @returns {import('./measure.mjs').Row[]}
 */
export function rowsOf({ govc, command, library }) {
  return [
    { what: '`govc library.import`', figure: spread(govc), unit: 's', digits: 2 },
    { what: '`shelver upload`', figure: spread(command), unit: 's', digits: 2 },
    { what: '`connect()`, `upload()`, `close()` in a running program', figure: spread(library), unit: 's', digits: 2 }
  ];
}

/**
 * How many times as fast as govc one of ours shall be at least.
 *
 * @param {string} what
 * @param {Exclude<Way, 'govc'>} way
 * @param {Record<Way, number[]>} seconds
 * @param {number} limit
 * @returns {import('./measure.mjs').Aim}
 */
export function aimOf(what, way, seconds, limit) {
  return {
    what: `${what}, the ${way} / govc`,
    figure: ratio(seconds.govc, seconds[way]),
    unit: '',
    sense: 'at least',
    limit,
    digits: 2
  };
}
