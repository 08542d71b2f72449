// The good run of each workflow, and everything that can go wrong in it, one thing at a time: each request with each fault at
// each place, a crash at each interaction, a cancel at each, and a crash right behind the cancel.
import type { Fault } from '../../src/simulator/index.ts';
import { problemsOf } from './checks.ts';
import type { Share } from './crew.ts';
import { endOf } from './explore.ts';
import { ON_A_REQUEST } from './faults.ts';
import { BARE } from './good.ts';
import type { Content, Crash, DownloadJob, Plan, UploadJob } from './plan.ts';
import { play } from './play.ts';

export interface Case {
  readonly workflow: string;
  readonly kind: 'fault' | 'crash' | 'cancel' | 'cancelThenCrash';
  /** In words, with its place: `put 503 at request 12`. */
  readonly name: string;
  readonly plan: Plan;
}
export interface Judged extends Case {
  readonly end: string;
  readonly problems: readonly string[];
}

const file = (name: string, size: number, salt: number): Content => ({ name, size, salt });
const two = [file('a.bin', 3_000, 1), file('b.bin', 2_000, 2)];
const disk = file('vm-disk0.vmdk', 2_500, 60);
const descriptor: Content = { name: 'vm.ovf', size: 0, salt: 0, about: [disk] };
const manifest: Content = { name: 'vm.mf', size: 0, salt: 0, about: [disk, descriptor] };
const upload = (files: readonly Content[]): UploadJob => ({ kind: 'upload', files, ifExists: 'update', parallel: 2 });
const good = (job: Plan['job'], shelf?: readonly Content[], server: Partial<Plan['server']> = {}): Plan => ({
  ...BARE,
  seed: 7,
  job,
  server: { ...BARE.server, ...server },
  ...(shelf !== undefined && { shelf })
});
const signed = [descriptor, manifest, { name: 'vm.cert', size: 0, salt: 0, about: [manifest] }, disk];
const download: DownloadJob = { kind: 'download', folder: [], ifExists: 'fail', parallel: 2 };
const archive: Content = { name: 'vm.ova', size: 0, salt: 0, about: [descriptor, manifest, disk], pull: 'plain' };

/** The good runs, by name. */
export const WORKFLOWS: Readonly<Record<string, Plan>> = {
  'upload into a new item': good(upload(two)),
  'upload into an item that is there': good(upload(two), [file('a.bin', 3_000, 9), file('old.bin', 10, 3)]),
  'upload in place of all that is there': good({ ...upload(two), ifExists: 'replace' }, [
    file('a.bin', 3_000, 9),
    file('old.bin', 10, 3),
    file('older.bin', 11, 4)
  ]),
  'upload of an OVF package': good(upload([descriptor, manifest, disk])),
  'upload of an OVF package by its path': good({ ...upload([descriptor, manifest, disk]), as: 'ovf' }),
  'upload of an OVA by its path': good({ ...upload([descriptor, manifest, disk]), as: 'ova' }),
  'upload of a signed package': good({ ...upload(signed), acceptWarnings: true }),
  'upload of what the server fetches': good(upload([{ ...file('p.bin', 3_000, 4), pull: 'told' }, two[1] as Content])),
  'upload of an OVA that the server fetches': good(upload([archive])),
  'upload to a server without tokens': good(upload(two), undefined, { tokens: false }),
  'upload to vcsim': good(upload(two), undefined, { profile: 'vcsim' }),
  'download of an item': good(download, two),
  'download of an OVF package': good(download, [descriptor, disk]),
  'download over what is there': good({ ...download, ifExists: 'replace', folder: [file('a.bin', 3_000, 9)] }, two),
  'download from a server without tokens': good(download, two, { tokens: false })
};

const IN_A_BODY: readonly object[] = [
  { do: 'reset', afterBytes: 1_500 },
  { do: 'reset', afterBytes: 1_999 },
  { do: 'stall', afterBytes: 1_500 },
  { do: 'answer', status: 503, retryAfter: 1, afterBytes: 1_500 },
  { do: 'corrupt', atByte: 100 },
  { do: 'transferError', afterBytes: 1_500 }
];
const LANDS: readonly Crash['lands'][] = ['never', 'before', 5, 700];

/** Every case of a workflow, in an order that does not change. */
export async function* casesOf(workflow: string): AsyncGenerator<Case> {
  const plan = WORKFLOWS[workflow] as Plan;
  const { interactions, world } = await play(plan);
  const requests = world.simulator.requests.filter(({ op }) => op !== 'pull');
  const its = (kind: Case['kind'], name: string, change: Partial<Plan>): Case => ({
    workflow,
    kind,
    name,
    plan: { ...plan, ...change }
  });
  const bodies = plan.job.kind === 'upload' ? 'put' : 'get';
  const hurt = (fault: object, op: string, on: string, skip: number): Case =>
    its('fault', `${inWords(fault)} on ${op}`, { faults: [{ ...fault, on, skip } as Fault] });
  for (const [at, { op, file: about }] of requests.entries()) {
    for (const fault of ON_A_REQUEST) yield hurt(fault, `${op} ${about ?? ''} (request ${at + 1})`, '*', at);
  }
  const pushes = requests.filter(({ op }) => op === bodies).length;
  for (let at = 0; at < pushes; at++) {
    for (const fault of IN_A_BODY) {
      if (bodies === 'put' || !('do' in fault && fault.do === 'transferError'))
        yield hurt(fault, `${bodies} ${at + 1}`, bodies, at);
    }
  }
  if (plan.job.kind === 'upload' && plan.job.files.some(({ pull }) => pull !== undefined)) {
    for (const fault of [...ON_A_REQUEST.slice(0, 7), ...IN_A_BODY]) yield hurt(fault, 'pull', 'pull', 0);
  }
  for (let at = 1; at <= interactions; at++) {
    for (const lands of LANDS) {
      for (const downMs of [0, 3_600_000]) {
        yield its('crash', `at ${at}, which arrives ${lands}, ${downMs} ms down`, { crashes: [{ at, lands, downMs }] });
      }
    }
    for (const afterMs of [0, 1]) {
      const events = [{ at, afterMs, do: 'cancel' as const }];
      yield its('cancel', `${afterMs} ms after ${at}`, { events });
      for (const later of [1, 2, 3]) {
        const crashes = [{ at: at + later, lands: 'before' as const, downMs: 0 }];
        yield its('cancelThenCrash', `canceled ${afterMs} ms after ${at}, dead ${later} later`, { events, crashes });
      }
    }
  }
}

/** Plays it and holds it against everything that always holds, and against what its kind has to come to. */
export async function judge(its: Case): Promise<Judged> {
  const seen = await play(its.plan);
  const end = endOf(seen);
  const problems = await problemsOf(seen);
  if (!mayEnd(its).test(end)) problems.push(`it ended as ${end}`);
  return { ...its, end, problems };
}

/** What came of all cases of a workflow. */
export interface Swept {
  readonly workflow: string;
  readonly cases: number;
  /** How often each kind came to each end. */
  readonly counts: Readonly<Record<string, number>>;
  /** In words, with the plan. */
  readonly failed: readonly string[];
}

/** Plays all cases of some workflows, by their place in `WORKFLOWS`. */
export async function sweepShare({ from, to }: Share): Promise<Swept[]> {
  const swept: Swept[] = [];
  for (const workflow of Object.keys(WORKFLOWS).slice(from, to)) swept.push(await sweep(workflow));
  return swept;
}

async function sweep(workflow: string): Promise<Swept> {
  const counts: Record<string, number> = {};
  const failed: string[] = [];
  let cases = 0;
  for await (const its of casesOf(workflow)) {
    const { kind, name, end, problems, plan } = await judge(its);
    cases += 1;
    counts[`${kind}: ${end}`] = (counts[`${kind}: ${end}`] ?? 0) + 1;
    if (problems.length > 0)
      failed.push(`${workflow}, ${kind} ${name}: ${problems.join('; ')}\n  ${JSON.stringify(plan)}`);
  }
  return { workflow, cases, counts, failed };
}

/** What one thing that goes wrong may make of a run: a crash nothing at all, what passes nothing, a cancel only an end. */
function mayEnd({ kind, plan }: Case): RegExp {
  const [fault] = plan.faults;
  if (kind === 'crash') return / (done|upToDate|endedBeforeCrash)$/;
  if (kind !== 'fault' || fault === undefined) return / (done|upToDate|canceled|endedBeforeCrash)$/;
  const passes = fault.do !== 'transferError' && !(fault.do === 'answer' && fault.status < 500 && fault.status !== 429);
  return passes && fault.on !== 'pull' ? / (done|upToDate)$/ : / (done|upToDate|failed)$/;
}

function inWords(fault: object): string {
  return Object.entries(fault)
    .map(([key, value]) => (key === 'do' ? value : `${key} ${value}`))
    .join(' ');
}
