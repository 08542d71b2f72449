// The examples as a reader would run them, with the package's name standing for the sources.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';

const folder = new URL('../../examples', import.meta.url).pathname;
const names = readdirSync(folder).filter(name => name.endsWith('.mjs'));

async function printedBy(name: string): Promise<string[]> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    lines.push(values.map(value => (typeof value === 'string' ? value : JSON.stringify(value))).join(' '));
  });
  await import(join(folder, name));
  return lines;
}

afterEach(() => vi.restoreAllMocks());

describe('examples', () => {
  it('should be five, each under 40 lines and checked for types', () => {
    const texts = names.map(name => readFileSync(join(folder, name), 'utf8'));
    expect(texts).toHaveLength(5);
    for (const text of texts) {
      expect(text.trimEnd().split('\n').length).toBeLessThan(40);
      expect(text).toMatch(/^\/\/ @ts-check\n/);
    }
  });

  it('should import nothing but the package, xstate and what Node brings', () => {
    const imported = names.flatMap(name =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/from '([^']+)'/g)].map(match => String(match[1]))
    );
    expect(imported.filter(from => !/^(shelver(\/(machines|simulator|diagram))?|xstate|node:\w+)$/.test(from))).toEqual(
      []
    );
  });

  it('should keep what was published, and take back what was given up (1)', async () => {
    expect(await printedBy('1-service-with-abort.mjs')).toEqual([
      'images/kept: done',
      'images/given-up: canceled; canceled: the client went away',
      'the server has the item kept: true',
      'the server has the item given-up: false',
      'sessions left on the server: 0'
    ]);
  });

  it('should send bytes that are in no file, and write down the session before anything depends on it (2)', async () => {
    const lines = await printedBy('2-own-source-and-journal.mjs');
    expect(lines[0]).toBe('done numbers.bin 1000000 bytes, verified by digest');
    // When a create begins is new only where the clock has moved on since the one before.
    const facts = lines.slice(1).map(line => line.replace('written down: ', '').replace('creatingAt, ', ''));
    expect(facts[0]).toBe('kind, server, user, place, spec, files');
    expect(facts.slice(2)).toEqual([
      'library',
      'library',
      'making',
      'itemId, itemMade, making',
      'opened',
      'sessionId',
      'files',
      'files',
      'asked',
      'done',
      'outcome, left'
    ]);
  });

  it('should run as a child of another machine, and tell it the end (3)', async () => {
    const lines = await printedBy('3-child-of-your-machine.mjs');
    expect(lines[0]).toBe('built');
    expect(lines).toContain('upload: {"holding":{"transferring":{"files":{},"watch":"resting"}}}');
    expect(lines.at(-1)).toBe('release: released');
  });

  it('should draw the law of a file, and the way of one run (4)', async () => {
    const [law, path] = await printedBy('4-draw-a-lifecycle.mjs');
    expect(law).toContain('state "WAITING_FOR_TRANSFER" as s1');
    expect(law).toContain('s3 --> s4 : leave<br/>verified');
    expect(path).toContain('state "transferring" as s3');
    expect(path).toMatch(/state "done" as (s\d+)[\s\S]+\1 --> \[\*\]/);
  });

  it('should come through a lost answer, a 503, a broken connection and a changed byte (5)', async () => {
    const lines = await printedBy('5-survive-a-failing-server.mjs');
    expect(lines.filter(line => line === 'pushing disk.vmdk')).toHaveLength(3);
    expect(lines).toContain('createItem: the connection broke before item.create was answered');
    const wait = lines[lines.findIndex(line => line.startsWith('createSession')) + 1];
    expect(Number(/again in ([\d.]+) s/.exec(String(wait))?.[1])).toBeGreaterThanOrEqual(30);
    expect(lines.at(-1)).toMatch(/^done after 3 retries, verified by digest: \d+ bytes sent, 1000000 accepted$/);
  });
});
