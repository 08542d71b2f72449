// What a person reads of a run: a line a row, and the sum at the end.
import type { Row } from './row.ts';
import type { Finding, Report } from './suite.ts';

export const MARKS = { ok: '✓', differs: '✗', 'not served': '–' } as const;

/** @example `'✗ rest  session.busy: … – expected status 400 RESOURCE_BUSY, came status 200'` */
export function lineOf(finding: Finding, row: Row): string {
  const { mark, dialect, id, expected, came, why } = finding;
  const judged = row.judged ? ' [our judgement]' : '';
  const because =
    mark === 'differs' ? `\n         expected ${expected}; ${came}` : mark === 'not served' ? ` (${why})` : '';
  return `  ${MARKS[mark]} ${dialect.padEnd(4)} ${id}: ${row.says}${judged}${because}`;
}

export function sumOf({ findings, version, dialects, left }: Report): string {
  const count = (mark: Finding['mark']) => findings.filter(finding => finding.mark === mark).length;
  const server = version === undefined ? 'a server that states no version' : `version ${version}`;
  const lines = [
    `${server}, ${dialects.map(dialect => `/${dialect}`).join(' and ')}: ${findings.length} rows,`,
    `${count('ok')} as documented, ${count('differs')} different, ${count('not served')} not served`,
    ...(left.length > 0 ? [`\nleft behind: ${left.join(', ')}`] : [])
  ];
  return lines.join(' ');
}
