// Builds the real govc and vcsim with Go, once a version, into a cache folder outside the tree; used by test/interop and
// bench. As a command it prints the folder: `node scripts/peers.mjs`.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * @typedef {object} Peers
 * @property {string} version the release of govmomi, as in `v0.56.0`
 * @property {string} govc path of the binary
 * @property {string} vcsim path of the binary
 */

/** Where the peers' sources and their pin are: go.mod is the one place that names the version. */
const SOURCES = fileURLToPath(new URL('../test/interop/peers/', import.meta.url));

/**
 * The peers, built if they were not there yet (under a minute). Throws an error of one sentence that says what is missing.
 *
 * @returns {Promise<Peers>}
 */
export async function findPeers() {
  const version = await pinnedVersion();
  const folder = join(cacheFolder(), `govmomi-${version}-${await sourceDigest()}`);
  const peers = { version, govc: join(folder, 'govc'), vcsim: join(folder, 'vcsim') };
  if ((await exists(peers.govc)) && (await exists(peers.vcsim))) return peers;
  await build(folder);
  return peers;
}

async function pinnedVersion() {
  const pin = /^require github\.com\/vmware\/govmomi (v\S+)$/m.exec(await readFile(join(SOURCES, 'go.mod'), 'utf8'));
  if (pin?.[1] === undefined) throw new Error('test/interop/peers/go.mod pins no version of govmomi');
  return pin[1];
}

/** Changed sources are built anew. */
async function sourceDigest() {
  const hash = createHash('sha256');
  for (const path of ['go.sum', 'govc/main.go', 'vcsim/main.go']) hash.update(await readFile(join(SOURCES, path)));
  return hash.digest('hex').slice(0, 8);
}

function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'shelver');
}

/**
 * Built beside and then renamed: a build that was cut off, or two at a time, leave nothing half-made.
 *
 * @param {string} folder
 */
async function build(folder) {
  const beside = `${folder}.${process.pid}`;
  await mkdir(beside, { recursive: true });
  try {
    await promisify(execFile)('go', ['install', './govc', './vcsim'], {
      cwd: SOURCES,
      env: { ...process.env, GOBIN: beside, CGO_ENABLED: '0' }
    });
    await rename(beside, folder);
  } catch (cause) {
    await rm(beside, { recursive: true, force: true });
    if (await exists(join(folder, 'vcsim'))) return;
    throw new Error(whyNot(cause), { cause });
  }
}

/** @param {unknown} cause */
function whyNot(cause) {
  const { code, stderr } = /** @type {{ code?: unknown, stderr?: string }} */ (cause);
  if (code === 'ENOENT')
    return 'the real govc and vcsim are built with Go, which is not here: install Go 1.25 or later (go.dev/doc/install)';
  const last = stderr?.trim().split('\n').at(-1) ?? String(cause);
  return `the real govc and vcsim could not be built (go install in test/interop/peers): ${last}`;
}

/** @param {string} path */
async function exists(path) {
  return access(path).then(
    () => true,
    () => false
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { govc } = await findPeers();
    console.log(fileURLToPath(new URL('.', `file://${govc}`)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
