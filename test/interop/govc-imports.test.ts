import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import { type DemoOva, makeOva } from '../../src/cli/demo-ova.ts';
import { createSimulator, type Simulator } from '../../src/simulator/index.ts';
import { govc, peers, startSimulate, withLogin } from './peer-processes.ts';

let folder: string;
let text: string;
let iso: string;
let ova: DemoOva;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shelver-interop-'));
  text = join(folder, 'notes.txt');
  iso = join(folder, 'installer.iso');
  await writeFile(text, 'kept on a shelf\n');
  await writeFile(iso, isoImage());
  ova = await makeOva(folder, { name: 'tiny', seed: 11, diskBytes: 1 << 20 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// Without Go there is no real govc to run.
describe.skipIf(peers === undefined)('the real govc, importing into our simulator', () => {
  let simulator: Simulator;
  let server: URL;

  beforeEach(async () => {
    simulator = createSimulator({ clock: systemClock() });
    server = withLogin((await simulator.listen()).url);
  });
  afterEach(() => simulator.close());

  it('should bring a text file, byte for byte, and list it', async () => {
    await govc(server, 'library.import', 'images', text);
    expect(await govc(server, 'library.ls', 'images/*')).toBe('/images/notes\n');
    expect(await held('notes')).toEqual({ 'notes.txt': await digestOf(text) });
  });

  it('should bring an ISO image as an item of its type', async () => {
    await govc(server, 'library.import', 'images', iso);
    expect(await govc(server, 'library.info', 'images/installer')).toMatch(/^ *Type: +iso$/m);
    expect(await held('installer')).toEqual({ 'installer.iso': await digestOf(iso) });
  });

  it('should bring an OVA whose manifest must agree', async () => {
    await govc(server, 'library.import', '-m', 'images', ova.path);
    const kept = ova.files.filter(({ name }) => !name.endsWith('.mf'));
    expect(await held('tiny')).toEqual(Object.fromEntries(kept.map(({ name, sha256 }) => [name, sha256])));
  });

  it('should bring a second file into an item that is there', async () => {
    await govc(server, 'library.import', 'images', text);
    const first = simulator.contents('notes')!.contentVersion;
    await govc(server, 'library.import', 'images/notes', iso);
    expect(simulator.contents('notes')!.contentVersion).toBe(first + 1);
    expect(Object.keys(await held('notes')).sort()).toEqual(['installer.iso', 'notes.txt']);
  });

  it('should take back out exactly what it brought in through the command', async () => {
    const store = join(folder, 'store');
    await using simulate = await startSimulate('--library', 'shelf', '--store', store);
    await govc(simulate.url, 'library.import', 'shelf', iso);
    expect(await govc(simulate.url, 'library.ls', 'shelf/*')).toBe('/shelf/installer\n');
    await simulate[Symbol.asyncDispose]();
    const again = createSimulator({ clock: systemClock(), libraries: ['shelf'], store });
    const [file] = again.contents('installer')!.files;
    expect(sha256((await file!.read())!)).toBe(await digestOf(iso));
    await again.close();
  });

  /** The digests of what an item really holds, by name: not those that the service reckoned itself. */
  async function held(item: string): Promise<Record<string, string>> {
    const files = simulator.contents(item)!.files;
    return Object.fromEntries(await Promise.all(files.map(async file => [file.name, sha256((await file.read())!)])));
  }
});

/** Enough of ISO 9660 for a tool that looks at the volume descriptor, and bytes that cannot be guessed. */
function isoImage(): Buffer {
  const image = Buffer.concat([Buffer.alloc(32_768), randomBytes(3_000_000)]);
  image.write('\x01CD001\x01', 32_768, 'latin1');
  return image;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function digestOf(path: string): Promise<string> {
  return sha256(await readFile(path));
}
