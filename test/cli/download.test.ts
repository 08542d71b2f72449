import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, folderWith, serve } from './call.ts';

const LIBRARIES = [
  {
    name: 'images',
    items: [
      {
        name: 'vm',
        files: [
          { name: 'a.txt', text: 'first' },
          { name: 'b.txt', text: 'second' }
        ]
      }
    ]
  }
];

describe('shelver download', () => {
  it('should bring the files of an item, and say how each was held against the service', async () => {
    const { env } = await serve({ libraries: LIBRARIES });
    const to = folderWith();
    const { code, stdout, stderr } = await call(['download', 'images/vm', to, '--progress', 'plain'], { env });
    expect([code, readdirSync(to).sort()]).toEqual([0, ['a.txt', 'b.txt']]);
    expect(readFileSync(join(to, 'b.txt'), 'utf8')).toBe('second');
    expect(stdout).toMatch(/^done\n/);
    expect(stdout).toMatch(/a\.txt +5 B +kept +SHA1 digest/);
    expect(stderr).toContain('done');
    const again = await call(['download', 'images/vm', to, '--json'], { env });
    expect(JSON.parse(again.stdout)).toMatchObject({ schema: 1, kind: 'download', outcome: 'upToDate', received: 0 });
  });

  it('should bring one file only, with the states it went through', async () => {
    const { env } = await serve({ libraries: LIBRARIES });
    const to = folderWith();
    const { code, stdout } = await call(['download', 'images/vm/b.txt', to, '--show-path'], { env });
    expect([code, readdirSync(to)]).toEqual([0, ['b.txt']]);
    expect(stdout).toContain('stateDiagram-v2');
  });

  it('should leave what is there, leave it alone, or replace it', async () => {
    const { env } = await serve({ libraries: LIBRARIES });
    const to = folderWith({ 'a.txt': 'mine' });
    const refused = await call(['download', 'images/vm', to], { env });
    expect([refused.code, readFileSync(join(to, 'a.txt'), 'utf8')]).toEqual([11, 'mine']);
    expect(refused.stderr).toContain('next: take another folder, or --if-exists skip or replace');
    expect((await call(['download', 'images/vm', to, '--if-exists', 'skip'], { env })).code).toBe(0);
    expect(readFileSync(join(to, 'a.txt'), 'utf8')).toBe('mine');
    expect((await call(['download', 'images/vm', to, '--if-exists', 'replace'], { env })).code).toBe(0);
    expect(readFileSync(join(to, 'a.txt'), 'utf8')).toBe('first');
  });

  it.each([
    [['images', '.'], 2, 'is not LIBRARY/ITEM or LIBRARY/ITEM/FILE'],
    [['images/vm/a/b', '.'], 2, 'is not LIBRARY/ITEM or LIBRARY/ITEM/FILE'],
    [['images/none', '.'], 4, 'there is no item "none"'],
    [['images/vm/none', '.'], 4, 'holds no file "none"; it holds "a.txt", "b.txt"'],
    [['images/vm', '/nowhere/at/all'], 3, 'there is no such folder']
  ])('should refuse %j in one sentence', async (words, code, sentence) => {
    const { env } = await serve({ libraries: LIBRARIES });
    const told = await call(['download', ...words, '--json'], { env });
    expect([told.code, told.stderr.match(/^error: /gm)?.length]).toEqual([code, 1]);
    expect(told.stderr).toContain(sentence);
    expect(told.stderr).not.toMatch(/^ +at /m);
  });

  it('should give up at its deadline, and leave nothing', async () => {
    const { env } = await serve({ libraries: LIBRARIES, faults: [{ on: 'get', do: 'stall', times: 'always' }] });
    const to = folderWith();
    const { code, stderr } = await call(['download', 'images/vm', to, '--deadline', '1'], { env });
    expect([code, readdirSync(to)]).toEqual([10, []]);
    expect(stderr).toContain('was not finished within');
  });

  it('should end in order when a signal comes, and at once with a last word when a second one does', async () => {
    const { env } = await serve({ libraries: LIBRARIES, faults: [{ on: 'get', do: 'stall', times: 'always' }] });
    const to = folderWith();
    let begun = false;
    const exits: number[] = [];
    const { code, stderr } = await call(['download', 'images/vm', to, '--progress', 'plain'], {
      env,
      onExit: exit => exits.push(exit),
      onText: (text, signal) => {
        if (begun || !text.includes('fetching')) return;
        begun = true;
        setImmediate(() => {
          signal('SIGINT');
          signal('SIGINT');
        });
      }
    });
    expect([code, exits, readdirSync(to)]).toEqual([130, [130], []]);
    expect(stderr).toContain('canceling, and taking away what is not complete');
    expect(stderr).toContain('warning: ended at once; go on with it: shelver resume; or end it: shelver cleanup');
  });

  it('should say that a folder has gone meanwhile', async () => {
    const { env } = await serve({ libraries: LIBRARIES, rules: { preparingMs: 300 } });
    const to = join(folderWith(), 'to');
    rmSync(to, { recursive: true, force: true });
    const { code, stderr } = await call(['download', 'images/vm', to], { env });
    expect([code, existsSync(to)]).toEqual([3, false]);
    expect(stderr).toContain('next: check the folder');
  });
});
