// `npm run mutation [-- ROOM... --one-in N --concurrency N]`: Stryker on the rooms of rooms.mjs, and how many of its mutants the
// tests notice. Prints the survivors and a table. Stryker is installed beside a copy of the tree, both of which are removed.
// Takes about ten minutes of one core (an hour and more with `--one-in 1`, which tries every mutant). Not in CI.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOMS } from './rooms.mjs';

// 10 wants Node 22.
const STRYKER = ['@stryker-mutator/core@9.6.1', '@stryker-mutator/vitest-runner@9.6.1'];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = fileURLToPath(new URL('stryker.config.mjs', import.meta.url)).slice(ROOT.length);

/**
 * @typedef {{ line: number, column: number }} Point
 * @typedef {{ status: string, mutatorName: string, replacement?: string, static?: boolean, location: { start: Point, end: Point } }} Mutant
 * @typedef {{ files: Record<string, { source: string, mutants: Mutant[] }> }} Report
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'one-in': { type: 'string', default: '' }, concurrency: { type: 'string', default: '' } }
});
const unknown = positionals.find(name => !Object.hasOwn(ROOMS, name));
if (unknown !== undefined) {
  console.error(`There is no room ${unknown}: there are ${Object.keys(ROOMS).join(', ')}.`);
  process.exit(2);
}

const aside = mkdtempSync(join(tmpdir(), 'shelver-mutation-'));
const tree = join(aside, 'tree');
try {
  prepare();
  const rows = Object.keys(ROOMS)
    .filter(room => positionals.length === 0 || positionals.includes(room))
    .map(room => rowOf(room, mutated(room)));
  console.log(table(rows));
} finally {
  rmSync(aside, { recursive: true, force: true });
}

function prepare() {
  mkdirSync(tree);
  for (const each of ['machines', 'src', 'test', 'docs', 'examples', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, each), join(tree, each), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  writeFileSync(join(aside, 'package.json'), '{ "private": true }');
  // Without its peer, vitest: there is one already.
  const quiet = ['--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'];
  run('npm', ['install', ...quiet, ...STRYKER], aside);
  symlinkSync(join(ROOT, 'node_modules/vitest'), join(aside, 'node_modules/vitest'));
}

/** @param {string} room @returns {{ report: Report, seconds: number }} */
function mutated(room) {
  const begun = performance.now();
  const stryker = join(aside, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  run(process.execPath, [stryker, 'run', CONFIG], tree, {
    SHELVER_MUTATION_ROOM: room,
    SHELVER_MUTATION_ONE_IN: values['one-in'],
    SHELVER_MUTATION_CONCURRENCY: values.concurrency
  });
  const report = JSON.parse(readFileSync(join(aside, `${room}.json`), 'utf8'));
  return { report, seconds: (performance.now() - begun) / 1_000 };
}

/** @param {string} command @param {string[]} args @param {string} cwd @param {Record<string, string>} env */
function run(command, args, cwd, env = {}) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}`);
}

/** @param {string} room @param {{ report: Report, seconds: number }} result */
function rowOf(room, { report, seconds }) {
  console.log(`\nwhat nobody notices in ${room}:`);
  for (const [file, { source, mutants }] of Object.entries(report.files)) {
    for (const mutant of mutants) {
      if (mutant.status !== 'Survived' && mutant.status !== 'NoCoverage') continue;
      console.log(`  ${file}:${mutant.location.start.line} ${mutant.mutatorName}: ${changeOf(mutant, source)}`);
    }
  }
  const all = Object.values(report.files).flatMap(({ mutants }) => mutants);
  /** @param {string} status */
  const count = status => all.filter(mutant => mutant.status === status).length;
  const [killed, timeout, survived, bare] = [count('Killed'), count('Timeout'), count('Survived'), count('NoCoverage')];
  const tried = killed + timeout + survived + bare;
  const score = (killed + timeout) / tried;
  // Wilson's interval for a share that was seen in a sample: 95 %.
  const z = 1.96;
  const middle = (score + z ** 2 / (2 * tried)) / (1 + z ** 2 / tried);
  const half = (z / (1 + z ** 2 / tried)) * Math.sqrt((score * (1 - score)) / tried + z ** 2 / (4 * tried ** 2));
  const left = count('CompileError');
  const sure = left === 0 ? 'all' : `${percent(middle - half)} to ${percent(middle + half)}`;
  const minutes = (seconds / 60).toFixed(0);
  const texts = count('Ignored');
  return [room, all.length, texts, tried, killed, timeout, survived, bare, percent(score), sure, minutes];
}

/** @param {Mutant} mutant @param {string} source */
function changeOf({ location: { start, end }, replacement = '' }, source) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines[lines.length - 1]?.slice(0, end.column - 1) ?? '';
  lines[0] = lines[0]?.slice(start.column - 1) ?? '';
  /** @param {string} text */
  const brief = text => text.replace(/\s+/g, ' ').slice(0, 80);
  return `${brief(lines.join(' '))} → ${brief(replacement)}`;
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

/** @param {(string | number)[][]} rows */
function table(rows) {
  const head = [
    'room',
    'mutants',
    'texts',
    'tried',
    'killed',
    'timeout',
    'survived',
    'no test',
    'noticed',
    '95 %',
    'min'
  ];
  return ['', head, head.map(() => '---'), ...rows].map(row => row && `| ${[row].flat().join(' | ')} |`).join('\n');
}
