// A world in which nothing goes wrong: what the sweep spoils in one place, and what has been found adds to.
import type { Plan } from './plan.ts';

export const BARE: Omit<Plan, 'seed' | 'job'> = {
  server: { profile: '8.0', rules: {} },
  line: { latencyMs: [1, 1], landsWhenGivenUp: false },
  skewMs: 0,
  faults: [],
  events: [],
  crashes: [],
  cleanUp: false
};
