// The operations on download sessions (DownloadSession, vSphere API 8.0). Any number of them may be open on an item, and on
// an item of a subscribed library, too.
import type { DownloadSessionEvent } from '../../../machines/service/download-session.ts';
import type { WireArgs } from '../../wire/operations.ts';
import { begun, ownIds, progressed } from './any-session.ts';
import { needed, specOf } from './arguments.ts';
import { downloadOf, enterDownload, judgedDownload, keepDownload } from './download-work.ts';
import { beginning } from './law.ts';
import { anySession } from './present.ts';
import { holds } from './privileges.ts';
import { message } from './refusals.ts';
import type { DownloadState } from './state.ts';
import { itemOf, touched, type Work } from './work.ts';

/** The session shows the item's files as they are now. */
export function createDownload(work: Work, args: WireArgs, token?: string): string {
  const item = itemOf(work, needed(specOf(args), 'library_item_id'));
  const { law, state } = work;
  const session = begun(work, 'download', { item, machine: law.downloadSession, others: state.downloads, token });
  keepDownload(work, {
    ...session,
    readsStorage: holds(work.state, work.context.user, 'ContentLibrary.ReadStorage'),
    files: item.files.map(stored => ({
      name: stored.name,
      state: beginning(work.law.downloadFile),
      stored,
      downloaded: false
    }))
  });
  return session.id;
}

export function listDownloads(work: Work, args: WireArgs): string[] {
  return ownIds(work, work.state.downloads, args);
}

export function getDownload(work: Work, args: WireArgs): unknown {
  return anySession(allowedDownload(work, args, { type: 'get' }, 'get'));
}

export function keepDownloadAlive(work: Work, args: WireArgs): void {
  const session = allowedDownload(work, args, { type: 'keepAlive' }, 'keep-alive');
  keepDownload(work, progressed(session, args.progress));
}

export function cancelDownload(work: Work, args: WireArgs): void {
  end(work, args, { type: 'cancel' });
}

export function failDownload(work: Work, args: WireArgs): void {
  const text = needed(args, 'client_error_message');
  end(work, args, { type: 'fail' }, message('client_error', text, text));
}

export function deleteDownload(work: Work, args: WireArgs): void {
  end(work, args, { type: 'delete' });
}

/** The session, if the law allows the event in its state; as something was done with it, it lives on. */
export function allowedDownload(
  work: Work,
  args: WireArgs,
  event: DownloadSessionEvent,
  operation: string
): DownloadState {
  const session = downloadOf(work, needed(args, 'download_session_id'));
  const state = judgedDownload(work, session, event, operation);
  const after = touched(work, { ...session, state });
  keepDownload(work, after);
  return after;
}

function end(work: Work, args: WireArgs, event: DownloadSessionEvent, why?: DownloadState['errorMessage']): void {
  const session = downloadOf(work, needed(args, 'download_session_id'));
  enterDownload(work, session, judgedDownload(work, session, event), why);
}
