// Every cell of the state × operation table of downloads, against the machine, through the port, and over HTTP in both
// dialects.

import { describe, expect, it } from 'vitest';
import type { StateValue } from 'xstate';
import { judge, wordOf } from '../../machines/law.ts';
import { type DownloadSessionEvent, downloadSessionMachine } from '../../machines/service/download-session.ts';
import type { ContentLibrary } from '../../src/ports.ts';
import { bytesOf, failureOf } from '../simulator/doors.ts';
import { DIALECTS } from './calls.ts';
import { downloadRequestOf } from './download-calls.ts';
import { DOWNLOAD_CELLS, DOWNLOAD_SHOWN, type DownloadRow, type DownloadStanding } from './download-table.ts';
import type { Cell } from './table.ts';
import { openWorld, SESSION_MS, type World } from './world.ts';

const NAMES = DOWNLOAD_CELLS.map(
  ({ row, standing, cell }) => [`${row} × ${standing}: ${cell}`, row, standing, cell] as const
);

function shownAfter(how: DownloadStanding, cell: Cell): string | undefined {
  if (!cell.startsWith('>')) return DOWNLOAD_SHOWN[how];
  return cell === '>gone' ? undefined : cell.slice(1);
}

interface Standard {
  readonly world: World;
  readonly library: ContentLibrary;
  readonly item: string;
  readonly session: string;
  /** Of the file `a.iso`, which is PREPARED while the session is ACTIVE. */
  readonly uri: string;
}

/** A session in a column of the table, made through the port door, which tells nothing of HTTP. */
async function standing(how: DownloadStanding): Promise<Standard> {
  const world = await openWorld({ rules: how === 'expiring' ? { expiredGraceMs: 60_000 } : {} });
  const { library, bytes } = world.simulator.ports();
  const item = world.plain;
  const update = await library.createSession({ itemId: item });
  const { uploadUri } = await library.addFile(update, { name: 'a.iso', sourceType: 'PUSH' });
  await bytes.push({ uri: uploadUri!, source: bytesOf('hello'), hash: [] });
  await library.complete(update);
  const session = await library.createDownloadSession({ itemId: item });
  const { downloadUri } = await library.prepareFile(session, 'a.iso');
  const bring: Record<DownloadStanding, () => Promise<void>> = {
    ACTIVE: async () => undefined,
    ERROR: () => library.failDownload(session, 'the test says so'),
    CANCELED: () => library.cancelDownload(session),
    expiring: () => world.clock.advanceBy(SESSION_MS + 1),
    deleted: () => library.deleteDownloadSession(session),
    swept: () => world.clock.advanceBy(SESSION_MS + 1)
  };
  await bring[how]();
  return { world, library, item, session, uri: downloadUri! };
}

describe('the law', () => {
  const EVENTS: Record<Exclude<DownloadRow, 'list'>, DownloadSessionEvent['type']> = {
    get: 'get',
    'keep-alive': 'keepAlive',
    cancel: 'cancel',
    fail: 'fail',
    delete: 'delete',
    'file list': 'file.list',
    'file get': 'file.get',
    'file prepare': 'file.prepare',
    GET: 'file.read'
  };
  const STATES: Record<DownloadStanding, StateValue> = {
    ACTIVE: 'ACTIVE',
    ERROR: 'ERROR',
    CANCELED: 'CANCELED',
    expiring: 'expired',
    deleted: 'gone',
    swept: 'gone'
  };

  // a list is about no session: the law has no event for it
  it.each(NAMES.filter(([, row]) => row !== 'list'))('should say %s', (_, row, how, cell) => {
    const judgement = judge(downloadSessionMachine, STATES[how], { type: EVENTS[row as Exclude<DownloadRow, 'list'>] });
    if (cell === 'NA' || cell === '404') expect(judgement).toEqual({ allowed: false, refusal: 'wrongState' });
    else expect(judgement).toEqual({ allowed: true, state: cell === 'ok' ? STATES[how] : cell.slice(1) });
  });

  it('should call the states of a session as the service does', () => {
    for (const how of ['ACTIVE', 'ERROR', 'CANCELED'] as const) expect(wordOf(STATES[how])).toBe(DOWNLOAD_SHOWN[how]);
  });
});

describe('the port', () => {
  it.each(NAMES)('should answer %s', async (_, row, how, cell) => {
    const at = await standing(how);
    const failure = await failureOf(doBy(at, row, cell));
    expect(failure?.code).toBe({ NA: 'NOT_ALLOWED_IN_CURRENT_STATE', '404': 'NOT_FOUND' }[cell as string]);
    const after = await at.library.getDownloadSession(at.session).then(
      ({ state }) => state,
      () => undefined
    );
    expect(after).toBe(shownAfter(how, cell));
    await at.world.close();
  });

  async function doBy({ world, library, item, session, uri }: Standard, row: DownloadRow, cell: Cell) {
    switch (row) {
      case 'list': {
        const listed = await library.listDownloadSessions({ itemId: item });
        return expect(listed).toEqual(cell === 'absent' ? [] : [session]);
      }
      case 'get':
        return library.getDownloadSession(session);
      case 'keep-alive':
        return library.keepDownloadAlive(session, 40);
      case 'cancel':
        return library.cancelDownload(session);
      case 'fail':
        return library.failDownload(session, 'the test says so');
      case 'delete':
        return library.deleteDownloadSession(session);
      case 'file list':
        return library.listDownloadFiles(session);
      case 'file get':
        return library.getDownloadFile(session, 'a.iso');
      case 'file prepare':
        return library.prepareFile(session, 'a.iso');
      case 'GET':
        return world.simulator.ports().bytes.fetch({ uri, from: 0, sink: { write: async () => undefined } });
    }
  }
});

describe.each(DIALECTS)('HTTP in /%s', dialect => {
  it.each(NAMES)('should answer %s', async (_, row, how, cell) => {
    const { world, item, session, uri } = await standing(how);
    const subject = { item, session, file: 'a.iso' };
    if (row === 'GET') {
      const response = await fetch(uri);
      expect(response.status).toBe(cell === 'ok' ? 200 : 404);
      const text = await response.text();
      if (cell === 'ok') expect(text).toBe('hello');
      else expect(JSON.parse(text)).toMatchObject({ error_type: 'NOT_FOUND' });
    } else {
      const request = downloadRequestOf(dialect, row, subject);
      const { status, body } = await world.ask(request);
      const value = dialect === 'rest' ? (body as { value?: unknown } | undefined)?.value : body;
      if (cell === 'NA' || cell === '404') {
        const type = cell === 'NA' ? 'NOT_ALLOWED_IN_CURRENT_STATE' : 'NOT_FOUND';
        expect([status, value]).toEqual([cell === 'NA' ? 400 : 404, expect.objectContaining({ error_type: type })]);
        if (dialect === 'rest') {
          expect(body).toMatchObject({ type: `com.vmware.vapi.std.errors.${type.toLowerCase()}` });
        }
      } else {
        expect([status, value]).toEqual([request.ok, resultOf(row, session, how, cell)]);
      }
    }
    const after = await world.ask(downloadRequestOf('api', 'get', subject));
    expect((after.body as { state?: string }).state).toBe(shownAfter(how, cell));
    await world.close();
  });
});

function resultOf(row: DownloadRow, session: string, how: DownloadStanding, cell: Cell): unknown {
  const live = how === 'ACTIVE';
  const file = {
    name: 'a.iso',
    status: live ? 'PREPARED' : 'UNPREPARED',
    bytes_transferred: 0,
    ...(live && {
      download_endpoint: { uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/cls\/data\/[0-9a-f-]{36}\/a\.iso$/) }
    })
  };
  switch (row) {
    case 'get':
      return {
        id: session,
        state: DOWNLOAD_SHOWN[how],
        library_item_id: expect.any(String),
        library_item_content_version: '2',
        client_progress: 0,
        expiration_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        ...(DOWNLOAD_SHOWN[how] === 'ERROR' && { error_message: expect.objectContaining({ id: expect.any(String) }) })
      };
    case 'list':
      return cell === 'absent' ? [] : [session];
    case 'file list':
      return [file];
    case 'file get':
    case 'file prepare':
      return file;
    default:
      return undefined;
  }
}
