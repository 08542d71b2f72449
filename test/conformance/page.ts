// docs/conformance.md: the table of the four documents, and what each server does, row by row.
import type { Document, Names, RawRequest, SeedRow } from './seeds/row.ts';
import { MARKS } from './suite/print.ts';
import type { Group, Row } from './suite/row.ts';
import type { Finding } from './suite/suite.ts';

export interface Column {
  readonly title: string;
  readonly findings: readonly Finding[];
}
export interface PageParts {
  readonly seeds: readonly { readonly document: Document; readonly rows: readonly SeedRow[] }[];
  readonly groups: readonly Group[];
  readonly columns: readonly Column[];
}

export function conformancePage({ seeds, groups, columns }: PageParts): string {
  return [
    '# Conformance',
    INTRODUCTION,
    '## The four documents',
    SEEDS,
    ...seeds.flatMap(({ document, rows }) => [
      `### ${document.title}`,
      `Document ${document.seed}, spoken by the profile ${document.profile}.`,
      table(['row', 'what it says', 'request', 'answer'], rows.map(seedCells))
    ]),
    '## Servers, row by row',
    MATRIX,
    ...groups.flatMap(group => [
      `### ${group.title}`,
      table(
        ['row', 'what is documented', ...columns.map(({ title }) => title)],
        group.rows.map(row => matrixCells(row, columns))
      )
    ]),
    '## Differences',
    'What was expected, and what came instead.',
    ...columns.flatMap(differences)
  ]
    .join('\n\n')
    .concat('\n');
}

const INTRODUCTION = `This page is generated: \`npm run conformance:docs\`. The first part is held by \`test/conformance/seeds.test.ts\` at both ends: the
simulator answers each request as it stands, and the client writes it and reads the answer. The second part is what
\`npm run conformance -- --url …\` prints of any server; it knows nothing of this library and asks over HTTP only.`;

const SEEDS = 'A star marks our own judgement, where the document leaves it open.';

const MATRIX = `✓ as documented, ✗ different (see below), – not served, or not asked of a server of that age. Where a row is asked in both
dialects the first mark is /api, the second /rest. A star marks our own judgement, where no source decides. The columns with
a version are the simulator in that profile.`;

function seedCells(row: SeedRow): string[] {
  const request = row.request(PLACEHOLDERS);
  const { status, media, is } = row.answer;
  const answer = `${status}${media === undefined ? '' : ` ${kindOf(media)}`}: ${is}`;
  return [`\`${row.id}\``, `${row.says}${row.judged ? ' \\*' : ''}`, requestIn(request), answer];
}

/** Every name is its own placeholder. */
const PLACEHOLDERS: Names = new Proxy({}, { get: (_, name) => `{${String(name)}}` });

function requestIn({ method, path, headers }: RawRequest): string {
  const media = headers['content-type'];
  const token = headers['client-token'] === undefined ? '' : ', Client-Token';
  return `\`${method} ${path}\`${media === undefined ? '' : `, ${kindOf(media)}`}${token}`;
}

function kindOf(media: string): string {
  return { 'application/json': 'JSON', 'application/xml': 'XML' }[media] ?? 'form';
}

function matrixCells(row: Row, columns: readonly Column[]): string[] {
  const marks = columns.map(({ findings }) =>
    findings
      .filter(({ id }) => id === row.id)
      .map(({ mark }) => MARKS[mark])
      .join('')
  );
  return [`\`${row.id}\``, `${row.says}${row.judged ? ' \\*' : ''}`, ...marks];
}

function differences({ title, findings }: Column): string[] {
  const found = findings.filter(({ mark }) => mark === 'differs');
  if (found.length === 0) return [];
  const lines = found.map(
    ({ id, dialect, expected, came }) => `- \`${id}\` in /${dialect}: expected ${escaped(expected)}; ${escaped(came)}.`
  );
  return [`### ${title}: ${found.length} differences`, lines.join('\n')];
}

function escaped(text = ''): string {
  return text.replaceAll(/[<>*_|]/g, mark => `\\${mark}`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
