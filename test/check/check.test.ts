// Every state that client, service and network can come to together: npm run check has the larger rows.
import { expect, it } from 'vitest';
import { ROWS, searchRow, wordsOf } from './rows.ts';

it.each(ROWS.filter(({ when }) => when === 'test').map(row => [wordsOf(row), row] as const))(
  'should come to a right end from every state: %s',
  (_, row) => {
    const found = searchRow(row);
    expect(found.counterexample).toBeUndefined();
    expect(found.ends.done).toBeGreaterThan(0);
  }
);
