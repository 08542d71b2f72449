// Checks the package as people would get it, after a build: `node scripts/check-package.mjs`. Packs it, installs the archive
// into an empty folder, and uses it there; so a missing file or a dependency that is only for developers shows.
import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MOST_BYTES = 2_000_000;
const run = promisify(execFile);

/** @type {string[]} */
const faults = [];
const about = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const targets = Object.values(about.exports).flatMap(target =>
  typeof target === 'string' ? [target] : Object.values(target)
);

await checkLockfile();
await checkTargets();
await checkChangelog();
const folder = await mkdtemp(join(tmpdir(), 'shelver-package-'));
try {
  const archive = await checkArchive();
  if (faults.length === 0) await checkInstalled(archive);
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const fault of faults) console.error(`package: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** No dependency runs code when it is installed, and the lockfile names no registry. */
async function checkLockfile() {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const [path, entry] of Object.entries(packages)) {
    const optional = entry.optional === true ? ' (optional)' : '';
    if (entry.hasInstallScript) faults.push(`${path} has an install script${optional}`);
    if (entry.resolved !== undefined) faults.push(`the lockfile says where ${path} was fetched from`);
    if (path !== '' && entry.integrity === undefined) faults.push(`the lockfile has no checksum for ${path}`);
  }
}

async function checkTargets() {
  for (const target of [...targets, ...Object.values(about.bin)]) {
    await access(join(ROOT, target)).catch(() => faults.push(`package.json names ${target}, which is not there`));
  }
}

/** What changed since the last version, or in this one, is written down, under headings that readers know. */
async function checkChangelog() {
  const text = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const sections = text.split(/^## /m).slice(1);
  const titles = sections.map(section => section.split('\n', 1)[0]);
  if (!titles.some(title => title === '[Unreleased]' || title?.startsWith(`[${about.version}] - `))) {
    faults.push(`CHANGELOG.md has neither [Unreleased] nor [${about.version}]`);
  }
  for (const [index, title] of titles.entries()) {
    if (!/^\[(Unreleased|\d+\.\d+\.\d+)\]( - \d{4}-\d\d-\d\d)?$/.test(String(title)))
      faults.push(`CHANGELOG.md: ${title}?`);
    if (!/^- /m.test(String(sections[index]))) faults.push(`CHANGELOG.md says nothing under ${title}`);
  }
  for (const [, kind] of text.matchAll(/^### (.*)$/gm)) {
    if (!/^(Added|Changed|Deprecated|Removed|Fixed|Security)$/.test(String(kind)))
      faults.push(`CHANGELOG.md: ${kind}?`);
  }
  for (const name of Object.keys(about.exports)) {
    const path = `${about.name}${name.slice(1)}`;
    if (/^\.\/[a-z]+$/.test(name) && !text.includes(path)) faults.push(`CHANGELOG.md does not name ${path}`);
  }
}

/** @returns {Promise<string>} the path of the archive */
async function checkArchive() {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
  const [packed] = JSON.parse(stdout);
  /** @type {string[]} */
  const paths = packed.files.map((/** @type {{ path: string }} */ { path }) => path);
  for (const path of paths) {
    if (!/^(dist\/(machines|src)\/.+\.(js|mjs|d\.ts|d\.mts)|docs\/.+|[A-Z]+(\.md)?|package\.json)$/.test(path)) {
      faults.push(`the archive holds ${path}, which nobody who installs it needs`);
    }
  }
  const needed = ['README.md', 'CHANGELOG.md', 'LICENSE', ...targets, ...Object.values(about.bin)];
  for (const path of needed.map(each => each.replace(/^\.\//, ''))) {
    if (!paths.includes(path)) faults.push(`the archive lacks ${path}`);
  }
  if (packed.size > MOST_BYTES) faults.push(`the archive has ${packed.size} bytes, more than ${MOST_BYTES}`);
  console.log(`${packed.filename}: ${packed.files.length} files, ${packed.size} bytes`);
  return join(folder, packed.filename);
}

/** @param {string} archive */
async function checkInstalled(archive) {
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', archive], {
    cwd: folder
  });
  const entries = Object.keys(about.exports).filter(key => key !== './package.json');
  for (const entry of entries.map(key => `${about.name}${key.slice(1)}`)) {
    const count = `if (Object.keys(it).length === 0) throw new Error('it exports nothing')`;
    await use(`import '${entry}'`, '--input-type=module', '-e', `import * as it from '${entry}'; ${count}`);
    await use(`require('${entry}')`, '--input-type=commonjs', '-e', `const it = require('${entry}'); ${count}`);
  }
  const command = join('node_modules', about.name, about.bin.shelver);
  await use('shelver --help', command, '--help');
  const { stdout } = await run('npx', ['--no-install', 'shelver', '--version'], { cwd: folder });
  if (!stdout.includes(about.version)) faults.push(`shelver --version says ${stdout.trim()}, not ${about.version}`);
}

/**
 * @param {string} what
 * @param {string[]} args
 */
async function use(what, ...args) {
  await run(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd: folder }).catch(error => {
    faults.push(`${what} fails once it is installed: ${String(error.stderr).trim().split('\n').slice(-6).join(' | ')}`);
  });
}
