// Every cell of the state × operation table, against the machine, through the port, and over HTTP in both dialects.

import { describe, expect, it } from 'vitest';
import type { StateValue } from 'xstate';
import { type Judgement, judge, wordOf } from '../../machines/law.ts';
import { type UpdateSessionEvent, updateSessionMachine } from '../../machines/service/update-session.ts';
import { bytesOf, failureOf } from '../simulator/doors.ts';
import { DIALECTS, type Dialect, requestOf } from './calls.ts';
import { type Standard, standing } from './standing.ts';
import { CELLS, type Cell, type Row, SHOWN, type Standing, shownAfter } from './table.ts';
import type { Answer } from './world.ts';

const NAMES = CELLS.map(({ row, standing, cell }) => [`${row} × ${standing}: ${cell}`, row, standing, cell] as const);

describe('the law', () => {
  const WHOLE = { notReceived: [], missing: [], invalid: [], warnings: [], pullsRunning: 0, pullsFailed: 0 };
  const EVENTS: Record<Exclude<Row, 'list'>, UpdateSessionEvent> = {
    get: { type: 'get' },
    update: { type: 'update' },
    'keep-alive': { type: 'keepAlive' },
    complete: { type: 'complete', summary: WHOLE },
    cancel: { type: 'cancel', rules: { cancelDeletes: false } },
    fail: { type: 'fail' },
    delete: { type: 'delete' },
    'file add': { type: 'file.add', summary: { backingGone: false, manifestAfterDescriptor: false } },
    'file list': { type: 'file.list' },
    'file get': { type: 'file.get' },
    'file remove': { type: 'file.remove' },
    'file validate': { type: 'file.validate', summary: WHOLE },
    PUT: { type: 'file.receive', source: 'PUSH' }
  };
  const STATES: Record<Standing, StateValue> = {
    ACTIVE: { ACTIVE: 'open' },
    completing: { ACTIVE: 'completing' },
    DONE: 'DONE',
    ERROR: 'ERROR',
    CANCELED: 'CANCELED',
    expiring: 'expired',
    deleted: 'gone',
    swept: 'gone'
  };

  // a list is about no session: the law has no event for it
  it.each(NAMES.filter(([, row]) => row !== 'list'))('should say %s', (_, row, how, cell) => {
    const judgement = judge(updateSessionMachine, STATES[how], EVENTS[row as Exclude<Row, 'list'>]);
    expect(judgement).toEqual(expectation(STATES[how], cell));
  });

  function expectation(state: StateValue, cell: Cell): Judgement {
    if (cell === 'NA' || cell === '404') return { allowed: false, refusal: 'wrongState' };
    return { allowed: true, state: cell === 'ok' ? state : cell.slice(1) };
  }

  it('should call the states of a session as the service does', () => {
    for (const how of ['ACTIVE', 'completing', 'DONE', 'ERROR', 'CANCELED'] as const) {
      expect(wordOf(STATES[how])).toBe(SHOWN[how]);
    }
  });
});

describe('the port', () => {
  it.each(NAMES)('should answer %s', async (_, row, how, cell) => {
    const at = await standing(how);
    const failure = await failureOf(doBy(at, row, cell));
    expect(failure?.code).toBe({ NA: 'NOT_ALLOWED_IN_CURRENT_STATE', '404': 'NOT_FOUND' }[cell as string] ?? undefined);
    const after = await at.library.getSession(at.session).then(
      ({ state }) => state,
      () => undefined
    );
    expect(after).toBe(shownAfter(how, cell));
    await at.world.close();
  });

  async function doBy({ world, library, item, session, uploadUri }: Standard, row: Row, cell: Cell): Promise<unknown> {
    switch (row) {
      case 'list': {
        const listed = await library.listSessions({ itemId: item });
        return expect(listed).toEqual(cell === 'absent' ? [] : [session]);
      }
      case 'get':
        return library.getSession(session);
      case 'update':
        return library.updateSession(session, { warnings: [] });
      case 'keep-alive':
        return library.keepAlive(session, 40);
      case 'complete':
        return library.complete(session);
      case 'cancel':
        return library.cancelSession(session);
      case 'fail':
        return library.failSession(session, 'the test says so');
      case 'delete':
        return library.deleteSession(session);
      case 'file add':
        return library.addFile(session, { name: 'b.iso', sourceType: 'PUSH' });
      case 'file list':
        return library.listFiles(session);
      case 'file get':
        return library.getFile(session, 'a.iso');
      case 'file remove':
        return library.removeFile(session, 'a.iso');
      case 'file validate':
        return library.validate(session);
      case 'PUT':
        return world.simulator.ports().bytes.push({ uri: uploadUri, source: bytesOf('hello'), hash: [] });
    }
  }
});

describe.each(DIALECTS)('HTTP in /%s', dialect => {
  it.each(NAMES)('should answer %s', async (_, row, how, cell) => {
    const { world, item, session, uploadUri } = await standing(how);
    const spec = { name: 'b.iso', source_type: 'PUSH' };
    const subject = { item, session, file: 'a.iso', spec };
    let answer: Answer;
    // an upload URL is of no dialect, and answers as /api does
    let spoken: Dialect = dialect;
    let ok = 200;
    if (row === 'PUT') {
      spoken = 'api';
      answer = await world.put(uploadUri, 'hello');
    } else {
      const request = requestOf(dialect, row, subject);
      ok = request.ok;
      answer = await world.ask(request);
    }
    if (cell === 'NA') expect(answer).toEqual(refusal(spoken, 400, 'NOT_ALLOWED_IN_CURRENT_STATE'));
    else if (cell === '404') expect(answer).toEqual(refusal(spoken, 404, 'NOT_FOUND'));
    else expect(answer).toEqual({ status: ok, ...bodyOf(spoken, row, session, how, cell) });

    const after = await world.ask(requestOf('api', 'get', subject));
    expect((after.body as { state?: string }).state).toBe(shownAfter(how, cell));
    await world.close();
  });
});

function refusal(dialect: Dialect, status: number, type: string): Answer {
  const message = {
    id: expect.stringMatching(/^[\w-]+(\.[\w-]+)+$/),
    // The reason of an ERROR is somebody else's sentence.
    default_message: expect.stringMatching(/^[A-Z].*(\.| Reason: .+)$/),
    args: expect.any(Array)
  };
  const value = { error_type: type, messages: [message] };
  if (dialect === 'api') return { status, body: value };
  return { status, body: { type: `com.vmware.vapi.std.errors.${type.toLowerCase()}`, value } };
}

/** The body of a success: nothing for nothing, bare in /api, under `value` in /rest. */
function bodyOf(dialect: Dialect, row: Row, session: string, how: Standing, cell: Cell): { body?: unknown } {
  const result = resultOf(row, session, how, cell);
  if (result === undefined) return {};
  return { body: dialect === 'api' ? result : { value: result } };
}

function resultOf(row: Row, session: string, how: Standing, cell: Cell): unknown {
  const aFile = { name: 'a.iso', source_type: 'PUSH', bytes_transferred: expect.any(Number) };
  switch (row) {
    case 'get':
      return expect.objectContaining({
        id: session,
        state: SHOWN[how],
        library_item_id: expect.any(String),
        library_item_content_version: '1',
        client_progress: 0,
        expiration_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        ...(SHOWN[how] === 'ERROR' && { error_message: expect.objectContaining({ id: expect.any(String) }) })
      });
    case 'list':
      return cell === 'absent' ? [] : [session];
    case 'file add':
      return expect.objectContaining({
        name: 'b.iso',
        source_type: 'PUSH',
        status: 'WAITING_FOR_TRANSFER',
        bytes_transferred: 0,
        upload_endpoint: { uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/cls\/data\/[0-9a-f-]{36}\/b\.iso$/) }
      });
    case 'file list':
      return expect.arrayContaining([expect.objectContaining(aFile)]);
    case 'file get':
      return expect.objectContaining(aFile);
    case 'file validate':
      return { has_errors: false, missing_files: [], invalid_files: [] };
    default:
      return undefined;
  }
}
