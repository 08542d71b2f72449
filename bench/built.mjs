// The built modules that are measured, with the types of their sources: there is no dist yet when types are checked.
/** @typedef {typeof import('../src/connect.ts')} Connect */
/** @typedef {typeof import('../src/upload.ts')} Run */
/** @typedef {typeof import('../src/adapters/clock.ts')} Clock */
/** @typedef {typeof import('../src/adapters/files/file-source.ts')} FileSource */
/** @typedef {typeof import('../src/adapters/sqlite/journal.ts')} SqliteJournal */
/** @typedef {typeof import('../src/events/memory-journal.ts')} MemoryJournal */
/** @typedef {typeof import('../src/simulator/index.ts')} Simulator */
/** @typedef {typeof import('../src/tar/index-tar.ts')} IndexTar */

/** @returns {Promise<Connect>} */
export const connectModule = () => load('src/connect');
/** @returns {Promise<Run>} */
export const runModule = () => load('src/upload');
/** @returns {Promise<Clock>} */
export const clockModule = () => load('src/adapters/clock');
/** @returns {Promise<FileSource>} */
export const fileSourceModule = () => load('src/adapters/files/file-source');
/** @returns {Promise<SqliteJournal>} */
export const sqliteJournalModule = () => load('src/adapters/sqlite/journal');
/** @returns {Promise<MemoryJournal>} */
export const memoryJournalModule = () => load('src/events/memory-journal');
/** @returns {Promise<Simulator>} */
export const simulatorModule = () => load('src/simulator/index');
/** @returns {Promise<IndexTar>} */
export const indexTarModule = () => load('src/tar/index-tar');

/** @param {string} path inside dist, without its ending */
function load(path) {
  return import(new URL(`../dist/${path}.js`, import.meta.url).href);
}
