import { defineConfig } from 'vitest/config';

// The real govc and vcsim: built with Go on first use, so apart from the suite. `npm run test:interop` builds dist first.
export default defineConfig({
  test: { include: ['test/interop/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000, fileParallelism: false }
});
