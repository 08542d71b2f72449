// What the peers carry: a text, a disc image and an OVA with a manifest, in a folder of their own.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoOva, makeOva } from '../../src/cli/demo-ova.ts';

export interface Goods extends AsyncDisposable {
  readonly folder: string;
  /** `notes.txt` */
  readonly text: string;
  /** `installer.iso` */
  readonly iso: string;
  /** `tiny.ova`: descriptor, manifest, disk. */
  readonly ova: DemoOva;
  /** Digest by name of what an import of the OVA leaves in the item. */
  readonly ovaFiles: Readonly<Record<string, string>>;
  /** A path in the folder that no other call has got. */
  fresh(name?: string): string;
}

export async function makeGoods(): Promise<Goods> {
  const folder = await mkdtemp(join(tmpdir(), 'shelver-interop-'));
  const text = join(folder, 'notes.txt');
  const iso = join(folder, 'installer.iso');
  await writeFile(text, 'kept on a shelf\n');
  await writeFile(iso, isoImage());
  const ova = await makeOva(folder, { name: 'tiny', seed: 11, diskBytes: 1 << 20 });
  const kept = ova.files.filter(({ name }) => !name.endsWith('.mf'));
  let made = 0;
  return {
    folder,
    text,
    iso,
    ova,
    ovaFiles: Object.fromEntries(kept.map(({ name, sha256: digest }) => [name, digest])),
    fresh: (name = 'folder') => join(folder, `${++made}-${name}`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true })
  };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function digestOf(path: string): Promise<string> {
  return sha256(await readFile(path));
}

/** Enough of ISO 9660 for a tool that looks at the volume descriptor, and bytes that cannot be guessed. */
function isoImage(): Buffer {
  const image = Buffer.concat([Buffer.alloc(32_768), randomBytes(3_000_000)]);
  image.write('\x01CD001\x01', 32_768, 'latin1');
  return image;
}
