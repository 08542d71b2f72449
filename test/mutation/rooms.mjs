// The rooms that are mutated, one run of Stryker each: what is changed, which tests judge it, and how many of the mutants
// are tried. A test belongs here when it is fast and judges the room: one that reads the sources as text cannot.

/**
 * @typedef {object} Room
 * @property {readonly string[]} mutate patterns of the files that are changed
 * @property {readonly string[]} tests test files, those that judge soonest first
 * @property {number} oneIn one mutant of so many is tried, 1 for all of them: see chosen.mjs
 */

/** @type {Readonly<Record<string, Room>>} */
export const ROOMS = {
  step: { mutate: ['src/step.ts'], tests: ['test/step/step.test.ts', 'test/run/first.test.ts'], oneIn: 1 },
  events: {
    mutate: ['src/events/**/*.ts'],
    tests: [
      'test/observe/phase.test.ts',
      ...of('events', 'beginning', 'ledger', 'timeline', 'write-down', 'facts', 'shapes')
    ],
    oneIn: 3
  },
  failure: { mutate: ['src/adapters/http/failure*.ts'], tests: ['test/client/failure.test.ts'], oneIn: 1 },
  sources: {
    mutate: ['src/sources/**/*.ts'],
    tests: of('sources', 'manifest', 'descriptor', 'plan', 'spec', 'bytes-source', 'pull', 'hung', 'file-source'),
    oneIn: 3
  },
  service: {
    mutate: ['src/simulator/service/**/*.ts'],
    tests: [
      ...of('service', 'edges', 'sessions', 'downloads', 'transfers', 'libraries', 'around', 'ovf', 'signatures'),
      'test/simulator/privileges.test.ts'
    ],
    oneIn: 16
  },
  law: {
    mutate: ['machines/law.ts', 'machines/service/*.ts'],
    tests: [
      ...of('service', 'sessions', 'downloads', 'transfers'),
      ...of('law', 'targets', 'refusals', 'table', 'download-table', 'loads')
    ],
    oneIn: 8
  },
  machines: {
    mutate: ['machines/workflow/**/*.ts', 'machines/failures.ts', 'machines/vocabulary.ts'],
    tests: of(
      'machines',
      'handed-on',
      'attempt',
      'upload-file',
      'fetch-file',
      'upload',
      'download',
      'contending',
      'pulls',
      'over',
      'reading',
      'rechecked',
      'left-behind',
      'late'
    ),
    oneIn: 32
  }
};

/** @param {string} room @param {string[]} names */
function of(room, ...names) {
  return names.map(name => `test/${room}/${name}.test.ts`);
}
