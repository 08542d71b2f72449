// A folder of its own for a test file, taken away at the end.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

export interface Folder {
  readonly path: string;
  /** Writes a file and gives back its path. */
  put(name: string, content: string | Uint8Array): string;
  /** A folder inside. */
  sub(name: string): Folder;
}

export function testFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'shelver-sources-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return folderAt(path);
}

function folderAt(path: string): Folder {
  return {
    path,
    put(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    sub: name => folderAt(join(path, name))
  };
}
