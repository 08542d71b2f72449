// All bugs, by subject. Each names the check that is thought to catch it: where one of those that hold promises can (the model
// checker, the explorer), that one, and a test of the place itself only where they do not look.
import type { Bug } from './apply.ts';
import { AROUND } from './bugs/around.ts';
import { MEMORY } from './bugs/memory.ts';
import { MOVING } from './bugs/moving.ts';
import { PLAN } from './bugs/plan.ts';

export const BUGS: readonly Bug[] = [...PLAN, ...MOVING, ...MEMORY, ...AROUND];
