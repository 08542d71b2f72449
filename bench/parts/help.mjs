import { byTurns, spread } from '../measure.mjs';
import { COMMAND, run } from '../processes.mjs';

/** @returns {Promise<import('../measure.mjs').Part>} */
export async function help() {
  const times = await byTurns(11, {
    help: async () => (await run(process.execPath, [COMMAND, '--help'])).ms,
    upload: async () => (await run(process.execPath, [COMMAND, 'upload', '--help'])).ms,
    node: async () => (await run(process.execPath, ['--eval', '0'])).ms
  });
  return {
    title: 'Start of the command',
    how: 'Eleven rounds by turns, from start to end of the process; Node itself beside it.',
    rows: [
      { what: '`shelver --help`', figure: spread(times.help), unit: 'ms' },
      { what: '`shelver upload --help`', figure: spread(times.upload), unit: 'ms' },
      { what: '`node --eval 0`', figure: spread(times.node), unit: 'ms' }
    ],
    aims: [{ what: '`shelver --help`', figure: spread(times.help).median, unit: 'ms', sense: 'at most', limit: 150 }]
  };
}
