// Seeded worlds for the tests of whole runs: a simulator with faults, a client, files; the same seed is the same world.
import { createHash } from 'node:crypto';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { Ports, Random } from '../../src/ports.ts';
import {
  createSimulator,
  type Rules,
  type Simulator,
  seededRandom,
  type VirtualClock,
  virtualClock
} from '../../src/simulator/index.ts';
import type { IfExists, OwnFile, UploadSpec } from '../../src/spec.ts';
import { bytesOf } from './bytes.ts';

export interface World {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly ports: Ports;
  readonly spec: UploadSpec;
  /** After how many events of the log somebody asks the run to end, if anybody does. */
  readonly cancelAfter?: number;
}

const CALLS = ['library.find', 'item.find', 'item.create', 'session.*', 'file.*', 'put', '*'];
const ANYWHERE = [
  { do: 'refuse' },
  { do: 'answer', status: 503, retryAfter: 2 },
  { do: 'answer', status: 429, retryAfter: 3, retryAfterAs: 'date' },
  { do: 'answer', status: 500 },
  { do: 'loseAnswer' },
  { do: 'late', delayMs: 900 },
  { do: 'late', delayMs: 4_000 },
  { do: 'stall' },
  { do: 'slow', bytesPerSecond: 100 }
];
const IN_A_BODY = [
  { do: 'reset', afterBytes: 100 },
  { do: 'corrupt', atByte: 3 },
  { do: 'transferError', afterBytes: 50 },
  { do: 'answer', status: 503, retryAfter: 1, afterBytes: 70 },
  { do: 'stall', afterBytes: 60 }
].map(its => ({ ...its, on: 'put' }));
const ON_A_SESSION = ['session.get', 'file.add', 'put', 'session.complete', 'session.keepAlive'].map(on => ({
  do: 'expireSession',
  on
}));
/** What no patience gets over. */
const FOR_GOOD = [
  { on: 'put', do: 'reset', afterBytes: 10 },
  { on: 'put', do: 'corrupt' },
  { on: 'session.create', do: 'answer', status: 503 },
  { on: 'file.add', do: 'answer', status: 400 },
  { on: 'session.complete', do: 'answer', status: 500 },
  { on: 'item.create', do: 'loseAnswer' },
  { on: 'file.validate', do: 'refuse' }
].map(its => ({ ...its, times: 'always' }));

/** What the server of every world can fetch. */
const PULLED = { pull: 'http://mirror.example/pulled.bin?sig=canary', size: 700_000 };

/** The same world, in which the server fetches a file by itself besides what it is sent, or instead of that. */
export function pullingWorldOf(seed: number): World {
  const world = worldOf(seed);
  const files = seed % 3 === 0 ? [...world.spec.files.slice(0, 1), PULLED] : [PULLED];
  return { ...world, spec: { ...world.spec, files: files.filter(file => !/ovf/.test(JSON.stringify(file))) } };
}

export function worldOf(seed: number): World {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const chance = (of: number): boolean => random.next() < of;
  const faults: object[] = Array.from({ length: Math.floor(random.next() * 4) }, () => ({
    ...pick<object>([...ANYWHERE.map(its => ({ ...its, on: pick(CALLS) })), ...IN_A_BODY, ...ON_A_SESSION]),
    times: 1 + Math.floor(random.next() * 2),
    skip: Math.floor(random.next() * 3)
  }));
  if (chance(0.12)) faults.push(pick(FOR_GOOD));
  const rules: Partial<Rules> = {
    mismatch: pick(['refuse', 'acceptThenError', 'sessionError']),
    dropIsError: chance(0.2),
    validatingMs: pick([0, 0, 700]),
    expiredGraceMs: pick([0, 0, 60_000])
  };
  const there = chance(0.3);
  const clock = virtualClock();
  const simulator = createSimulator({
    clock,
    seed,
    libraries: [{ name: 'images', ...(there && { items: [{ name: 'item' }] }) }],
    faults,
    rules,
    pull: { sources: { [PULLED.pull]: new Uint8Array(700_000).fill(7) } },
    ...(chance(0.2) && { bandwidth: 2_000 })
  });
  const ports = simulator.connect({
    journal: memoryJournal(),
    random: seededRandom(seed + 1),
    latencyMs: [1, 20],
    stallMs: 5_000
  });
  const files = chance(0.3) ? ovfPackage(random) : plainFiles(random);
  const ifExists: IfExists = there ? pick(['update', 'update', 'replace', 'skip', 'fail']) : 'update';
  const spec = { to: 'images/item', files, ifExists, parallel: 1 + Math.floor(random.next() * 4) };
  const cancelAfter = chance(0.25) ? Math.floor(random.next() * 90) : undefined;
  return { clock, simulator, ports, spec, cancelAfter };
}

function plainFiles(random: Random): OwnFile[] {
  return Array.from({ length: 1 + Math.floor(random.next() * 4) }, (_, index) => ({
    name: `disk${index}.bin`,
    source: bytesOf(new Uint8Array(Math.floor(random.next() * 5_000)).fill(index + 1), 1_000)
  }));
}

/** An OVF package as sources: with or without a manifest, and now and then a manifest that is wrong about a disk. */
export function ovfPackage(random: Random): OwnFile[] {
  const disks = Array.from({ length: 1 + Math.floor(random.next() * 3) }, (_, index) => ({
    name: `vm-disk${index}.vmdk`,
    bytes: new Uint8Array(200 + Math.floor(random.next() * 5_000)).fill(index + 65)
  }));
  const hrefs = disks.map(({ name, bytes }) => `<File href="${name}" size="${bytes.length}"/>`).join('');
  const descriptor = { name: 'vm.ovf', bytes: Buffer.from(`<Envelope><References>${hrefs}</References></Envelope>`) };
  const lines = [descriptor, ...disks].map(({ name, bytes }) => {
    const wrong = name !== 'vm.ovf' && random.next() < 0.06;
    const told = createHash('sha256').update(bytes);
    return `SHA256(${name})= ${(wrong ? told.update('!') : told).digest('hex')}\n`;
  });
  const manifest = random.next() < 0.7 ? [{ name: 'vm.mf', bytes: Buffer.from(lines.join('')) }] : [];
  return [descriptor, ...manifest, ...disks].map(({ name, bytes }) => ({ name, source: bytesOf(bytes, 1_000) }));
}
