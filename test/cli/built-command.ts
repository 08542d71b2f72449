// The command as `npm run build` makes it, in less time: every file is transpiled by itself, without a look at its types.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Ignored by git, and inside the package, so that its name and its dependencies are found from there. */
const place = join(root, '.shelver');
/** One for each file of tests: they run at the same time. */
let out: string | undefined;

export function removeBuilt(): void {
  if (out !== undefined) rmSync(out, { recursive: true, force: true });
  out = undefined;
}

/** @returns the path of main.js */
export function builtCommand(): string {
  removeBuilt();
  mkdirSync(place, { recursive: true });
  const built = mkdtempSync(join(place, 'cli-test-'));
  out = built;
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true
  };
  for (const folder of ['machines', 'src']) {
    for (const name of readdirSync(join(root, folder), { recursive: true })) {
      const file = join(folder, String(name));
      if (!/\.(ts|mjs)$/.test(file)) continue;
      const source = readFileSync(join(root, file), 'utf8');
      const text = file.endsWith('.ts') ? ts.transpileModule(source, { compilerOptions }).outputText : source;
      const target = join(built, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }
  return join(built, 'src', 'cli', 'main.js');
}
