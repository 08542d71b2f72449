// What only whoever embeds the service can do to it.
import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../src/simulator/service/certificate.ts';
import { initialState } from '../../src/simulator/service/initial-state.ts';
import { law } from '../../src/simulator/service/law.ts';
import { findLink } from '../../src/simulator/service/links.ts';
import { readManifest } from '../../src/simulator/service/manifest.ts';
import { operate } from '../../src/simulator/service/operate.ts';
import { movedInto } from '../../src/simulator/service/pulls.ts';
import { changes, emptyTable, find, put, values, without } from '../../src/simulator/service/table.ts';
import { SELF_SIGNED } from './certificates.ts';
import { hash, type Model, Service, said } from './fixture.ts';

describe('the service', () => {
  it('should begin without libraries when none are named', () => {
    const context = { at: 0, user: '', uuid: () => 'id' };
    const state = initialState({ baseUrl: 'http://x', serverGuid: 'guid' }, context);
    expect(operate(law, state, 'library.list', {}, context).value).toEqual([]);
  });

  it('should let a defect through instead of answering it', () => {
    const s = new Service();
    const broken = () => {
      throw new Error('no more ids');
    };
    const args = { spec: { library_id: s.library(), name: 'x' } };
    const context = { ...s.context(), uuid: broken };
    expect(() => operate(law, s.state, 'item.create', args, context)).toThrow('no more ids');
  });

  it('should free the bytes of a body that belongs nowhere', () => {
    const s = new Service();
    const body = { size: 1, digests: [], blob: 'lost' };
    expect(s.happen({ type: 'received', transfer: 'unknown', ...body }).freed).toEqual(['lost']);
    const id = s.session();
    const transfer = s.add(id, 'a');
    s.happen({ type: 'begin', transfer });
    s.at += 300_001;
    expect(s.happen({ type: 'received', transfer, ...body }).freed).toEqual(['lost']);
  });

  it('should take a certificate whose text was not read for an unusable one', () => {
    expect(readCertificate(undefined)).toEqual({ fault: 'there is no certificate in it' });
  });

  it('should give a pull up when it breaks off for good, and the session with it', () => {
    const s = new Service({}, { dropIsError: true });
    const id = s.session();
    const args = { update_session_id: id };
    s.do('file.add', { ...args, spec: { name: 'a', source_type: 'PULL', source_endpoint: { uri: 'http://x' } } });
    s.complete(id);
    const transfer = s.transferOf(id, 'a');
    s.happen({ type: 'begin', transfer });
    s.happen({ type: 'dropped', transfer });
    expect(s.get(id)).toMatchObject({ state: 'ERROR', error_message: { id: 'shelver.simulator.transfer_broken' } });
    const [file] = s.do<Model[]>('file.list', args);
    expect(file?.status).toBe('ERROR');
  });

  it('should say which name of a file it does not take', () => {
    const s = new Service();
    const args = { update_session_id: s.session() };
    for (const name of ['..', 'a/b', 'x'.repeat(256)]) {
      expect(s.refusal('file.add', { ...args, spec: { name, source_type: 'PUSH' } })).toBe(
        `INVALID_ARGUMENT shelver.simulator.bad_file_name ${name}`
      );
    }
  });

  it('should know no download by a URL that it never gave', () => {
    const s = new Service();
    expect(findLink(s.state, 'none')).toBeUndefined();
    for (const type of ['readBegins', 'readEnds'] as const) {
      expect(said(s.happen({ type, link: 'none' }).error!)).toBe('NOT_FOUND shelver.simulator.no_such_download');
    }
  });

  it('should tell its product and its version', () => {
    const s = new Service();
    expect(s.do('system.version')).toEqual({ product: 'VMware vCenter Server', version: '8.0.0' });
  });

  it('should move what lies in the storage of the library itself, and nothing else', () => {
    const s = new Service();
    const id = s.session();
    const own = [`contentlib-${s.library()}/a.iso`, `vmfs/volumes/1/contentlib-${s.library()}/b.iso`];
    const uris = [`ds:///${own[0]}`, `DS:///${own[1]}`, `https://x/${own[0]}`, 'ds:///contentlib-other/c.iso'];
    for (const [index, uri] of uris.entries()) {
      const spec = { name: `${index}.iso`, source_type: 'PULL', source_endpoint: { uri } };
      s.do('file.add', { update_session_id: id, spec });
    }
    s.add(id, 'pushed.iso');
    expect(movedInto(s.state, find(s.state.sessions, id)!)).toEqual(uris.slice(0, 2));
  });

  it('should end the session of an item that is deleted in ERROR, and no other', () => {
    const s = new Service();
    const [one, other] = [s.item('', 'one'), s.item('', 'other')];
    const [mine, left] = [s.session(one), s.session(other)];
    s.do('item.delete', { library_item_id: one });
    expect([s.get(mine).state, s.get(left).state]).toEqual(['ERROR', 'ACTIVE']);
  });
});

describe('a manifest and a certificate', () => {
  it.each(['MD5', 'SHA1', 'SHA256', 'SHA512'])('should be read in %s', algorithm => {
    const checksum = hash(algorithm, 'x');
    const text = `${algorithm}(a.vmdk)= ${checksum.toUpperCase()}\n`;
    expect(readManifest(text)).toEqual({ text, digests: [{ name: 'a.vmdk', algorithm, checksum }] });
    expect(readManifest(`${algorithm}(a.vmdk)= ${checksum}0`)?.digests).toEqual([]);
  });

  it('should hold a signature on a line of its own only', () => {
    const line = 'SHA256(a.mf)= 00ff\n';
    const of = { of: 'a.mf', algorithm: 'SHA256', hex: '00ff' };
    expect(readCertificate(line + SELF_SIGNED)).toMatchObject({ signature: of });
    expect(readCertificate(SELF_SIGNED + line)).toMatchObject({ signature: of });
    expect(readCertificate(`# ${line}${SELF_SIGNED}`)).not.toHaveProperty('signature');
    expect(readCertificate(`SHA256(a.mf)= 00fg\n${SELF_SIGNED}`)).not.toHaveProperty('signature');
  });
});

describe('a table', () => {
  it('should tell what a change has put into it', () => {
    const before = ['a', 'b', 'c'].reduce((table, key) => put(table, key, key), emptyTable<string>());
    expect(changes(before, before)).toEqual([]);
    expect(changes(before, put(put(before, 'b', 'B'), 'd', 'D')).sort()).toEqual(['B', 'D']);
    expect(changes(before, without(before, 'a'))).toEqual([]);
  });

  it('should hold any key, and be left as it was by a change', () => {
    const empty = emptyTable<number>();
    const one = put(empty, '__proto__', 1);
    expect(find(one, '__proto__')).toBe(1);
    expect(find(empty, '__proto__')).toBeUndefined();
    expect(find(one, 'constructor')).toBeUndefined();
    expect(values(JSON.parse(JSON.stringify(one)))).toEqual([1]);
    expect(values(without(one, '__proto__'))).toEqual([]);
    expect(values(one)).toEqual([1]);
  });
});
