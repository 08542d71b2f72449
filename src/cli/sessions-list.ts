// shelver sessions ls: one's own sessions on the server, for update and for download.
import { type ContentLibrary, PortFailure } from '../ports.ts';
import { columns } from './columns.ts';
import { UsageError } from './exit.ts';
import type { CommonFlags } from './options.ts';
import type { Context, Output } from './output.ts';
import { findItem, findLibrary, placeOf } from './place.ts';
import { withConnection } from './server.ts';
import { expiryOf, itemName, SESSION_KINDS, type SessionKind, summaryOf, undefinedIfGone } from './session-kinds.ts';
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
    const listed = await listedIds(service, item && { itemId: item.id }, out);
    const found = await several(AT_ONCE, listed, async ({ kind, id }) => {
      const session = await SESSION_KINDS[kind].get(service, id).catch(undefinedIfGone);
      return session && { kind, session };
    });
    const there = found.filter(one => one !== undefined);
    const names = await several(AT_ONCE, there, ({ session }) => itemName(service, session.itemId));
    return there.map(({ kind, session }, index) => ({
      ...summaryOf(kind, session, clock.now()),
      item: { id: session.itemId, name: names[index] }
    }));
  });
  if (out.json) out.object({ sessions: rows });
  else {
    const cells = rows.map(({ id, kind, state, item, progress, expiresInMs }) => [
      id,
      kind,
      state,
      item.name ?? `id:${item.id}`,
      progress === undefined ? '-' : `${progress}%`,
      expiryOf(expiresInMs)
    ]);
    out.data(columns(['ID', 'KIND', 'STATE', 'ITEM', 'PROGRESS', 'EXPIRES'], cells, [4]));
  }
  return 0;
}

/** Who may look at sessions of one kind only (privileges differ) sees those, and is told of the others. */
async function listedIds(
  service: ContentLibrary,
  by: { itemId: string } | undefined,
  out: Output
): Promise<{ kind: SessionKind; id: string }[]> {
  const ids: { kind: SessionKind; id: string }[] = [];
  const refused: PortFailure[] = [];
  const kinds: SessionKind[] = ['update', 'download'];
  for (const kind of kinds) {
    try {
      for (const id of await SESSION_KINDS[kind].list(service, by)) ids.push({ kind, id });
    } catch (cause) {
      if (!(cause instanceof PortFailure) || cause.failure.code !== 'UNAUTHORIZED') throw cause;
      refused.push(cause);
      if (refused.length === kinds.length) throw refused[0];
      out.log('warning', `sessions for ${kind} are not listed: ${cause.failure.message}`);
    }
  }
  return ids;
}
