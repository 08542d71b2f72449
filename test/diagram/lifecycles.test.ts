import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { machines } from '../../machines/index.ts';
import { lifecyclesPage } from '../../src/diagram/index.ts';

const page = new URL('../../docs/lifecycles.md', import.meta.url);

describe('docs/lifecycles.md', () => {
  if (process.env.UPDATE_DOCS === '1') writeFileSync(page, lifecyclesPage(machines));
  const text = readFileSync(page, 'utf8');

  it('should show the machines as they are (else: npm run docs)', () => {
    expect(text).toBe(lifecyclesPage(machines));
  });

  it('should show all of them, children too', () => {
    expect([...text.matchAll(/^## (.*)$/gm)].map(match => match[1])).toEqual(Object.keys(machines));
    expect(text.match(/^```mermaid$/gm)?.length).toBeGreaterThanOrEqual(Object.keys(machines).length);
  });

  it('should name the children of a machine', () => {
    expect(text).toContain(
      'Its children: [workflow/upload-file](#workflowupload-file), [workflow/lease](#workflowlease), [workflow/attempt](#workflowattempt).'
    );
  });
});

describe('lifecyclesPage', () => {
  it('should take the description of a machine that it has no sentence for, and refuse one that has neither', () => {
    const its = createMachine({ id: 'x', description: 'Does nothing.', initial: 'a', states: { a: {} } });
    expect(lifecyclesPage({ 'my/x': its })).toContain('## my/x\n\nDoes nothing.\n\n```mermaid\nstateDiagram-v2\n');
    const silent = createMachine({ id: 'x', initial: 'a', states: { a: {} } });
    expect(() => lifecyclesPage({ 'my/x': silent })).toThrow(
      new RangeError('the machine my/x has no sentence: give it a description, or add one to src/diagram/lifecycles.ts')
    );
  });
});
