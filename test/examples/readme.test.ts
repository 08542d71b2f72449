// What the README claims and code can judge: exit codes, npm scripts, links.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../machines/vocabulary.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { parse } from '../diagram/mermaid-parser.ts';

const root = new URL('../..', import.meta.url).pathname;
const pages = ['README.md', 'docs/architecture.md'];
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('README.md', () => {
  it('should begin with the two commands', () => {
    expect(readme.split('\n').slice(2, 6)).toEqual(['```', 'npm ci && npm start', 'npm ci && npm test', '```']);
  });

  it('should list every failure under its exit code, and no other', () => {
    const listed = [...readme.matchAll(/^\| (\d+)[^|]*\|[^|]*\| ((?:`[A-Z_]+` ?)+)\|$/gm)].flatMap(([, exit, names]) =>
      (String(names).match(/[A-Z_]+/g) ?? []).map(name => `${name} ${exit}`)
    );
    expect(listed.sort()).toEqual(
      Object.entries(FAILURES)
        .map(([name, { exit }]) => `${name} ${exit}`)
        .sort()
    );
  });

  it('should name every server profile', () => {
    for (const name of Object.keys(PROFILES)) expect(readme).toMatch(new RegExp(`^\\| .*\`${name}\``, 'm'));
  });

  it('should name only scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(match => String(match[1]));
    expect(named.filter(name => !(name in scripts))).toEqual([]);
    expect(named.length).toBeGreaterThan(3);
  });
});

describe('pages for people', () => {
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');

    it(`should link only to what is there (${page})`, () => {
      const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(match => String(match[1]));
      const broken = links.filter(link => {
        const [path = '', anchor] = link.split('#');
        const file = path === '' ? join(root, page) : join(root, page, '..', path);
        return !existsSync(file) || (anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor));
      });
      expect(broken).toEqual([]);
      expect(links.length).toBeGreaterThan(3);
    });

    it(`should name only files that are there (${page})`, () => {
      const named = [...text.matchAll(/`((?:src|machines|test|docs|examples|scripts|bench)\/[\w./-]*)`/g)];
      const made = ['docs/benchmarks.md'];
      const missing = named
        .map(match => String(match[1]))
        .filter(path => !made.includes(path) && !existsSync(join(root, path)));
      expect(missing).toEqual([]);
    });
  }
});

it('should draw the flow so that Mermaid understands it', async () => {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const drawn = [...text.matchAll(/```mermaid\n([\s\S]*?)```/g)].map(match => String(match[1]));
  expect(await Promise.all(drawn.map(parse))).toEqual(['flowchart-v2']);
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(match =>
    String(match[1])
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
  );
}
