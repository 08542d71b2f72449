// shelver sessions show: one session with its files. The addresses that bytes go to and come from are never shown: whoever
// has one may write, or read.
import type { DownloadFile, SessionFile } from '../../machines/vocabulary.ts';
import type { ContentLibrary } from '../ports.ts';
import { harmless, sizeOf } from '../view/words.ts';
import { columns } from './columns.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';
import { withConnection } from './server.ts';
import { expiryOf, findSession, itemName, type SessionKind, sessionIdOf, summaryOf } from './session-kinds.ts';

export async function showSession(text: string, flags: CommonFlags, context: Context): Promise<number> {
  const id = sessionIdOf(text);
  const { out } = context;
  const shown = await withConnection(flags, context, async ({ library: service, clock }) => {
    const { kind, session } = await findSession(service, id);
    const files = await filesOf(service, kind, session.id);
    const item = { id: session.itemId, name: await itemName(service, session.itemId) };
    const preview = kind === 'update' ? session.preview : undefined;
    return { ...summaryOf(kind, session, clock.now()), item, preview, files };
  });
  if (out.json) {
    out.object({ session: shown });
    return 0;
  }
  const lines: [string, string | undefined][] = [
    ['session', shown.id],
    ['kind', shown.kind],
    ['state', shown.state],
    ['item', shown.item.name === undefined ? `id:${shown.item.id}` : `${shown.item.name} (${shown.item.id})`],
    ['progress', `${shown.progress}%`],
    ['expires', expiryOf(shown.expiresInMs)],
    ['error', shown.errorMessage],
    ...(shown.preview?.warnings ?? []).map(({ type, message, ignored }): [string, string] => [
      'warning',
      `${type}${ignored ? ', ignored' : ''}: ${message}`
    ])
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
  const moved = shown.kind === 'update' ? 'ACCEPTED' : 'MOVED';
  if (cells.length > 0) out.data(`\n${columns(['FILE', 'STATUS', moved, 'SIZE', ''], cells, [2, 3])}`);
  return 0;
}

type ShownFile = Pick<SessionFile | DownloadFile, 'name' | 'status' | 'bytesTransferred' | 'size' | 'errorMessage'>;

async function filesOf(service: ContentLibrary, kind: SessionKind, id: string): Promise<ShownFile[]> {
  if (kind === 'download') {
    return (await service.listDownloadFiles(id)).map(({ downloadUri: _, extra: __, ...file }) => file);
  }
  return (await service.listFiles(id)).map(({ uploadUri: _, extra: __, ...file }) => file);
}
