// Our simulator, asked by the suite as a stranger would: every row as documented, or not served; and the page says so.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../src/servers/profiles.ts';
import { conformancePage } from './page.ts';
import { SEEDS } from './seeds/table.ts';
import { simulatorAs } from './simulators.ts';
import { conformance, type Finding, GROUPS } from './suite/suite.ts';
import recorded from './vcsim-findings.json' with { type: 'json' };

/** The profile `vcsim` is forgetful on purpose. */
const FORGETFUL = ['itemFile.list', 'session.preview', 'add.replaces'];
const page = new URL('../../docs/conformance.md', import.meta.url);
const findings = new Map<string, readonly Finding[]>();

describe('the conformance suite', () => {
  it('should have more than a hundred rows, each with its own name', () => {
    const ids = GROUPS.flatMap(({ rows }) => rows.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(100);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(Object.values(PROFILES))(
    'should find that our simulator as $name does what is documented',
    async profile => {
      await using target = await simulatorAs(profile);
      const report = await conformance(target.options);
      findings.set(profile.name, report.findings);
      const differing = report.findings.filter(({ mark }) => mark === 'differs');
      if (profile.name === 'vcsim') expect(differing.map(({ id }) => id)).toEqual(FORGETFUL);
      else expect(differing).toEqual([]);
      expect(report.left).toEqual([]);
    },
    300_000
  );
});

describe('docs/conformance.md', () => {
  it('should say what the rows found (else: npm run conformance:docs)', () => {
    expect([...findings.keys()]).toEqual(Object.keys(PROFILES));
    const columns = [...findings].map(([title, found]) => ({
      title: title === 'vcsim' ? 'profile vcsim' : title,
      findings: found
    }));
    const real = { title: `vcsim ${recorded.version}`, findings: recorded.findings as readonly Finding[] };
    const text = conformancePage({ seeds: SEEDS, groups: GROUPS, columns: [...columns, real] });
    if (process.env.UPDATE_DOCS === '1') writeFileSync(page, text);
    expect(readFileSync(page, 'utf8')).toBe(text);
  });
});
