// Download sessions as the service does them, without doors (DownloadSession and DownloadSession.File, vSphere API 8.0).
import { describe, expect, it } from 'vitest';
import { beginningOf } from '../../src/simulator/beginning.ts';
import { blobsOf } from '../../src/simulator/service/happen.ts';
import { findLink } from '../../src/simulator/service/links.ts';
import { hash, type Model, Service, START, said } from './fixture.ts';

const of = (id: string) => ({ download_session_id: id });
const fileOf = (id: string, name = 'a') => ({ ...of(id), file_name: name });
const SESSION_MS = 300_000;
const WRONG = 'NOT_ALLOWED_IN_CURRENT_STATE shelver.simulator.operation_in_wrong_state';

function opened(rules: ConstructorParameters<typeof Service>[1] = {}, content = 'content') {
  const s = new Service({}, rules);
  const item = s.published({ a: content, b: 'other' });
  return { s, item, id: s.download(item) };
}

describe('a download session', () => {
  it('should show what it is about, and end when it is deleted', () => {
    const { s, item, id } = opened();
    expect(s.do('download.get', of(id))).toEqual({
      id,
      library_item_id: item,
      library_item_content_version: '2',
      client_progress: 0,
      state: 'ACTIVE',
      expiration_time: new Date(START + SESSION_MS).toISOString()
    });
    expect(id).toMatch(/:guid$/);
    s.do('download.delete', of(id));
    expect(s.refusal('download.get', of(id))).toBe(`NOT_FOUND shelver.simulator.not_found download session ${id}`);
  });

  it('should need an item, which may be that of a subscribed library', () => {
    const library = { name: 'mirror', type: 'SUBSCRIBED', items: [{ name: 'copied' }] } as const;
    const s = new Service({ libraries: [library] });
    const [item] = s.do<string[]>('item.find', { spec: { name: 'copied' } });
    expect(s.do('downloadFile.list', of(s.download(item!)))).toEqual([]);
    expect(s.refusal('download.create', { spec: {} })).toContain('missing_property library_item_id');
    expect(s.refusal('download.create', { spec: { library_item_id: 'x' } })).toContain('NOT_FOUND');
  });

  it('should stand beside others on its item, listed in the order of creation, and one for each token', () => {
    const { s, item, id } = opened();
    const spec = { library_item_id: item };
    const token = { client_token: s.uuid() };
    const second = s.do<string>('download.create', { spec, ...token });
    expect(s.do('download.create', { spec, ...token })).toBe(second);
    const elsewhere = s.download(s.item('', 'two'));
    expect(s.do('download.list')).toEqual([id, second, elsewhere]);
    expect(s.do('download.list', { library_item_id: item })).toEqual([id, second]);
    expect(s.refusal('download.list', { library_item_id: 'x' })).toContain('NOT_FOUND');
    s.do('download.delete', of(second));
    expect(s.do('download.create', { spec, ...token })).not.toBe(second);
  });

  it('should be hidden from others, unless the rules say otherwise', () => {
    const { s, id } = opened();
    s.user = 'other';
    expect(s.do('download.list')).toEqual([]);
    for (const op of ['download.get', 'download.cancel', 'download.delete', 'downloadFile.list'] as const) {
      expect(s.refusal(op, of(id))).toContain('NOT_FOUND');
    }
    const open = opened({ foreignSessions: 'open' });
    open.s.user = 'other';
    expect(open.s.do('download.get', of(open.id))).toMatchObject({ id: open.id });
    expect(open.s.do('download.list')).toEqual([]);
  });

  it('should not be one too many', () => {
    const { s, item } = opened({ maxSessions: 2 });
    s.download(item);
    expect(s.refusal('download.create', { spec: { library_item_id: item } })).toBe(
      'UNABLE_TO_ALLOCATE_RESOURCE shelver.simulator.too_many download sessions 2'
    );
  });

  it('should be kept alive, with a progress that does not fall', () => {
    const { s, id } = opened();
    s.at += SESSION_MS;
    s.do('download.keepAlive', { ...of(id), progress: 40 });
    s.at += SESSION_MS;
    s.do('download.keepAlive', { ...of(id), progress: 30 });
    s.at += SESSION_MS;
    s.do('download.keepAlive', of(id));
    expect(s.do('download.get', of(id))).toMatchObject({ client_progress: 40, state: 'ACTIVE' });
    for (const progress of [-1, 101]) {
      expect(s.refusal('download.keepAlive', { ...of(id), progress })).toContain(`bad_progress ${progress}`);
    }
    s.at += SESSION_MS + 1;
    expect(s.refusal('download.keepAlive', of(id))).toContain('NOT_FOUND');
  });

  it('should show as failed when it has expired, until it is swept', () => {
    const { s, id } = opened({ expiredGraceMs: 1000 });
    s.do('downloadFile.prepare', fileOf(id));
    s.at += SESSION_MS + 1;
    expect(s.do('download.get', of(id))).toMatchObject({
      state: 'ERROR',
      error_message: { default_message: 'The download session has expired.' }
    });
    expect(s.do('downloadFile.get', fileOf(id))).toEqual({ name: 'a', status: 'UNPREPARED', bytes_transferred: 0 });
    expect(s.refusal('download.cancel', of(id))).toBe(`${WRONG} cancel ERROR The download session has expired.`);
    s.at += 1000;
    expect(s.refusal('download.get', of(id))).toContain('NOT_FOUND');
  });

  it('should expire when it is told to, and only once', () => {
    const { s, id } = opened({ expiredGraceMs: 1000 });
    expect(s.happen({ type: 'expire', session: id }).error).toBeUndefined();
    expect(s.do('download.get', of(id))).toMatchObject({ state: 'ERROR' });
    expect(said(s.happen({ type: 'expire', session: id }).error!)).toContain(WRONG);
  });

  it('should fail with the words of the client, and go after a while', () => {
    const { s, id } = opened({ endedKeptMs: 1000 });
    expect(s.refusal('download.fail', of(id))).toContain('missing_property client_error_message');
    s.do('download.fail', { ...of(id), client_error_message: 'no room' });
    expect(s.do('download.get', of(id))).toMatchObject({
      state: 'ERROR',
      error_message: { id: 'shelver.simulator.client_error', default_message: 'no room', args: ['no room'] }
    });
    s.at += 1001;
    expect(s.do('download.list')).toEqual([]);
  });

  it('should fail when its item is deleted, where that is not refused', () => {
    const { s, item, id } = opened();
    const elsewhere = s.download(s.item('', 'two'));
    s.do('item.delete', { library_item_id: item });
    expect(s.do('download.get', of(id))).toMatchObject({
      state: 'ERROR',
      error_message: { id: 'shelver.simulator.item_deleted' }
    });
    expect(s.do('download.get', of(elsewhere))).toMatchObject({ state: 'ACTIVE' });
    const strict = opened({ itemDeleteUnderSession: 'refuse' });
    expect(strict.s.refusal('item.delete', { library_item_id: strict.item })).toContain('item_in_use');
    strict.s.do('download.cancel', of(strict.id));
    strict.s.do('item.delete', { library_item_id: strict.item });
    expect(strict.s.do('download.get', of(strict.id))).toMatchObject({ state: 'CANCELED' });
  });

  it('should be unknown to what was saved before there were downloads', () => {
    const { downloads: _, links: __, ...old } = opened().s.state;
    const options = { baseUrl: 'https://vc', libraries: [] };
    const restored = beginningOf(options, { at: START, user: '', uuid: () => 'x' }, old, () => ({ name: '' }));
    expect(restored.downloads.every(bucket => Object.keys(bucket).length === 0)).toBe(true);
    expect(findLink(restored, 'x')).toBeUndefined();
  });
});

describe('a file of a download session', () => {
  it('should have a link when it is prepared, and not before', () => {
    const { s, id } = opened();
    const unprepared = (name: string) => ({ name, status: 'UNPREPARED', bytes_transferred: 0 });
    expect(s.do('downloadFile.list', of(id))).toEqual([unprepared('a'), unprepared('b')]);
    const prepared = s.do<Model>('downloadFile.prepare', fileOf(id));
    const link = s.linkOf(id, 'a');
    expect(prepared).toEqual({
      name: 'a',
      status: 'PREPARED',
      bytes_transferred: 0,
      download_endpoint: { uri: `https://vc/cls/data/${link}/a` }
    });
    expect(s.do('downloadFile.prepare', fileOf(id))).toEqual(prepared);
    expect(s.do('downloadFile.list', of(id))).toEqual([prepared, unprepared('b')]);
    expect(findLink(s.state, link)).toMatchObject({ sessionId: id, fileName: 'a', size: 7 });
  });

  it('should take its time where the rules say so', () => {
    const { s, id } = opened({ preparingMs: 1000 });
    const status = () => s.do<Model>('downloadFile.get', fileOf(id)).status;
    expect(s.do('downloadFile.prepare', fileOf(id))).toMatchObject({ status: 'PREPARE_REQUESTED' });
    s.at += 499;
    expect(status()).toBe('PREPARE_REQUESTED');
    s.at += 1;
    expect(status()).toBe('PREPARING');
    expect(s.do('downloadFile.prepare', fileOf(id))).toMatchObject({ status: 'PREPARING' });
    s.at += 499;
    expect(status()).toBe('PREPARING');
    expect(s.state.dueAt).toBe(START + 1000);
    s.at += 1;
    expect(s.do('downloadFile.get', fileOf(id))).toMatchObject({ status: 'PREPARED', download_endpoint: {} });
  });

  it('should be read, and told with size and checksum from then on', () => {
    const { s, id } = opened();
    s.do('downloadFile.prepare', fileOf(id));
    const link = s.linkOf(id, 'a');
    s.at += SESSION_MS;
    expect(s.happen({ type: 'readBegins', link }).error).toBeUndefined();
    s.at += SESSION_MS;
    expect(s.do('downloadFile.get', fileOf(id))).not.toHaveProperty('checksum_info');
    s.happen({ type: 'readEnds', link });
    expect(s.do('downloadFile.get', fileOf(id))).toMatchObject({
      status: 'PREPARED',
      bytes_transferred: 7,
      size: 7,
      checksum_info: { algorithm: 'SHA1', checksum: hash('SHA1', 'content') },
      download_endpoint: {}
    });
  });

  it('should be read nowhere when the session has ended', () => {
    for (const end of ['download.cancel', 'download.delete', 'expire'] as const) {
      const { s, id } = opened();
      s.do('downloadFile.prepare', fileOf(id));
      const link = s.linkOf(id, 'a');
      if (end === 'expire') s.at += SESSION_MS + 1;
      else s.do(end, of(id));
      const gone = 'NOT_FOUND shelver.simulator.no_such_download';
      expect(said(s.happen({ type: 'readBegins', link }).error!)).toBe(gone);
      expect(said(s.happen({ type: 'readEnds', link }).error!)).toBe(gone);
      expect(findLink(s.state, link)).toBeUndefined();
    }
  });

  it('should be refused when it is none, or when the session is not ACTIVE', () => {
    const { s, id } = opened();
    const missing = 'INVALID_ARGUMENT shelver.simulator.no_such_file c';
    expect(s.refusal('downloadFile.prepare', fileOf(id, 'c'))).toBe(missing);
    expect(s.refusal('downloadFile.get', fileOf(id, 'c'))).toBe(missing);
    expect(s.refusal('downloadFile.get', of(id))).toContain('missing_property file_name');
    expect(s.refusal('downloadFile.list', {})).toContain('missing_property download_session_id');
    expect(s.refusal('downloadFile.prepare', { ...fileOf(id), endpoint_type: 'FTP' })).toBe(
      'INVALID_ARGUMENT shelver.simulator.bad_endpoint_type FTP'
    );
    s.do('download.cancel', of(id));
    expect(s.refusal('downloadFile.prepare', fileOf(id))).toBe(`${WRONG} prepare CANCELED `);
    expect(s.do('downloadFile.list', of(id))).toHaveLength(2);
  });

  it('should lead to the storage itself for those who may read there', () => {
    const direct = (id: string) => ({ ...fileOf(id), endpoint_type: 'DIRECT' });
    const { s, id } = opened({ readStorage: false });
    expect(s.refusal('downloadFile.prepare', direct(id))).toContain('UNAUTHORIZED');
    const trusted = opened();
    expect(trusted.s.do('downloadFile.prepare', direct(trusted.id))).toMatchObject({
      download_endpoint: { uri: expect.stringMatching(/^ds:\/\/\/vmfs\/volumes\/.*\/a_blob-1\?serverId=guid$/) }
    });
  });

  it('should be in ERROR when its bytes cannot be had, and be asked for again', () => {
    const { s, id } = opened();
    s.happen({ type: 'backingGone', library: s.library() });
    const failed = {
      name: 'a',
      status: 'ERROR',
      bytes_transferred: 0,
      error_message: { id: 'shelver.simulator.not_readable' }
    };
    for (const _ of [1, 2]) expect(s.do('downloadFile.prepare', fileOf(id))).toMatchObject(failed);
    expect(s.do('downloadFile.get', fileOf(id))).not.toHaveProperty('download_endpoint');
    expect(s.do('download.get', of(id))).toMatchObject({ state: 'ACTIVE' });
  });
});

describe('the bytes of a download session', () => {
  it('should stay as they were when it was created, whatever becomes of the item, and go with the last reader', () => {
    const { s, item, id } = opened();
    const second = s.download(item);
    const blob = (session: string) => {
      s.do('downloadFile.prepare', fileOf(session));
      return findLink(s.state, s.linkOf(session, 'a'))!.blob;
    };
    const before = blob(id);
    const update = s.session(item);
    s.push(update, 'a', 'new content');
    s.complete(update);
    expect(s.freed).not.toContain(before);
    expect(blobsOf(s.state)).toContain(before);
    expect(blob(second)).toBe(before);
    expect(blob(s.download(item))).not.toBe(before);
    s.do('download.cancel', of(id));
    s.do('download.delete', of(id));
    expect(s.freed).not.toContain(before);
    s.do('download.delete', of(second));
    expect(s.freed.filter(freed => freed === before)).toEqual([before]);
    expect(blobsOf(s.state)).not.toContain(before);
  });

  it('should go with the item', () => {
    const { s, item } = opened();
    const held = blobsOf(s.state);
    s.do('item.delete', { library_item_id: item });
    expect(new Set(s.freed)).toEqual(new Set(held));
    expect(blobsOf(s.state)).toEqual([]);
  });
});
