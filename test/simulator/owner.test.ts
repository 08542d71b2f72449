import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { alive } from '../../src/processes/alive.ts';
import { type Owned, own } from '../../src/simulator/owner.ts';

const root = mkdtempSync(join(tmpdir(), 'shelver-owner-'));
afterAll(() => rmSync(root, { recursive: true }));
const fresh = () => mkdtempSync(join(root, 'its-'));
const me = { pid: 100, started: '1' };
const other = { pid: 200, started: '2' };

describe('the owner of a directory', () => {
  it('should be the first who comes, until it gives it up', () => {
    const directory = fresh();
    const first = own(directory, me) as Owned;
    expect(own(directory, other, () => true)).toEqual(me);
    expect(readdirSync(directory)).toEqual(['owner.json']);
    first.release();
    const second = own(directory, other, () => true);
    expect(second).toHaveProperty('release');
    first.release();
    expect(own(directory, me, () => true)).toEqual(other);
  });

  it('should not be one that is dead, or no owner at all', () => {
    for (const text of [JSON.stringify(other), '{"pid":"200"}', '{"pid":0}', 'null', '', '{']) {
      const directory = fresh();
      writeFileSync(join(directory, 'owner.json'), text);
      expect(own(directory, me, () => false)).toHaveProperty('release');
      expect(JSON.parse(readFileSync(join(directory, 'owner.json'), 'utf8'))).toEqual(me);
      expect(readdirSync(directory)).toEqual(['owner.json']);
    }
  });

  it('should stay the one that was quicker to take the place of a dead one', () => {
    const directory = fresh();
    const file = join(directory, 'owner.json');
    writeFileSync(file, JSON.stringify({ pid: 300 }));
    const quicker = ({ pid }: { pid: number }) => {
      if (pid === 300) writeFileSync(file, JSON.stringify(other));
      return pid !== 300;
    };
    expect(own(directory, me, quicker)).toEqual(other);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(other);
    const gone = fresh();
    const place = join(gone, 'owner.json');
    writeFileSync(place, JSON.stringify({ pid: 300 }));
    const leaves = () => {
      rmSync(place);
      return false;
    };
    expect(own(gone, me, leaves)).toHaveProperty('release');
  });

  it('should throw what keeps it from writing', () => {
    expect(() => own(join(root, 'none'), me)).toThrow('ENOENT');
  });
});

describe('a process', () => {
  it('should be alive while it runs, and not be taken for another of its number', async () => {
    expect(alive({ pid: process.pid })).toBe(true);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const pid = child.pid!;
    expect(alive({ pid })).toBe(true);
    if (existsSync('/proc/self/stat')) expect(alive({ pid, started: '0' })).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(alive({ pid })).toBe(false);
    expect(alive({ pid, started: '0' })).toBe(false);
  });
});
