// The four documents, row by row.

import * as downloadSessionCreate from './download-session-create.ts';
import * as fileAdd from './file-add.ts';
import type { Document, SeedRow } from './row.ts';
import * as updateSessionComplete from './update-session-complete.ts';
import * as updateSessionCreate from './update-session-create.ts';
import * as updateSessionWarnings from './update-session-warnings.ts';

export const SEEDS: readonly { readonly document: Document; readonly rows: readonly SeedRow[] }[] = [
  updateSessionCreate,
  updateSessionWarnings,
  updateSessionComplete,
  fileAdd,
  downloadSessionCreate
];
