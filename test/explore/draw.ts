// A plan from a seed: which world, and which bad night. The same seed draws the same plan.
import type { ProfileName } from '../../src/servers/profiles.ts';
import type { Rules } from '../../src/simulator/index.ts';
import { type Dice, diceOf } from './dice.ts';
import { drawDoubts, drawFaults, lateComplete } from './faults.ts';
import { drawDownload, drawFiles, drawShelf, drawUpload } from './jobs.ts';
import type { Content, Crash, Event, Happening, Plan, RivalAct, UploadJob } from './plan.ts';

/**
 * What kind of night it is. `crashes` and nothing else: the end can be held against a life without any. `long`: sessions would
 * expire if nobody kept them. `doubts`: creates that act without an answer. `moved`: somebody else is at work on the item. `parting`:
 * somebody cancels where it is close, and the client may die on the way out.
 */
const NIGHTS = [
  ...['calm', 'long', 'doubts', 'doubts', 'moved', 'moved', 'parting', 'parting'],
  ...['crashes', 'crashes', 'crashes', 'faults', 'faults', 'faults', 'all', 'all', 'all', 'all']
] as const;

const MOMENTS_OF_UPLOAD = [
  ...['createItem', 'createSession', 'addFile', 'push', 'validate', 'complete', 'listItemFiles', 'listSessions']
] as const;
const MOMENTS_OF_DOWNLOAD = [
  ...['createDownloadSession', 'prepareFile', 'fetch', 'folder.keep', 'deleteDownloadSession']
] as const;

export function drawPlan(seed: number): Plan {
  const dice = diceOf(seed);
  const { chance, whole, pick } = dice;
  const profile = pick<ProfileName>(['8.0', '8.0', '8.0', '9.0', '7.0', '6.7', '6.5', '6.0', 'vcsim']);
  const files = drawFiles(dice);
  const night = pick(NIGHTS);
  const job = chance(0.3) ? drawDownload(dice, files) : drawnFor(night, dice, drawUpload(dice, files, profile));
  const noisy = night === 'faults' || night === 'all';
  const isLeaving = night === 'doubts' || night === 'parting' || (night === 'moved' && job.kind === 'download');
  const mayCrash = night === 'crashes' || night === 'all' || (isLeaving && chance(0.4));
  const shelf = night === 'moved' && job.kind === 'upload' ? {} : drawShelf(dice, job, files);
  // Where not even a size is told, no client sees that bytes are missing.
  const isCut = job.kind === 'download' && profile !== 'vcsim' && chance(0.1);
  const latencyMs = pick([
    [1, 20],
    [1, 1],
    [5, 400]
  ] as const);
  return {
    seed,
    job,
    server: {
      profile,
      rules: noisy || chance(0.3) ? rulesOf(dice, profile) : {},
      ...(night === 'long' ? slowly(dice, files) : paceOf(dice)),
      ...(chance(night === 'doubts' ? 0.6 : 0.3) && { tokens: false as const }),
      ...(chance(0.15) && { digests: pick(['capitals', 'capitals', 'none'] as const) }),
      // Only a size shows it then.
      ...(isCut && { digests: 'none' as const })
    },
    ...shelf,
    line: {
      latencyMs,
      landsWhenGivenUp: chance(0.4),
      ...(isCut && { cutsFetchAt: whole(1, 600) })
    },
    skewMs: noisy && chance(0.25) ? pick([-3_600_000, -5_000, 7_000, 86_400_000]) : 0,
    faults: faultsIn(dice, night, job, (latencyMs[0] + latencyMs[1]) / 2),
    events: eventsIn(dice, night, job),
    crashes: mayCrash ? crashesIn(dice, night, job) : [],
    cleanUp: night === 'all' && whole(1, 12) === 1,
    ...(noisy && chance(0.3) && { budget: pick([0, 5, 5, 10, 10, 25]) })
  };
}

function paceOf({ chance, pick }: Dice): Partial<Plan['server']> {
  return {
    ...(chance(0.3) && { sessionTimeoutMs: pick([12_000, 30_000, 120_000]) }),
    ...(chance(0.15) && { bandwidth: pick([500, 2_000]) })
  };
}

/** Its bytes take longer than a session lives. */
function slowly({ pick }: Dice, files: readonly Content[]): Partial<Plan['server']> {
  const bytes = Math.max(...files.map(({ size }) => size), 600);
  const sessionTimeoutMs = pick([12_000, 20_000]);
  return {
    sessionTimeoutMs,
    bandwidth: Math.max(1, Math.round((1_000 * bytes) / (sessionTimeoutMs * pick([1.2, 2.5]))))
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

type Night = (typeof NIGHTS)[number];

/** What is done about somebody who is in the way shows only where somebody is. */
function drawnFor(night: Night, { pick }: Dice, job: UploadJob): UploadJob {
  return night === 'moved' ? { ...job, onBusy: pick(['fail', 'wait', 'take-over', 'take-over'] as const) } : job;
}

function faultsIn(dice: Dice, night: Night, { kind }: Plan['job'], latencyMs: number): Plan['faults'] {
  if (night === 'faults' || night === 'all') return drawFaults(dice, kind);
  if (night === 'doubts') return drawDoubts(dice, kind);
  if (night === 'parting' && kind === 'upload' && dice.chance(0.7)) return [lateComplete(dice, latencyMs)];
  // Our own create does not come to anything while somebody else makes one.
  return night === 'moved' && kind === 'upload' && dice.chance(0.4) ? [{ on: 'session.create', do: 'reset' }] : [];
}

function eventsIn(dice: Dice, night: Night, job: Plan['job']): Happening[] {
  if (night === 'all') return dice.some(3, () => happeningOf(dice, job));
  if (night === 'moved') return movedBy(dice, job);
  return night === 'parting' ? [partingOf(dice, job)] : [];
}

function crashesIn(dice: Dice, night: Night, job: Plan['job']): Crash[] {
  return night === 'doubts' || night === 'parting' || night === 'moved'
    ? [crashOf(dice, job)]
    : dice.some(4, () => crashOf(dice, job));
}

/** A cancel beside a call that matters. */
function partingOf({ pick, whole, chance }: Dice, { kind }: Plan['job']): Happening {
  if (kind === 'upload' && chance(0.6)) return { at: 1, call: 'complete', afterMs: pick([0, 1, 5]), do: 'cancel' };
  return { at: whole(1, 2), call: pick(MOMENTS[kind]), afterMs: pick([0, 1, 2, 5, 20]), do: 'cancel' };
}

function crashOf({ whole, pick, chance }: Dice, { kind }: Plan['job']): Crash {
  const call = chance(0.4) ? { call: pick(DEATHS[kind]) } : {};
  return {
    at: call.call === undefined ? whole(1, 45) : whole(1, 2),
    ...call,
    lands: pick(['never', 'before', 'before', 5, 700] as const),
    downMs: pick([0, 10, 2_000, 3_600_000])
  };
}

function happeningOf(dice: Dice, job: Plan['job']): Happening {
  const { whole, pick, chance } = dice;
  const afterMs = pick([0, 0, 3, 40, 1_000]);
  if (chance(0.3)) return { at: whole(1, 2), call: pick(MOMENTS[job.kind]), afterMs, ...eventOf(dice, job) };
  return { at: whole(1, 60), afterMs, ...eventOf(dice, job) };
}
/** Where a death leaves most behind. */
const DEATHS = {
  upload: [...MOMENTS_OF_UPLOAD, 'complete', 'complete', 'deleteSession', 'cancelSession', 'failSession', 'deleteItem'],
  download: [...MOMENTS_OF_DOWNLOAD, 'folder.openPart', 'cancelDownload']
} as const;
/** Where it matters most when something happens. */
const MOMENTS = { upload: MOMENTS_OF_UPLOAD, download: MOMENTS_OF_DOWNLOAD } as const;

function eventOf(dice: Dice, job: Plan['job']): Event {
  const { pick, chance } = dice;
  if (chance(0.35)) return { do: 'cancel' };
  if (chance(0.2)) return { do: 'setClock', byMs: pick([-3_600_000, -2_000, 1_500, 3_600_000]) };
  if (chance(0.15)) return { do: 'suspend', forMs: pick([3_000, 3_600_000]) };
  if (chance(0.1)) return { do: 'breakJournal' };
  if (chance(0.15)) return { do: 'expireSessions' };
  return { do: 'rival', user: pick(['same', 'same', 'other'] as const), act: rivalAct(dice, job) };
}

function rivalAct({ pick, whole, chance }: Dice, job: Plan['job']): RivalAct {
  const name = job.kind === 'upload' ? (job.files[0] as Content).name : 'disk0.bin';
  const content = { name: pick(['rival.bin', name]), size: whole(1, 3_000), salt: 150 };
  const whose = chance(0.7) ? { whose: pick(['alive', 'gone', 'elsewhere'] as const) } : {};
  return pick<RivalAct>([
    { kind: 'hold', forMs: pick([200, 5_000, 100_000]), ...whose },
    { kind: 'end', by: pick(['cancel', 'fail', 'complete', 'delete'] as const) },
    { kind: 'removeFile' },
    { kind: 'deleteItem' },
    { kind: 'renameItem' },
    { kind: 'makeItem' },
    { kind: 'fill', content }
  ]);
}

/** Somebody is on the item before, fills it right behind our complete, ends our session, or gives the item other content. */
function movedBy(dice: Dice, job: Plan['job']): Happening[] {
  const { pick, chance, whole } = dice;
  const by = (act: RivalAct): Event => ({ do: 'rival', user: 'same', act });
  const [first] = job.kind === 'upload' ? job.files : [];
  const content: Content = { name: first?.name ?? 'disk0.bin', size: whole(1, 3_000), salt: 150 };
  if (job.kind === 'download') {
    const at = whole(1, 2);
    const call = pick(['fetch', 'folder.keep', 'prepareFile'] as const);
    if (chance(0.2)) {
      const hold: Happening = { at: 1, call: 'findLibraries', afterMs: 0, ...by({ kind: 'hold', forMs: 100_000 }) };
      return [hold];
    }
    const name = pick(['disk0.bin', 'disk1.bin', 'vm-disk0.vmdk']);
    const fill: Happening = { at, call, afterMs: pick([0, 1]), ...by({ kind: 'fill', content: { ...content, name } }) };
    return chance(0.7) ? [fill, { at, call, afterMs: pick([2, 10]), do: 'expireSessions' }] : [fill];
  }
  const whose = chance(0.9) ? { whose: pick(['alive', 'alive', 'alive', 'gone', 'elsewhere'] as const) } : {};
  const hold: RivalAct = { kind: 'hold', forMs: pick([200, 5_000, 100_000]), ...whose };
  const end: RivalAct = { kind: 'end', by: pick(['cancel', 'cancel', 'fail', 'delete']) };
  return pick<Happening[]>([
    [{ at: 1, call: 'listSessions', afterMs: 0, ...by(hold) }],
    [{ at: 1, call: 'createSession', afterMs: 0, ...by(hold) }],
    [{ at: 1, call: 'createSession', afterMs: 0, ...by(hold) }],
    [{ at: 1, call: 'complete', afterMs: pick([2, 4, 10, 30]), ...by({ kind: 'fill', content }) }],
    [{ at: 1, call: 'complete', afterMs: 0, ...by(end) }],
    [{ at: 1, call: 'push', afterMs: pick([0, 5, 500]), ...by(end) }],
    [{ at: 1, call: 'validate', afterMs: 0, ...by({ kind: 'removeFile' }) }],
    [{ at: 1, call: pick(['addFile', 'push', 'validate'] as const), afterMs: pick([0, 2]), do: 'expireSessions' }],
    // Into an item that is ours, and not empty any more when we take our leave of it.
    [
      { at: 1, call: 'listSessions', afterMs: 0, ...by({ kind: 'fill', content }) },
      { at: 1, call: pick(['addFile', 'push', 'validate'] as const), afterMs: 1, do: 'cancel' }
    ]
  ]);
}
