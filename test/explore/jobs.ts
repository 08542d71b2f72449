// What a drawn plan is to move: plain files, packages as sources, by the path of a descriptor or an archive, or fetched by the
// service; and what the item and the folder hold before.
import type { ProfileName } from '../../src/servers/profiles.ts';
import type { Dice } from './dice.ts';
import type { Content, DownloadJob, Plan, UploadJob } from './plan.ts';

export function drawFiles(dice: Dice): Content[] {
  return dice.chance(0.35) ? packageOf(dice) : plainFiles(dice);
}

function plainFiles({ whole, chance, pick }: Dice): Content[] {
  return Array.from({ length: pick([1, 1, 1, 2, 2, 3, 4, 5]) }, (_, index) => ({
    name: `disk${index}.bin`,
    size: chance(0.08) ? 0 : whole(1, 5_000),
    salt: index
  }));
}

/** Manifest or none, signed or not, a descriptor, disks; now and then a manifest that is wrong about a disk. */
function packageOf({ whole, chance, pick }: Dice): Content[] {
  const disks = Array.from({ length: pick([1, 1, 2, 3]) }, (_, index) => ({
    name: `vm-disk${index}.vmdk`,
    size: whole(200, 5_000),
    salt: index + 60
  }));
  const descriptor: Content = { name: 'vm.ovf', size: 0, salt: 0, about: disks };
  if (chance(0.3)) return [descriptor, ...disks];
  const manifest: Content = { name: 'vm.mf', size: 0, salt: 0, about: [...disks, descriptor], wrong: chance(0.08) };
  const certificate: Content = { name: 'vm.cert', size: 0, salt: 0, about: [manifest] };
  return [descriptor, manifest, ...(chance(0.3) ? [certificate] : []), ...disks];
}

export function drawUpload(dice: Dice, files: readonly Content[], profile: ProfileName): UploadJob {
  const { pick, whole, chance } = dice;
  const isPackage = files.some(({ about }) => about !== undefined);
  const job: UploadJob = {
    kind: 'upload',
    files: isPackage || profile === 'vcsim' ? files : somePulled(dice, files),
    ifExists: pick(['update', 'update', 'update', 'replace', 'skip', 'fail'] as const),
    parallel: whole(1, 4),
    ...(chance(0.08) && { deadlineMs: whole(5, 60_000) }),
    ...(chance(0.3) && { onBusy: pick(['wait', 'take-over', 'take-over'] as const) }),
    ...(chance(0.1) && { onBusy: 'take-over' as const, force: true as const }),
    ...(isPackage && chance(0.6) && { acceptWarnings: true as const })
  };
  if (!isPackage) return job;
  const as = pick(['sources', 'sources', 'ovf', 'ova', 'pull'] as const);
  if (as === 'ovf' || as === 'ova') return { ...job, as };
  return as === 'pull' && profile !== 'vcsim' ? pulledPackage(dice, job) : job;
}

function somePulled({ pick, chance }: Dice, files: readonly Content[]): Content[] {
  return files.map(file =>
    chance(0.15) ? { ...file, pull: pick(['plain', 'told', 'told', 'wrong'] as const) } : file
  );
}

/** The service fetches the archive, or the descriptor, and brings the rest. */
function pulledPackage({ pick, chance }: Dice, job: UploadJob): UploadJob {
  const { files, ifExists } = job;
  const members = files.filter(({ name }) => !/\.cert$/.test(name)).map(file => ({ ...file, wrong: false }));
  const [descriptor] = members as [Content];
  // No checksum is taken for an archive.
  const template: Content = chance(0.5)
    ? { name: 'vm.ova', size: 0, salt: 0, about: members, pull: 'plain' }
    : { ...descriptor, pull: pick(['plain', 'told'] as const) };
  // What it brings is known only when the service has it, so that nothing can be said of the rest.
  return { ...job, files: [template], ifExists: ifExists === 'replace' ? 'update' : ifExists };
}

export function drawDownload({ pick, whole, chance }: Dice, files: readonly Content[]): DownloadJob {
  return {
    kind: 'download',
    folder: stored(files)
      .filter(() => chance(0.15))
      .map(file => (chance(0.5) ? file : { ...file, salt: 200 })),
    ifExists: pick(['fail', 'skip', 'replace', 'replace'] as const),
    parallel: whole(1, 4),
    ...(chance(0.08) && { deadlineMs: whole(5, 60_000) })
  };
}

/** What the item holds before. */
export function drawShelf({ chance, pick }: Dice, job: Plan['job'], files: readonly Content[]): Pick<Plan, 'shelf'> {
  if (job.kind === 'download') return { shelf: stored(files) };
  if (chance(0.6)) return {};
  const kept = files.filter(({ about }) => about === undefined);
  const extras = [0, 1, 2].map(at => ({ name: `extra${at}.bin`, size: 10 + at, salt: 5 + at }));
  return {
    shelf: pick([
      [],
      kept,
      kept.map(file => (chance(0.5) ? { ...file, salt: 99 } : file)),
      [extras[0] as Content, ...kept.slice(1)],
      [...extras, ...kept.slice(1)]
    ])
  };
}

/** The service keeps no manifest and no certificate; a descriptor it keeps as it is. */
function stored(files: readonly Content[]): Content[] {
  return files.filter(({ name }) => !/\.(mf|cert)$/.test(name));
}
