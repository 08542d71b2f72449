// The state × operation table of the service, as the documentation has it (UpdateSession and UpdateSession.File, vSphere API
// 8.0), written once; the tests hold machine, port and HTTP against it.
import type { Operation } from './calls.ts';

/**
 * `ok`: done, the session stays as it is. `>X`: done, and the session is X then (`gone`: there is none). `NA`: refused as
 * NOT_ALLOWED_IN_CURRENT_STATE. `404`: refused as NOT_FOUND. `absent`: done, and the session is not in the list.
 */
export type Cell = 'ok' | `>${string}` | 'NA' | '404' | 'absent';
/**
 * How a session can stand: the four states of the service; `completing` is ACTIVE while complete waits for pulls; `expiring`
 * is past its time and shows as ERROR until it is swept.
 */
export type Standing = 'ACTIVE' | 'completing' | 'DONE' | 'ERROR' | 'CANCELED' | 'expiring' | 'deleted' | 'swept';
export type Row = Operation | 'PUT';

const TEXT = `
               | ACTIVE    | completing | DONE   | ERROR  | CANCELED | expiring | deleted | swept
get            | ok        | ok         | ok     | ok     | ok       | ok       | 404     | 404
list           | ok        | ok         | ok     | ok     | ok       | ok       | absent  | absent
update         | ok        | ok         | NA     | NA     | NA       | NA       | 404     | 404
keep-alive     | ok        | ok         | NA     | NA     | NA       | NA       | 404     | 404
complete       | >DONE     | NA         | NA     | NA     | NA       | NA       | 404     | 404
cancel         | >CANCELED | >CANCELED  | NA     | NA     | NA       | NA       | 404     | 404
fail           | >ERROR    | >ERROR     | NA     | NA     | NA       | NA       | 404     | 404
delete         | NA        | NA         | >gone  | >gone  | >gone    | >gone    | 404     | 404
file add       | ok        | NA         | NA     | NA     | NA       | NA       | 404     | 404
file list      | ok        | ok         | ok     | ok     | ok       | ok       | 404     | 404
file get       | ok        | ok         | ok     | ok     | ok       | ok       | 404     | 404
file remove    | ok        | NA         | NA     | NA     | NA       | NA       | 404     | 404
file validate  | ok        | NA         | NA     | NA     | NA       | NA       | 404     | 404
PUT            | ok        | 404        | 404    | 404    | 404      | 404      | 404     | 404
`;

const [HEAD = [], ...LINES] = TEXT.trimEnd()
  .split('\n')
  .slice(1)
  .map(line => line.split('|').map(cell => cell.trim()));

const STANDINGS = HEAD.slice(1) as Standing[];

export const CELLS = LINES.flatMap(([row, ...cells]) =>
  cells.map((cell, index) => ({ row: row as Row, standing: STANDINGS[index]!, cell: cell as Cell }))
);

/** The state that the service shows of a session that stands so; undefined: there is none. */
export const SHOWN: Readonly<Record<Standing, string | undefined>> = {
  ACTIVE: 'ACTIVE',
  completing: 'ACTIVE',
  DONE: 'DONE',
  ERROR: 'ERROR',
  CANCELED: 'CANCELED',
  expiring: 'ERROR',
  deleted: undefined,
  swept: undefined
};

/** What is shown of the session after the operation; undefined: there is none. */
export function shownAfter(standing: Standing, cell: Cell): string | undefined {
  if (!cell.startsWith('>')) return SHOWN[standing];
  return cell === '>gone' ? undefined : cell.slice(1);
}
