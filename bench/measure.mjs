// Measuring: several things by turns in one run, so that what else the machine does meets all of them alike.

/**
 * @typedef {object} Spread
 * @property {number} min
 * @property {number} median
 * @property {number} max
 */

/**
 * @typedef {object} Row one line of a part's table; the figure is a spread or a single number
 * @property {string} what
 * @property {Spread | number} figure
 * @property {string} unit
 * @property {number} [digits] after the point; 0 unless told
 */

/**
 * @typedef {object} Aim
 * @property {string} what
 * @property {number} figure
 * @property {string} unit
 * @property {'at least' | 'at most'} [sense] without an aim the figure is only told
 * @property {number} [limit]
 * @property {number} [digits]
 */

/**
 * @typedef {object} Part
 * @property {string} title
 * @property {string} how what was done, in a sentence or two
 * @property {Row[]} rows
 * @property {Aim[]} aims
 */

/**
 * Calls each in turn, `rounds` times: A B A B, not A A B B. Before that each is called once unmeasured, unless told.
 *
 * @template {string} K
 * @param {number} rounds
 * @param {Record<K, () => Promise<number>>} contenders each gives back its own figure
 * @param {{ unmeasured?: boolean }} [options]
 * @returns {Promise<Record<K, number[]>>}
 */
export async function byTurns(rounds, contenders, { unmeasured = true } = {}) {
  const names = /** @type {K[]} */ (Object.keys(contenders));
  const figures = /** @type {Record<K, number[]>} */ ({});
  for (const name of names) figures[name] = [];
  if (unmeasured) for (const name of names) await contenders[name]();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) figures[name].push(await contenders[name]());
  }
  return figures;
}

/**
 * @param {readonly number[]} figures
 * @returns {Spread}
 */
export function spread(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (at(sorted, Math.floor(half)) + at(sorted, Math.ceil(half) - 1)) / 2;
  return { min: at(sorted, 0), median, max: at(sorted, sorted.length - 1) };
}

/**
 * How much better A is than B, round by round: what slowed one round slowed both.
 *
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 */
export function ratio(a, b) {
  return spread(a.map((figure, index) => figure / at(b, index))).median;
}

/**
 * Milliseconds that work took.
 *
 * @param {() => Promise<unknown>} work
 */
export async function time(work) {
  const at = performance.now();
  await work();
  return performance.now() - at;
}

/**
 * @param {readonly number[]} figures
 * @param {number} index
 */
function at(figures, index) {
  const figure = figures[index];
  if (figure === undefined) throw new Error('nothing was measured');
  return figure;
}
