// shelver sessions ls|show|cancel|rm: one's own update sessions on the server. Upload URIs are never shown: whoever has
// one may write.
import { failure, type SessionInfo } from '../../machines/vocabulary.ts';
import { type ContentLibrary, PortFailure } from '../ports.ts';
import { harmless, sizeOf, spanOf } from '../view/words.ts';
import { columns } from './columns.ts';
import { UsageError } from './exit.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';
import { findItem, findLibrary, placeOf, unless } from './place.ts';
import { withConnection } from './server.ts';
import { several } from './several.ts';

/** Calls at a time. */
const AT_ONCE = 8;

export async function listSessions(text: string | undefined, flags: CommonFlags, context: Context): Promise<number> {
  const place = text === undefined ? undefined : placeOf(text);
  if (place !== undefined && place.item === undefined) {
    throw new UsageError(`${JSON.stringify(text)} names no item`, 'write LIBRARY/ITEM, or nothing for all sessions');
  }
  const { out } = context;
  const rows = await withConnection(flags, context, async ({ library: service, clock }) => {
    const item = place?.item && (await findItem(service, await findLibrary(service, place.library), place.item));
    const ids = await service.listSessions(item && { itemId: item.id });
    const found = await several(AT_ONCE, ids, id => sessionUnlessGone(service, id));
    const sessions = found.filter(session => session !== undefined);
    const names = await several(AT_ONCE, sessions, ({ itemId }) => itemName(service, itemId));
    return sessions.map((session, index) => ({
      ...summary(session, clock.now()),
      item: { id: session.itemId, name: names[index] }
    }));
  });
  if (out.json) out.object({ sessions: rows });
  else {
    const cells = rows.map(({ id, state, item, progress, expiresInMs }) => [
      id,
      state,
      item.name ?? `id:${item.id}`,
      progress === undefined ? '-' : `${progress}%`,
      expiryOf(expiresInMs)
    ]);
    out.data(columns(['ID', 'STATE', 'ITEM', 'PROGRESS', 'EXPIRES'], cells, [3]));
  }
  return 0;
}

export async function showSession(text: string, flags: CommonFlags, context: Context): Promise<number> {
  const id = sessionIdOf(text);
  const { out } = context;
  const shown = await withConnection(flags, context, async ({ library: service, clock }) => {
    const session = await theSession(service, id);
    const files = (await service.listFiles(id)).map(({ uploadUri: _, extra: __, ...file }) => file);
    const item = { id: session.itemId, name: await itemName(service, session.itemId) };
    return { ...summary(session, clock.now()), item, preview: session.preview, files };
  });
  if (out.json) {
    out.object({ session: shown });
    return 0;
  }
  const lines: [string, string | undefined][] = [
    ['session', shown.id],
    ['state', shown.state],
    ['item', shown.item.name === undefined ? `id:${shown.item.id}` : `${shown.item.name} (${shown.item.id})`],
    ['expires', expiryOf(shown.expiresInMs)],
    ['error', shown.errorMessage],
    ...(shown.preview?.warnings ?? []).map((its): [string, string] => ['warning', `${its.type}: ${its.message}`])
  ];
  const facts = lines.filter(([, value]) => value !== undefined) as [string, string][];
  out.data(facts.map(([name, value]) => `${name.padEnd(9)}${harmless(value)}\n`).join(''));
  const cells = shown.files.map(file => [
    file.name,
    file.status,
    sizeOf(file.bytesTransferred),
    file.size === undefined ? '-' : sizeOf(file.size),
    file.errorMessage ?? ''
  ]);
  if (cells.length > 0) out.data(`\n${columns(['FILE', 'STATUS', 'ACCEPTED', 'SIZE', ''], cells, [2, 3])}`);
  return 0;
}

export function cancelSession(text: string, flags: CommonFlags, context: Context): Promise<number> {
  return end(text, flags, context, 'canceled', async (service, id) => {
    await service.cancelSession(id).catch(cause => {
      if (!(cause instanceof PortFailure) || cause.failure.code !== 'NOT_ALLOWED_IN_CURRENT_STATE') throw cause;
      const next = `it has ended; to remove it from the list: shelver sessions rm ${id}`;
      throw new PortFailure({ ...cause.failure, next }, { cause });
    });
  });
}

export function removeSession(text: string, flags: CommonFlags, context: Context): Promise<number> {
  return end(text, flags, context, 'removed', (service, id) => service.deleteSession(id));
}

async function end(
  text: string,
  flags: CommonFlags,
  context: Context,
  done: 'canceled' | 'removed',
  act: (service: ContentLibrary, id: string) => Promise<void>
): Promise<number> {
  const id = sessionIdOf(text);
  await withConnection(flags, context, async ({ library: service }) => {
    // Asked first: some services answer to the removal of a session that is not there as if it had been.
    const { state } = await theSession(service, id);
    if (done === 'removed' && state === 'ACTIVE') {
      throw new PortFailure(
        failure('NOT_ALLOWED_IN_CURRENT_STATE', `the session ${id} is active`, {
          next: `end it first: shelver sessions cancel ${id}`
        })
      );
    }
    await act(service, id);
  });
  if (context.out.json) context.out.object({ [done]: { session: { id } } });
  else context.out.log('info', `${done} the session ${id}`);
  return 0;
}

function summary(session: SessionInfo, now: number) {
  const { id, state, progress, expiresAt, serverNow, errorMessage } = session;
  // By the server's own clock: this machine's may be wrong.
  const expiresInMs = expiresAt === undefined || state !== 'ACTIVE' ? undefined : expiresAt - (serverNow ?? now);
  return { id, state, progress, expiresAt, expiresInMs, errorMessage };
}

function expiryOf(ms: number | undefined): string {
  if (ms === undefined) return '-';
  return ms <= 0 ? 'now' : `in ${spanOf(ms)}`;
}

/** As text in, an id of `uuid` or `uuid:guid` form; `id:` before it is allowed, as everywhere. */
function sessionIdOf(text: string): string {
  const id = text.replace(/^id:/, '');
  if (/^[\w:.-]+$/.test(id)) return id;
  throw new UsageError(`${JSON.stringify(text)} is not the id of a session`, 'see shelver sessions ls');
}

function theSession(service: ContentLibrary, id: string): Promise<SessionInfo> {
  return service.getSession(id).catch(cause => {
    throw unless(cause, 'NOT_FOUND', `there is no update session with the id ${id} on this server`);
  });
}

/** Between the list and the look a session may end and be gone. */
function sessionUnlessGone(service: ContentLibrary, id: string): Promise<SessionInfo | undefined> {
  return service.getSession(id).catch(undefinedIfGone);
}

async function itemName(service: ContentLibrary, id: string): Promise<string | undefined> {
  const item = await service.getItem(id).catch(undefinedIfGone);
  if (item === undefined) return undefined;
  const library = await service.getLibrary(item.libraryId).catch(undefinedIfGone);
  return library === undefined ? item.name : `${library.name}/${item.name}`;
}

function undefinedIfGone(cause: unknown): undefined {
  if (cause instanceof PortFailure && cause.failure.code === 'NOT_FOUND') return undefined;
  throw cause;
}
