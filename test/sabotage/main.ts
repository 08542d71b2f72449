// `npm run sabotage [-- [--only WORDS] [--docs]]`: puts each deliberate bug into a copy of the tree, runs the check that should
// catch it, and prints what did. Ends with 1 when nothing catches one, or when a check is red without any bug. `--only` (again and
// again): bugs whose names contain the words; `--docs`: writes docs/sabotage.md, too.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bug, type Catcher, sabotaged } from './apply.ts';
import { BUGS } from './bugs.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [''] }, docs: { type: 'boolean', default: false } }
});
/** Whoever does not come to an end by then is stopped: that is noticed, too. */
const LONGEST_MS = 180_000;

interface Red {
  readonly by: string;
  readonly seconds: number;
}

const bugs = BUGS.filter(({ name }) => values.only.some(words => name.includes(words)));
const tree = mkdtempSync(join(tmpdir(), 'shelver-sabotage-'));
try {
  for (const each of ['machines', 'src', 'test', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
    cpSync(each, join(tree, each), { recursive: true });
  const config = readFileSync('vitest.config.ts', 'utf8');
  // What fails is told whole.
  writeFileSync(
    join(tree, 'vitest.config.ts'),
    config.replace('test: {', 'test: { chaiConfig: { truncateThreshold: 0 },')
  );
  symlinkSync(join(process.cwd(), 'node_modules'), join(tree, 'node_modules'));
  process.exitCode = (await isSound()) && (await tryAll()) ? 0 : 1;
} finally {
  rmSync(tree, { recursive: true, force: true });
}

/** Whether every check is green without a bug: else it would show nothing. */
async function isSound(): Promise<boolean> {
  const seen = new Set<string>();
  for (const { catcher } of bugs) {
    const key = JSON.stringify(catcher);
    if (seen.has(key)) continue;
    seen.add(key);
    const red = await redIn(catcher);
    if (red === undefined) continue;
    console.log(`without any bug, ${wordsOf(catcher)} is red: ${red.by}`);
    return false;
  }
  return true;
}

async function tryAll(): Promise<boolean> {
  const rows: { bug: Bug; red: Red | undefined }[] = [];
  for (const bug of bugs) {
    const path = join(tree, bug.file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, sabotaged(text, bug));
    const red = await redIn(bug.catcher).finally(() => writeFileSync(path, text));
    rows.push({ bug, red });
    console.log(`${red === undefined ? 'NOT CAUGHT' : `${red.seconds.toFixed(1)} s`.padStart(10)}  ${bug.name}`);
    console.log(`            ${wordsOf(bug.catcher)}${red === undefined ? '' : `: ${red.by}`}`);
  }
  const caught = rows.filter(({ red }) => red !== undefined).length;
  console.log(`${rows.length} bugs, ${caught} caught`);
  if (values.docs) writeFileSync('docs/sabotage.md', page(rows));
  return caught === rows.length;
}

/** What of the check turns red: the names of the tests that fail; `undefined` when all is green. */
async function redIn(catcher: Catcher): Promise<Red | undefined> {
  const startedAt = performance.now();
  const result = join(tree, 'result.json');
  rmSync(result, { force: true });
  const only = catcher.only === undefined ? [] : ['-t', catcher.only.replaceAll(/[()[\]{}.*+?^$|]/g, '\\$&')];
  const ended = await run(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      catcher.test,
      ...only,
      '--reporter=json',
      `--outputFile=${result}`,
      // What a bug has brought to a stop is not waited for as long as in a good run.
      `--testTimeout=${catcher.seeds === undefined ? 20_000 : 90_000}`
    ],
    { SHELVER_SEEDS: String(catcher.seeds ?? 1) }
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  if (ended === 'stopped') return { by: 'it does not come to an end', seconds };
  if (!existsSync(result)) throw new Error(`${wordsOf(catcher)} could not be run at all`);
  const { testResults } = JSON.parse(readFileSync(result, 'utf8')) as Results;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (!tests.some(({ status }) => status === 'passed' || status === 'failed'))
    throw new Error(`${wordsOf(catcher)}: no test was run. ${testResults.map(({ message }) => message).join(' ')}`);
  const failed = tests.filter(({ status }) => status === 'failed');
  const [first] = failed;
  if (first === undefined) return undefined;
  const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`;
  return { by: `${reasonOf(first.failureMessages[0]) ?? first.title}${more}`, seconds };
}

interface Results {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** The promise that is broken, where the check tells one: S1 to S14. */
function reasonOf(message = ''): string | undefined {
  return /\bS\d{1,2}:? [^\n"']*/.exec(message)?.[0].trim().slice(0, 110);
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<'ended' | 'stopped'> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: tree,
      env: { ...process.env, SHELVER_JOURNAL: 'none', ...env },
      stdio: 'ignore',
      // A group of its own: its workers are to end with it.
      detached: true
    });
    let stopped = false;
    const timer = setTimeout(() => {
      stopped = true;
      process.kill(-(child.pid as number), 'SIGKILL');
    }, LONGEST_MS);
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(stopped ? 'stopped' : 'ended');
    });
  });
}

/** @example `test/explore/explore.test.ts, 100 seeds` */
function wordsOf({ test, only, seeds }: Catcher): string {
  if (seeds !== undefined) return `the explorer, ${seeds} seeds`;
  if (test.startsWith('test/check/')) return `the model checker, ${only}`;
  return only === undefined ? test : `${test}, ${only}`;
}

function page(rows: readonly { bug: Bug; red: Red | undefined }[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  return [
    '# Broken on purpose',
    '',
    `${rows.length} deliberate bugs, one at a time, and what catches each (\`npm run sabotage -- --docs\`).`,
    '',
    '| Shelver … | is caught by | which says |',
    '|---|---|---|',
    ...rows.map(
      ({ bug, red }) => `| ${cell(bug.name)} | ${cell(wordsOf(bug.catcher))} | ${cell(red?.by ?? 'nothing')} |`
    ),
    ''
  ].join('\n');
}
