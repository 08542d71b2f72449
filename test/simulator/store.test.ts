import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PortFailure } from '../../src/ports.ts';
import { selfSignedCertificate } from '../../src/simulator/http/certificate.ts';
import { openStore } from '../../src/simulator/store.ts';

const root = mkdtempSync(join(tmpdir(), 'shelver-store-'));
afterAll(() => rmSync(root, { recursive: true }));
let copies = 0;
/** What a crash of this moment would leave. */
const left = (directory: string) => {
  const copy = join(root, `copy ${copies++}`);
  cpSync(directory, copy, { recursive: true });
  rmSync(join(copy, 'owner.json'), { force: true });
  return copy;
};
const refusal = (directory: string) => {
  try {
    openStore(directory);
  } catch (error) {
    if (error instanceof PortFailure) return error.failure;
  }
  return undefined;
};

const SHA256_OF_NULL = '74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b';

describe('the store', () => {
  it('should know nothing in a new directory, and what was saved in an old one', async () => {
    const directory = join(root, 'new');
    const store = openStore(directory);
    expect(store.saved).toBeUndefined();
    await store.save(() => ({ libraries: ['a'] }));
    expect(openStore(left(directory)).saved).toEqual({ libraries: ['a'] });
    expect(readdirSync(directory).sort()).toEqual(['blobs', 'owner.json', 'state.json']);
    store.release();
    expect(readdirSync(directory).sort()).toEqual(['blobs', 'state.json']);
  });

  it('should put many saves into one, with the newest state', async () => {
    const directory = join(root, 'many');
    const store = openStore(directory);
    let state = 0;
    let asked = 0;
    const save = () =>
      store.save(() => {
        asked++;
        return state;
      });
    const saves = [save(), save(), save()];
    state = 7;
    await Promise.all(saves);
    expect(asked).toBe(2);
    expect(openStore(left(directory)).saved).toBe(7);
  });

  it('should save again after a save that failed', async () => {
    const directory = join(root, 'failing');
    const store = openStore(directory);
    mkdirSync(join(directory, 'state.json.new'));
    const first = store.save(() => 1);
    const second = store.save(() => 2);
    await expect(first).rejects.toThrow('EISDIR');
    await expect(second).rejects.toThrow('EISDIR');
    rmSync(join(directory, 'state.json.new'), { recursive: true });
    await store.save(() => 3);
    expect(openStore(left(directory)).saved).toBe(3);
  });

  it('should keep the old state when a crash left half of a new one', async () => {
    const directory = join(root, 'crash');
    await openStore(directory).save(() => 'old');
    writeFileSync(join(directory, 'state.json.new'), '{"version":1,"sta');
    expect(openStore(left(directory)).saved).toBe('old');
  });

  it('should refuse, in a sentence, what is not its own', () => {
    const directory = join(root, 'other');
    mkdirSync(directory);
    const file = join(directory, 'state.json');
    for (const [content, reason] of [
      ['{', 'is not JSON'],
      ['null', 'version 2'],
      ['{"version":1}', 'version 2'],
      ['{"version":2}', 'is not as the simulator wrote it'],
      ['{"version":2,"restarts":0,"sha256":"00","state":{}}', 'is not as the simulator wrote it'],
      [`{"version":2,"sha256":"${SHA256_OF_NULL}","state":null}`, 'is not as the simulator wrote it']
    ]) {
      writeFileSync(file, content!);
      expect(refusal(directory)?.message).toContain(reason);
      expect(readFileSync(file, 'utf8')).toBe(content);
    }
    rmSync(file);
    mkdirSync(file);
    expect(refusal(directory)?.message).toContain('cannot be read');
    writeFileSync(join(root, 'file'), '');
    expect(refusal(join(root, 'file'))?.message).toContain('cannot be made');
  });

  it('should be of one at a time, and free again when that one gives it up, or when it could not be opened', () => {
    const directory = join(root, 'one');
    const { release } = openStore(directory);
    expect(refusal(directory)).toMatchObject({
      message: `the store ${directory} is in use by another simulator (process ${process.pid})`,
      next: expect.stringContaining('another directory')
    });
    release();
    writeFileSync(join(directory, 'state.json'), '{');
    for (const _ of ['once', 'twice']) expect(refusal(directory)?.message).toContain('is not JSON');
    rmSync(join(directory, 'state.json'));
    expect(openStore(directory).saved).toBeUndefined();
    // what was given up is not given up again
    release();
    expect(refusal(directory)?.message).toContain('is in use');
  });

  it('should keep one certificate, and its key to itself', () => {
    const directory = join(root, 'certificate');
    const make = () => selfSignedCertificate(0, new Uint8Array(16));
    const first = openStore(directory);
    const made = first.certificate(make);
    expect(made.caFile).toBe(join(directory, 'ca.pem'));
    expect(statSync(join(directory, 'tls-key.pem')).mode & 0o777).toBe(0o600);
    first.release();
    expect(openStore(directory).certificate(make)).toEqual(made);
    const copy = left(directory);
    writeFileSync(join(copy, 'tls-key.pem'), make().key);
    expect(openStore(copy).certificate(make).cert).not.toBe(made.cert);
    mkdirSync(join(root, 'full'));
    mkdirSync(join(root, 'full', 'ca.pem'));
    expect(() => openStore(join(root, 'full')).certificate(make)).toThrow('the certificate cannot be kept');
  });
});
