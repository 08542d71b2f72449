// @ts-check
// Bytes that are in no file, and facts written where you want them: a source and a journal of your own.
import { systemClock, upload } from 'shelver';
import { createSimulator } from 'shelver/simulator';

/**
 * A source is a size and a way to read the bytes from the beginning, as often as it is asked: a lost connection means reading
 * anew. This one makes its bytes; yours may read an object store.
 * @param {number} size @returns {import('shelver').ByteSource}
 */
const counting = size => ({
  size,
  async *read(signal) {
    for (let at = 0; at < size; at += 65_536) {
      signal?.throwIfAborted();
      yield new Uint8Array(Math.min(65_536, size - at)).fill(at / 65_536);
    }
  }
});

/** @type {import('shelver').JournalRecord[]} */
const rows = []; // yours may be a table of a database
/** @type {import('shelver').Journal} */
const journal = {
  append: async records => void rows.push(...records), // settle when they would survive a crash: the run waits for it
  read: async run => rows.filter(row => row.run === run)
};

const simulator = createSimulator({ clock: systemClock(), libraries: ['data'] });
const server = simulator.connect({ journal });
const files = [{ name: 'numbers.bin', source: counting(1_000_000) }];
const { outcome, files: told } = await upload(server, { to: 'data/numbers', files }).report;

console.log(outcome, told.map(file => `${file.name} ${file.size} bytes, verified by ${file.verified}`).join());
for (const { data } of rows) console.log('written down:', Object.keys(/** @type {object} */ (data)).join(', '));
