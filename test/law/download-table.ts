// The state × operation table of download sessions, as the documentation has it (DownloadSession and DownloadSession.File,
// vSphere API 8.0), written once; the tests hold machine, port and HTTP against it. The words are those of `table.ts`.
import type { DownloadOperation } from './download-calls.ts';
import type { Cell } from './table.ts';

export type DownloadStanding = 'ACTIVE' | 'ERROR' | 'CANCELED' | 'expiring' | 'deleted' | 'swept';
export type DownloadRow = Exclude<DownloadOperation, 'create'> | 'GET';

const TEXT = `
               | ACTIVE    | ERROR  | CANCELED | expiring | deleted | swept
get            | ok        | ok     | ok       | ok       | 404     | 404
list           | ok        | ok     | ok       | ok       | absent  | absent
keep-alive     | ok        | NA     | NA       | NA       | 404     | 404
cancel         | >CANCELED | NA     | NA       | NA       | 404     | 404
fail           | >ERROR    | NA     | NA       | NA       | 404     | 404
delete         | >gone     | >gone  | >gone    | >gone    | 404     | 404
file list      | ok        | ok     | ok       | ok       | 404     | 404
file get       | ok        | ok     | ok       | ok       | 404     | 404
file prepare   | ok        | NA     | NA       | NA       | 404     | 404
GET            | ok        | 404    | 404      | 404      | 404     | 404
`;

const [HEAD = [], ...LINES] = TEXT.trimEnd()
  .split('\n')
  .slice(1)
  .map(line => line.split('|').map(cell => cell.trim()));

export const DOWNLOAD_CELLS = LINES.flatMap(([row, ...cells]) =>
  cells.map((cell, index) => ({
    row: row as DownloadRow,
    standing: HEAD[index + 1] as DownloadStanding,
    cell: cell as Cell
  }))
);

/** The state that the service shows of a session that stands so; undefined: there is none. */
export const DOWNLOAD_SHOWN: Readonly<Record<DownloadStanding, string | undefined>> = {
  ACTIVE: 'ACTIVE',
  ERROR: 'ERROR',
  CANCELED: 'CANCELED',
  expiring: 'ERROR',
  deleted: undefined,
  swept: undefined
};
