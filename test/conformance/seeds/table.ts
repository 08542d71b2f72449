// The four documents, row by row.

import { downloadSessionCreate } from './download-session-create.ts';
import { fileAdd } from './file-add.ts';
import type { Document, SeedRow } from './row.ts';
import { updateSessionComplete } from './update-session-complete.ts';
import { updateSessionCreate } from './update-session-create.ts';
import { updateSessionWarnings } from './update-session-warnings.ts';

export const SEEDS: readonly { readonly document: Document; readonly rows: readonly SeedRow[] }[] = [
  updateSessionCreate,
  updateSessionWarnings,
  updateSessionComplete,
  fileAdd,
  downloadSessionCreate
];
