// Stryker on the room in SHELVER_MUTATION_ROOM, in a copy of the tree that main.mjs makes.
import { fileURLToPath } from 'node:url';
import { ROOMS } from './rooms.mjs';

const room = process.env.SHELVER_MUTATION_ROOM ?? '';

export default {
  testRunner: 'vitest',
  vitest: { configFile: fileURLToPath(new URL('vitest.config.mjs', import.meta.url)), related: false },
  plugins: ['@stryker-mutator/vitest-runner', fileURLToPath(new URL('chosen.mjs', import.meta.url))],
  mutate: ROOMS[room]?.mutate,
  ignorers: ['texts'],
  checkers: ['sample'],
  coverageAnalysis: 'perTest',
  // The tree is a copy already.
  inPlace: true,
  disableTypeChecks: false,
  concurrency: Number(process.env.SHELVER_MUTATION_CONCURRENCY || 1),
  // Long, so that a machine with other work does not make a mutant look as if it never ended.
  timeoutMS: 30_000,
  timeoutFactor: 3,
  dryRunTimeoutMinutes: 20,
  warnings: { slow: false },
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: `../${room}.json` },
  tempDirName: '../stryker',
  allowConsoleColors: false
};
