// Every line of evidence in ../shared/users.md 3 has a scenario: this reads the page, where it lies beside the repository, and
// holds the names of the tests against it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const HERE = new URL('.', import.meta.url).pathname;
const PAGE = join(HERE, '../../../../shared/users.md');

interface Line {
  readonly says: string;
  /** `#2585`: issues that are the evidence; or the matter of a row without one. */
  readonly named: readonly string[];
}

/** The table of pains, the ranked list, and the table of what was observed. */
function linesOf(page: string): readonly Line[] {
  const section = page.slice(page.indexOf('\n## 3.'), page.indexOf('\n## 4.'));
  const observed = section.slice(section.indexOf('### govc'));
  const evidence = section.slice(0, section.indexOf('### govc'));
  const issues = evidence.split('\n').filter(line => /^\||^\d+\. /.test(line) && /#\d/.test(line));
  const rows = observed.split('\n').filter(line => /^\| (?!matter|govc|-)/.test(line));
  return [
    ...issues.map(says => ({ says, named: [...says.matchAll(/#\d+/g)].map(String) })),
    ...rows.map(says => ({ says, named: [`(govc: ${says.split('|')[1]?.trim().replaceAll('**', '')}`] }))
  ];
}

/** What the tests of the files beside this one are called, and the rows that they are run for. */
function names(): string {
  const files = readdirSync(HERE).filter(name => name.endsWith('.test.ts') && !import.meta.url.endsWith(name));
  const lines = files.flatMap(name => readFileSync(join(HERE, name), 'utf8').split('\n'));
  return lines.filter(line => !line.trim().startsWith('//') && /'should |^ *\['/.test(line)).join('\n');
}

describe('what people suffer', () => {
  it('should be found in a page of which every kind of line is known', () => {
    const page = [
      '\n## 3. Evidence',
      '| Pain | Where | What |',
      '|---|---|---|',
      '| Lost | govmomi #12, #13 | keep |',
      '1. **Lost** - a/b#14 and b',
      '### govc, observed',
      '| matter | govc |',
      '|---|---|',
      '| 429/503 + Retry-After | fatal |',
      '\n## 4.'
    ].join('\n');
    expect(linesOf(page).map(({ named }) => named)).toEqual([
      ['#12', '#13'],
      ['#14'],
      ['(govc: 429/503 + Retry-After']
    ]);
  });

  it('should have a scenario for every issue and every row', context => {
    if (!existsSync(PAGE)) return context.skip('../shared/users.md does not lie beside the repository');
    const told = names();
    const lines = linesOf(readFileSync(PAGE, 'utf8'));
    // 13 pains, 15 lines in their order, 10 rows of what was observed.
    expect(lines.length).toBeGreaterThanOrEqual(36);
    const missing = lines.flatMap(({ says, named }) => {
      const without = named.filter(name => !(name.startsWith('#') ? isIn(told, name) : told.includes(name)));
      return without.map(name => `${name}: ${says.slice(0, 80)}`);
    });
    expect(missing).toEqual([]);
  });
});

/** `#14` is not in `#145`. */
function isIn(told: string, issue: string): boolean {
  return new RegExp(`${issue}(?!\\d)`).test(told);
}
