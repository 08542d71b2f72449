// The real vcsim, asked by the conformance suite; what it does is recorded, and docs/conformance.md prints it.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { conformance } from '../conformance/suite/suite.ts';
import { peers, startVcsim } from './peer-processes.ts';

const file = new URL('../conformance/vcsim-findings.json', import.meta.url);

// Without Go there is no real vcsim to ask.
describe.skipIf(peers === undefined)('the conformance suite and the real vcsim', () => {
  // Its handlers panic by chance, and then it closes the connection: what it does at the second time counts.
  it('should find what is recorded of it (else: UPDATE_DOCS=1 npm run test:interop, then npm run conformance:docs)', {
    timeout: 300_000,
    retry: 1
  }, async () => {
    await using vcsim = await startVcsim();
    const report = await conformance({ url: vcsim.url.origin, username: 'user', password: 'pass' });
    expect(report.left).toEqual([]);
    const found = { version: peers!.version, findings: report.findings };
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, `${JSON.stringify(found, undefined, 2)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });
});
