// A plan from a seed: which world, and which bad night. The same seed draws the same plan.
import type { ProfileName } from '../../src/servers/profiles.ts';
import { type Fault, type Rules, seededRandom } from '../../src/simulator/index.ts';
import type { Content, Crash, DownloadJob, Event, Happening, Plan, RivalAct, UploadJob } from './plan.ts';

/** Chance as the draws below ask for it. */
interface Dice {
  whole(from: number, to: number): number;
  chance(of: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A few of them, mostly none or one. */
  some<T>(most: number, draw: () => T): T[];
}

export function drawPlan(seed: number): Plan {
  const dice = diceOf(seed);
  const { chance, whole, pick, some } = dice;
  const profile = pick<ProfileName>(['8.0', '8.0', '8.0', '9.0', '7.0', '6.7', '6.5', '6.0', 'vcsim']);
  const files = chance(0.3) ? packageOf(dice) : plainFiles(dice);
  const job = chance(0.3) ? downloadJob(dice, files) : uploadJob(dice, files, profile);
  // One third: crashes and nothing else, so that the end can be held against a life without any.
  const kind = pick(['calm', 'crashes', 'crashes', 'faults', 'faults', 'all', 'all', 'all', 'all']);
  const noisy = kind === 'faults' || kind === 'all';
  return {
    seed,
    job,
    server: {
      profile,
      rules: noisy || chance(0.3) ? rulesOf(dice, profile) : {},
      ...(chance(0.3) && { sessionTimeoutMs: pick([12_000, 30_000, 120_000]) }),
      ...(chance(0.15) && { bandwidth: pick([500, 2_000]) })
    },
    ...shelfOf(dice, job, files),
    line: {
      latencyMs: pick([
        [1, 20],
        [1, 1],
        [5, 400]
      ] as const),
      landsWhenGivenUp: chance(0.4)
    },
    skewMs: noisy && chance(0.25) ? pick([-3_600_000, -5_000, 7_000, 86_400_000]) : 0,
    faults: noisy ? faultsOf(dice, job.kind) : [],
    events: kind === 'all' ? some(3, () => happeningOf(dice, files)) : [],
    crashes: kind === 'crashes' || kind === 'all' ? some(4, () => crashOf(dice)) : [],
    cleanUp: kind === 'all' && whole(1, 12) === 1
  };
}

function diceOf(seed: number): Dice {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x51ed270b);
  const dice: Dice = {
    whole: (from, to) => from + Math.floor(random.next() * (to - from + 1)),
    chance: of => random.next() < of,
    pick: list => list[Math.floor(random.next() * list.length)]!,
    some: (most, draw) => {
      const made: ReturnType<typeof draw>[] = [];
      while (made.length < most && random.next() < 0.55) made.push(draw());
      return made;
    }
  };
  return dice;
}

function plainFiles({ whole, chance, pick }: Dice): Content[] {
  return Array.from({ length: pick([1, 1, 1, 2, 2, 3, 4, 5]) }, (_, index) => ({
    name: `disk${index}.bin`,
    size: chance(0.08) ? 0 : whole(1, 5_000),
    salt: index
  }));
}

/** Manifest or none, a descriptor, disks; now and then a manifest that is wrong about a disk. */
function packageOf({ whole, chance, pick }: Dice): Content[] {
  const disks = Array.from({ length: pick([1, 1, 2, 3]) }, (_, index) => ({
    name: `vm-disk${index}.vmdk`,
    size: whole(200, 5_000),
    salt: index + 60
  }));
  const descriptor: Content = { name: 'vm.ovf', size: 0, salt: 0, about: disks };
  const manifest: Content = { name: 'vm.mf', size: 0, salt: 0, about: [...disks, descriptor], wrong: chance(0.08) };
  return [descriptor, ...(chance(0.7) ? [manifest] : []), ...disks];
}

function uploadJob({ pick, whole, chance }: Dice, files: readonly Content[], profile: ProfileName): UploadJob {
  const mayPull = profile !== 'vcsim' && !files.some(({ about }) => about !== undefined);
  return {
    kind: 'upload',
    files: files.map(file =>
      mayPull && chance(0.15) ? { ...file, pull: pick(['plain', 'told', 'told', 'wrong'] as const) } : file
    ),
    ifExists: pick(['update', 'update', 'update', 'replace', 'skip', 'fail'] as const),
    parallel: whole(1, 4),
    ...(chance(0.08) && { deadlineMs: whole(5, 60_000) })
  };
}

function downloadJob({ pick, whole, chance }: Dice, files: readonly Content[]): DownloadJob {
  const kept = files.filter(({ about }) => about === undefined);
  return {
    kind: 'download',
    folder: kept.filter(() => chance(0.15)).map(file => (chance(0.5) ? file : { ...file, salt: 200 })),
    ifExists: pick(['fail', 'skip', 'replace', 'replace'] as const),
    parallel: whole(1, 4),
    ...(chance(0.08) && { deadlineMs: whole(5, 60_000) })
  };
}

function shelfOf({ chance, pick }: Dice, job: Plan['job'], files: readonly Content[]): Pick<Plan, 'shelf'> {
  const kept = files.filter(({ about }) => about === undefined);
  if (job.kind === 'download') return { shelf: kept };
  if (chance(0.6)) return {};
  return {
    shelf: pick([
      [],
      kept,
      kept.map(file => (chance(0.5) ? { ...file, salt: 99 } : file)),
      [{ name: 'extra.bin', size: 10, salt: 5 }, ...kept.slice(1)]
    ])
  };
}

function rulesOf({ chance, pick }: Dice, profile: ProfileName): Partial<Rules> {
  return {
    mismatch: pick(['refuse', 'acceptThenError', 'sessionError']),
    dropIsError: chance(0.2),
    // A server that never says READY has nothing that could be waited for.
    validatingMs: profile === 'vcsim' ? 0 : pick([0, 0, 700]),
    preparingMs: pick([0, 0, 900]),
    ranges: chance(0.7),
    expiredGraceMs: pick([0, 0, 60_000]),
    foreignSessions: pick(['hidden', 'hidden', 'open']),
    itemDeleteUnderSession: pick(['sessionError', 'refuse'])
  };
}

const CALLS = {
  upload: ['library.find', 'item.find', 'item.create', 'session.*', 'file.*', 'put', '*', 'session.create', 'item.get'],
  download: ['library.find', 'item.*', 'download.*', 'downloadFile.*', 'get', '*', 'download.create']
};
const ANYWHERE: readonly object[] = [
  { do: 'refuse' },
  { do: 'reset' },
  { do: 'answer', status: 503, retryAfter: 2 },
  { do: 'answer', status: 429, retryAfter: 3, retryAfterAs: 'date' },
  { do: 'answer', status: 500 },
  { do: 'answer', status: 400 },
  { do: 'loseAnswer' },
  { do: 'late', delayMs: 300 },
  { do: 'late', delayMs: 4_000 },
  { do: 'late', delayMs: 60_000 },
  { do: 'stall' },
  { do: 'slow', bytesPerSecond: 100 },
  { do: 'expireSession' }
];
const IN_A_BODY = {
  upload: [
    { on: 'put', do: 'reset', afterBytes: 100 },
    { on: 'put', do: 'corrupt', atByte: 3 },
    { on: 'put', do: 'transferError', afterBytes: 50 },
    { on: 'put', do: 'answer', status: 503, retryAfter: 1, afterBytes: 70 },
    { on: 'put', do: 'stall', afterBytes: 60 },
    { on: 'pull', do: 'reset', afterBytes: 20 },
    { on: 'pull', do: 'corrupt', atByte: 3 }
  ],
  download: [
    { on: 'get', do: 'reset', afterBytes: 100 },
    { on: 'get', do: 'corrupt', atByte: 3 },
    { on: 'get', do: 'stall', afterBytes: 60 },
    { on: 'get', do: 'answer', status: 503, retryAfter: 1 }
  ]
};
/** What no patience gets over. */
const FOR_GOOD = {
  upload: [
    { on: 'put', do: 'reset', afterBytes: 10 },
    { on: 'put', do: 'corrupt' },
    { on: 'session.create', do: 'answer', status: 503 },
    { on: 'session.create', do: 'loseAnswer' },
    { on: 'file.add', do: 'answer', status: 400 },
    { on: 'session.complete', do: 'answer', status: 500 },
    { on: 'session.complete', do: 'loseAnswer' },
    { on: 'session.get', do: 'answer', status: 503 },
    { on: 'session.delete', do: 'refuse' },
    { on: 'item.create', do: 'loseAnswer' },
    { on: 'file.validate', do: 'refuse' },
    { on: '*', do: 'refuse' }
  ],
  download: [
    { on: 'get', do: 'reset', afterBytes: 10 },
    { on: 'get', do: 'corrupt' },
    { on: 'download.create', do: 'loseAnswer' },
    { on: 'downloadFile.prepare', do: 'answer', status: 503 },
    { on: 'download.delete', do: 'refuse' },
    { on: '*', do: 'refuse' }
  ]
};

function faultsOf({ pick, whole, chance, some }: Dice, kind: 'upload' | 'download'): Fault[] {
  const passing = some(5, () => {
    const its = chance(0.7) ? { ...pick(ANYWHERE), on: pick(CALLS[kind]) } : pick<object>(IN_A_BODY[kind]);
    return { ...its, times: whole(1, 2), skip: whole(0, 4) } as Fault;
  });
  return chance(0.12)
    ? [...passing, { ...pick<object>(FOR_GOOD[kind]), times: 'always', skip: whole(0, 3) } as Fault]
    : passing;
}

function crashOf({ whole, pick }: Dice): Crash {
  return {
    at: whole(1, 45),
    lands: pick(['never', 'before', 'before', 5, 700] as const),
    downMs: pick([0, 10, 2_000, 3_600_000])
  };
}

function happeningOf(dice: Dice, files: readonly Content[]): Happening {
  const { whole, pick } = dice;
  return { at: whole(1, 60), afterMs: pick([0, 0, 3, 40, 1_000]), ...eventOf(dice, files) };
}

function eventOf(dice: Dice, files: readonly Content[]): Event {
  const { pick, chance } = dice;
  if (chance(0.35)) return { do: 'cancel' };
  if (chance(0.2)) return { do: 'setClock', byMs: pick([-3_600_000, -2_000, 1_500, 3_600_000]) };
  if (chance(0.15)) return { do: 'suspend', forMs: pick([3_000, 3_600_000]) };
  if (chance(0.1)) return { do: 'breakJournal' };
  if (chance(0.15)) return { do: 'expireSessions' };
  return { do: 'rival', user: pick(['same', 'same', 'other'] as const), act: rivalAct(dice, files) };
}

function rivalAct({ pick, whole }: Dice, files: readonly Content[]): RivalAct {
  const content = { name: pick(['rival.bin', files[0]!.name]), size: whole(1, 3_000), salt: 150 };
  return pick<RivalAct>([
    { kind: 'hold', forMs: pick([200, 5_000, 100_000]) },
    { kind: 'end', by: pick(['cancel', 'fail', 'complete', 'delete'] as const) },
    { kind: 'removeFile' },
    { kind: 'deleteItem' },
    { kind: 'renameItem' },
    { kind: 'makeItem' },
    { kind: 'fill', content }
  ]);
}
