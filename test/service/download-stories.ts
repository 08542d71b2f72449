// What people do with download sessions, and what happens to them: together these take every line of their law.
import type { Service } from './fixture.ts';

type Story = (s: Service) => void;

const at = (id: string) => ({ download_session_id: id });
const fileAt = (id: string) => ({ ...at(id), file_name: 'a' });

/** Asks for everything that is not the end of the session, and reads. */
function everything(s: Service, id: string, link: string): void {
  s.ask('download.get', at(id));
  s.ask('download.keepAlive', { ...at(id), progress: 5 });
  s.ask('downloadFile.prepare', fileAt(id));
  s.ask('downloadFile.get', fileAt(id));
  s.happen({ type: 'readBegins', link });
  s.ask('downloadFile.list', at(id));
}

const ENDS: readonly ((s: Service, id: string, item: string) => void)[] = [
  (s, id) => s.ask('download.cancel', at(id)),
  (s, id) => s.ask('download.fail', { ...at(id), client_error_message: 'x' }),
  (s, id) => s.ask('download.delete', at(id)),
  (s, _, library_item_id) => s.ask('item.delete', { library_item_id }),
  s => {
    s.at += 300_001;
  }
];

export const DOWNLOAD_STORIES: readonly Story[] = [
  ...ENDS.flatMap(end =>
    [false, true].map(deleted => (s: Service) => {
      const item = s.published({ a: 'content' });
      const id = s.download(item);
      s.ask('downloadFile.prepare', fileAt(id));
      s.at += 100;
      const link = s.linkOf(id, 'a');
      everything(s, id, link);
      end(s, id, item);
      everything(s, id, link);
      if (deleted) s.ask('download.delete', at(id));
      else s.at += 2_000;
      s.ask('download.list');
    })
  ),
  // The session ends while a file is asked for, prepared, and has a link.
  ...[0, 30, 60].map(ms => (s: Service) => {
    const id = s.download(s.published({ a: 'content' }));
    s.ask('downloadFile.prepare', fileAt(id));
    s.at += ms;
    s.ask('downloadFile.prepare', fileAt(id));
    s.ask('download.cancel', at(id));
    s.ask('downloadFile.list', at(id));
  }),
  // The storage goes before a file is prepared, which is asked for again.
  s => {
    const id = s.download(s.published({ a: 'content' }));
    s.happen({ type: 'backingGone', library: s.library() });
    s.ask('downloadFile.prepare', fileAt(id));
    s.at += 100;
    s.ask('downloadFile.list', at(id));
    s.ask('downloadFile.prepare', fileAt(id));
    s.at += 100;
    s.ask('downloadFile.list', at(id));
  }
];
