// The trial: what it shows, and that nothing is left of it, whatever happens on the way.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { Finding } from '../../src/doctor/check.ts';
import { journalCheck } from '../../src/doctor/machine.ts';
import { libraryCheck } from '../../src/doctor/shelf.ts';
import { proxyCheck, settingsCheck } from '../../src/doctor/way.ts';
import { endpointCheck, pushCheck, undoCheck, writeCheck } from '../../src/doctor/writing.ts';
import type { Journal, Ports } from '../../src/ports.ts';
import type { Reach } from '../../src/reach.ts';
import type { Fault, Simulator } from '../../src/simulator/index.ts';
import { values } from '../../src/simulator/service/table.ts';
import { knowing, patient, refusing, SHOWN, WHERE } from './patient.ts';

interface Settings {
  readonly reaches?: Partial<Reach>;
  readonly faults?: readonly Fault[];
  readonly ports?: (ports: Ports) => Partial<Ports>;
  readonly journal?: Journal;
  readonly signal?: AbortSignal;
  readonly roles?: boolean;
}

async function tried(settings: Settings = {}): Promise<{ by: Record<string, Finding>; simulator: Simulator }> {
  const { reaches, faults = [], ports = () => ({}), signal } = settings;
  const its = patient({ ...(reaches && { reaches }), ...(signal && { signal }), house: { faults } });
  const server = await its.means.connect();
  const known = { server: { ...server, ...ports(server) } };
  const findings = await its.look(
    settingsCheck,
    proxyCheck,
    journalCheck,
    knowing(libraryCheck, known),
    writeCheck,
    endpointCheck,
    pushCheck,
    undoCheck
  );
  return { by: Object.fromEntries(findings.map(finding => [finding.id, finding])), simulator: its.simulator };
}

const left = ({ state }: Simulator) => ({
  items: values(state.items).length,
  sessions: values(state.sessions).filter(session => session.state === 'ACTIVE').length
});
const NOTHING = { items: 0, sessions: 0 };

describe('a trial', () => {
  it('should make an item, send some bytes, and leave nothing', async () => {
    const { by, simulator } = await tried();
    expect(by.write).toMatchObject({ result: 'ok', facts: { item: expect.stringMatching(/^shelver-doctor-/) } });
    expect(by.endpoint).toMatchObject({ result: 'ok', facts: { place: 'vc.example:443', withLogin: true } });
    expect(by.push).toMatchObject({ result: 'ok', facts: { bytes: 45 } });
    expect(by.undo).toMatchObject({ result: 'ok', message: 'nothing is left of it' });
    expect(left(simulator)).toEqual(NOTHING);
    expect(simulator.requests.map(({ op }) => op)).not.toContain('session.complete');
  });

  it('should say which privilege is missing', async () => {
    const { by, simulator } = await tried({
      faults: [{ on: 'item.create', do: 'answer', status: 403, message: 'no ContentLibrary.AddLibraryItem' }]
    });
    expect(by.write).toMatchObject({ result: 'failed', code: 'UNAUTHORIZED' });
    expect([by.endpoint?.result, by.push?.result, by.undo?.result]).toEqual(['skipped', 'skipped', 'ok']);
    expect(left(simulator)).toEqual(NOTHING);
  });

  it('should tell where bytes go when that is another host', async () => {
    const to = { ...WHERE, host: 'esx1.example', place: 'esx1.example:443' };
    const { by } = await tried({ reaches: { leadsTo: () => ({ to, withLogin: false }) } });
    expect(by.endpoint).toMatchObject({
      result: 'ok',
      message: 'bytes go to esx1.example:443, another host, which does not get the login (0 ms)',
      facts: { sha256: SHOWN.sha256 }
    });
    const old = { ...SHOWN, validUntil: 0 };
    const soon = await tried({ reaches: { leadsTo: () => ({ to, withLogin: false }), greet: async () => old } });
    expect(soon.by.endpoint).toMatchObject({ result: 'warning', next: expect.stringContaining('renewed') });
    const plain = await tried({
      reaches: { leadsTo: () => ({ to: { ...to, secure: false }, withLogin: false }) }
    });
    expect(plain.by.endpoint).toMatchObject({ result: 'warning', message: expect.stringContaining('without encrypt') });
  });

  it('should send nothing to a place that cannot be reached or believed', async () => {
    const closed = await tried({ reaches: { dial: refusing('CONNECTION', 'nobody answers at esx1') } });
    expect(closed.by.endpoint).toMatchObject({
      result: 'failed',
      code: 'CONNECTION',
      message: 'the place that the server gave for bytes: nobody answers at esx1',
      next: expect.stringContaining('firewall')
    });
    expect([closed.by.push?.result, closed.by.undo?.result]).toEqual(['skipped', 'ok']);
    expect(left(closed.simulator)).toEqual(NOTHING);
    expect(closed.simulator.requests.map(({ op }) => op)).not.toContain('put');
    const refused = failure('TLS_UNTRUSTED', 'self-signed');
    const strange = await tried({ reaches: { greet: async () => ({ ...SHOWN, refused }) } });
    expect(strange.by.endpoint).toMatchObject({ code: 'TLS_UNTRUSTED', next: expect.stringContaining('--ca-file') });
    const advised = await tried({ reaches: { lookUp: refusing('BAD_ADDRESS', 'no host', { next: 'ask' }) } });
    expect(advised.by.endpoint).toMatchObject({ code: 'BAD_ADDRESS', next: 'ask' });
    const proxy = { ...WHERE, host: 'px.example' };
    // Through a proxy it is not from here that the name is looked up.
    const through = await tried({ reaches: { proxy, lookUp: refusing('BAD_ADDRESS') } });
    expect(through.by.endpoint?.result).toBe('ok');
  });

  it('should say that bytes were not taken', async () => {
    const { by, simulator } = await tried({ faults: [{ on: 'put', do: 'answer', status: 400, message: 'no room' }] });
    expect(by.push).toMatchObject({ result: 'failed', code: 'TRANSFER_REFUSED', message: 'no room' });
    expect(by.undo?.result).toBe('ok');
    expect(left(simulator)).toEqual(NOTHING);
  });

  it('should say what it could not take away', async () => {
    const stuck = await tried({
      faults: [{ on: ['session.cancel', 'session.fail', 'session.delete'], do: 'answer', status: 400, times: 'always' }]
    });
    expect(stuck.by.undo).toMatchObject({
      result: 'warning',
      message: expect.stringMatching(/^left on the server: session /),
      next: 'run shelver cleanup in a while'
    });
    const open = await tried({
      ports: ({ library }) => {
        let ended = false;
        return {
          library: {
            ...library,
            deleteSession: async (id, call) => {
              await library.deleteSession(id, call);
              ended = true;
            },
            getSession: (id, call) =>
              ended ? Promise.resolve({ id, state: 'ACTIVE', itemId: 'i' }) : library.getSession(id, call)
          }
        };
      }
    });
    expect(open.by.undo).toMatchObject({ result: 'failed', message: expect.stringContaining('is open') });
    const unknown = await tried({
      ports: ({ library }) => {
        let calls = 0;
        return {
          library: {
            ...library,
            deleteItem: refusing('CONNECTION', 'cut'),
            findItems: async by => {
              calls += 1;
              return calls > 1 ? refusing('CONNECTION', 'cut')() : library.findItems(by);
            }
          }
        };
      }
    });
    expect(unknown.by.undo).toMatchObject({ result: 'failed', message: expect.stringContaining('is not known: cut') });
  });

  it('should take its own file away where a server shows it early', async () => {
    const { by, simulator } = await tried({
      ports: ({ library }) => ({
        library: { ...library, listItemFiles: async () => [{ name: 'shelver-doctor.txt', size: 45 }] }
      })
    });
    expect(by.undo?.result).toBe('ok');
    expect(left(simulator)).toEqual(NOTHING);
  });

  it('should end in order when it is interrupted', async () => {
    const abort = new AbortController();
    const { by, simulator } = await tried({
      signal: abort.signal,
      reaches: {
        dial: async () => {
          abort.abort('Ctrl-C');
          return { tookMs: 1 };
        }
      }
    });
    expect(left(simulator)).toEqual(NOTHING);
    expect(by.undo).toMatchObject({ result: expect.stringMatching(/failed|skipped/) });
  });
});
