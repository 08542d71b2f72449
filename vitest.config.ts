import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

export default defineConfig({
  // The examples import the package by its name: here that is the sources, so no build is needed.
  resolve: {
    alias: [
      { find: /^shelver$/, replacement: `${root}/src/index.ts` },
      { find: /^shelver\/machines$/, replacement: `${root}/machines/index.ts` },
      { find: /^shelver\/(simulator|diagram)$/, replacement: `${root}/src/$1/index.ts` }
    ]
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**', 'node_modules/**'],
    // By itself vitest leaves one core to others, which is half of a machine with two.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['machines/**/*.ts', 'src/**/*.ts'],
      exclude: ['test/**'],
      thresholds: { branches: 95, 'machines/**': { branches: 100 }, 'src/simulator/service/**': { branches: 100 } },
      reporter: ['text-summary', 'json-summary', 'json']
    }
  }
});
