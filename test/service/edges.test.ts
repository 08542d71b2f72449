// What only whoever embeds the service can do to it.
import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../src/simulator/service/certificate.ts';
import { initialState } from '../../src/simulator/service/initial-state.ts';
import { law } from '../../src/simulator/service/law.ts';
import { operate } from '../../src/simulator/service/operate.ts';
import { emptyTable, find, put, values, without } from '../../src/simulator/service/table.ts';
import { type Model, Service } from './fixture.ts';

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
});

describe('a table', () => {
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
