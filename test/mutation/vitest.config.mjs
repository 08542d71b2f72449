// The tests that judge the room in SHELVER_MUTATION_ROOM, in the order of rooms.mjs: Stryker stops at the first that is red.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import { ROOMS } from './rooms.mjs';

const { tests } = ROOMS[process.env.SHELVER_MUTATION_ROOM ?? ''] ?? { tests: [] };

class AsListed extends BaseSequencer {
  /** @override @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    /** @param {import('vitest/node').TestSpecification} file */
    const rank = ({ moduleId }) => tests.findIndex(test => moduleId.endsWith(test));
    return [...files].sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: [...tests],
    // One worker for all files of a run, and a new one for the next run: what is made at import is made with the mutant.
    isolate: false,
    // Stryker has a limit of its own, which goes by how long the tests took without a mutant.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    sequence: { sequencer: AsListed }
  }
});
