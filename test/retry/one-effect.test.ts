// Every call of a run, lost before or after the server acted, on every kind of server and wherever the client token goes: what
// the run wants is done once, and what the call makes is made once.
import { describe, expect, it } from 'vitest';
import type { Ports, ServerProfile } from '../../src/ports.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import type { Fault } from '../../src/simulator/faults.ts';
import { toFailure } from '../../src/wire/failures.ts';
import { bytesOf } from '../run/bytes.ts';
import { bytesFrom, downloadStage } from '../scenarios/download-stage.ts';
import { left, portStage } from '../scenarios/stage.ts';

const CONTENT = bytesFrom(3, 2_000);
const spec = { to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(CONTENT) }] };

/** Calls that change something. */
const UPLOAD = [
  'item.create',
  'session.create',
  'file.add',
  'put',
  'file.validate',
  'session.complete',
  'session.delete'
] as const;
const DOWNLOAD = ['download.create', 'downloadFile.prepare', 'get', 'download.delete'] as const;
const CLEANUP = ['session.fail', 'session.delete', 'item.delete'] as const;
const LOSSES: readonly (readonly [string, (on: string) => Fault])[] = [
  ['before it acted', on => ({ on, do: 'refuse' })],
  ['after it acted', on => ({ on, do: 'loseAnswer' })],
  ['before it acted, answered 500', on => ({ on, do: 'answer', status: 500 })],
  ['by a gateway', on => ({ on, do: 'answer', status: 502 })]
];
interface Server {
  readonly profile: ServerProfile;
  readonly ports: (ports: Ports) => Ports;
}
const asItIs = (ports: Ports): Ports => ports;
const FORGETFUL: Server = { profile: PROFILES['8.0'], ports: withoutToken };
const SERVERS: readonly (readonly [string, Server])[] = [
  ['takes the token in the body', { profile: PROFILES['6.5'], ports: asItIs }],
  ['takes the token in the query', { profile: PROFILES['8.0'], ports: asItIs }],
  ['takes the token in a header', { profile: PROFILES['9.0'], ports: asItIs }],
  ['is vcsim', { profile: PROFILES.vcsim, ports: asItIs }],
  ['honours no token', FORGETFUL]
];

/** Requests that the server has acted on, whether or not anybody heard of it. */
function acted(
  { requests }: { requests: readonly { op: string; status?: number; fault?: string }[] },
  op: string
): number {
  return requests.filter(its => its.op === op && (its.fault === 'loseAnswer' || (its.status ?? 500) < 300)).length;
}

/** An upload with these faults, and what there is once it has ended. */
async function uploaded({ profile, ports }: Server, faults: readonly Fault[]): Promise<void> {
  const stage = portStage({ profile });
  for (const fault of faults) stage.simulator.inject(fault);
  const { report } = await stage.play(spec, { ports });
  expect([report.outcome, report.failure]).toEqual(['done', undefined]);
  expect(left(stage)).toEqual({ sessions: [], items: ['fox'] });
  for (const op of ['item.create', 'session.create']) expect([op, acted(stage.simulator, op)]).toEqual([op, 1]);
  // One step of the item's version: it was completed once.
  expect(report.item?.contentVersion).toBe('2');
}
async function cleanedUp({ profile, ports }: Server, faults: readonly Fault[]): Promise<void> {
  const stage = portStage({ profile });
  stage.simulator.inject({ on: 'file.validate', do: 'answer', status: 400 });
  for (const fault of faults) stage.simulator.inject(fault);
  const { report } = await stage.play(spec, { ports });
  expect(report).toMatchObject({ outcome: 'failed', left: false, notes: [] });
  expect(left(stage)).toEqual({ sessions: [], items: [] });
}

describe.each(SERVERS)('a server that %s', (_, server) => {
  it.each(LOSSES)('should do once what each call wants, when every one of them is lost once %s', (_how, fault) =>
    uploaded(server, UPLOAD.map(fault))
  );
  it.each(LOSSES)('should be left as it was, when every call of cleaning up is lost once %s', (_how, fault) =>
    cleanedUp(server, CLEANUP.map(fault))
  );
});

describe.each(LOSSES)('one answer lost %s', (_, fault) => {
  it.each(UPLOAD)('should make no second one: %s', op => uploaded(FORGETFUL, [fault(op)]));
  it.each(CLEANUP)('should leave nothing when a run cleans up: %s', op => cleanedUp(FORGETFUL, [fault(op)]));
});

describe.each(LOSSES)('a download whose answer is lost %s', (_how, fault) => {
  it.each(DOWNLOAD)('should make no second one: %s', async op => {
    const stage = await downloadStage({ 'fox.bin': CONTENT }, { faults: [fault(op)] });
    const { report } = await stage.play({ ports: withoutToken });
    expect([report.outcome, report.failure]).toEqual(['done', undefined]);
    expect(acted(stage.simulator, 'download.create')).toBe(1);
  });
});

it('should hold a 502 for a doubt, unless the service itself says it', () => {
  const more = { status: 502, messages: [] };
  expect(toFailure(more, 'session.create')).toMatchObject({ code: 'UNAVAILABLE', ambiguous: true });
  expect(toFailure({ ...more, errorType: 'SERVICE_UNAVAILABLE' }, 'x').ambiguous).toBeUndefined();
  expect(toFailure({ ...more, status: 503 }, 'x').ambiguous).toBeUndefined();
});

/** A server that honours the token nowhere never sees it. */
function withoutToken(ports: Ports): Ports {
  const library = new Proxy(ports.library, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => method.apply(target, args.map(tokenless));
    }
  });
  return { ...ports, library };
}

function tokenless(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !('token' in arg)) return arg;
  const { token: _, ...rest } = arg;
  return rest;
}
