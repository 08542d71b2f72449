// Makes a plan that fails smaller as long as it still fails in the same way: fewer crashes, faults, happenings and files,
// earlier steps, plainer servers.
import type { Content, Plan } from './plan.ts';

/** Whether a plan fails as the first one did. */
export type StillFails = (plan: Plan) => Promise<boolean>;

/** Plays at most `most` plans on the way. */
export async function shrink(plan: Plan, stillFails: StillFails, most = 400): Promise<Plan> {
  let best = plan;
  let played = 0;
  for (let found = true; found; ) {
    found = false;
    for (const smaller of smallerThan(best)) {
      if (++played > most) return best;
      if (!(await stillFails(smaller))) continue;
      best = smaller;
      found = true;
      break;
    }
  }
  return best;
}

/** Plans that differ in one thing, the boldest first. */
function* smallerThan(plan: Plan): Generator<Plan> {
  for (const key of ['crashes', 'faults', 'events'] as const) {
    const list: readonly unknown[] = plan[key];
    if (list.length > 1) yield { ...plan, [key]: [] };
    for (const index of list.keys()) yield { ...plan, [key]: list.filter((_, at) => at !== index) };
  }
  if (plan.cleanUp) yield { ...plan, cleanUp: false };
  const { deadlineMs, ...job } = plan.job;
  if (deadlineMs !== undefined) yield { ...plan, job: job as Plan['job'] };
  yield* fewerFiles(plan);
  yield* plainer(plan);
  for (const [index, { call, ...crash }] of plan.crashes.entries()) {
    if (call !== undefined) yield { ...plan, crashes: plan.crashes.with(index, crash) };
  }
  for (const [index, crash] of plan.crashes.entries()) {
    for (const change of [{ downMs: 0 }, { lands: 'before' as const }, { at: crash.at - 8 }, { at: crash.at - 1 }]) {
      const next = { ...crash, ...change };
      if (next.at >= 1 && differs(next, crash)) yield { ...plan, crashes: plan.crashes.with(index, next) };
    }
  }
  for (const [index, event] of plan.events.entries()) {
    for (const change of [{ afterMs: 0 }, { at: event.at - 8 }, { at: event.at - 1 }]) {
      const next = { ...event, ...change };
      if (next.at >= 1 && differs(next, event)) yield { ...plan, events: plan.events.with(index, next) };
    }
  }
  for (const [index, fault] of plan.faults.entries()) {
    const { skip, times, ...rest } = fault;
    if (skip !== undefined && skip > 0) {
      yield { ...plan, faults: plan.faults.with(index, { ...fault, skip: skip - 1 }) };
    }
    if (times !== undefined && times !== 1) yield { ...plan, faults: plan.faults.with(index, { ...rest, skip }) };
  }
}

function* fewerFiles(plan: Plan): Generator<Plan> {
  const { job, shelf } = plan;
  if (job.kind === 'upload' && job.files.length > 1) {
    for (const { name } of job.files.filter(({ about }) => about === undefined)) {
      const files = job.files.filter(file => file.name !== name).map(file => lacking(file, name));
      yield { ...plan, job: { ...job, files } };
    }
    for (const extension of ['.cert', '.mf']) {
      const files = job.files.filter(file => !file.name.endsWith(extension));
      if (files.length < job.files.length) yield { ...plan, job: { ...job, files } };
    }
  }
  for (const { name } of shelf ?? []) yield { ...plan, shelf: (shelf ?? []).filter(file => file.name !== name) };
  if (job.kind === 'upload' && shelf?.length === 0) {
    const { shelf: _, ...bare } = plan;
    yield bare;
  }
  if (job.kind === 'download') {
    for (const { name } of job.folder) {
      yield { ...plan, job: { ...job, folder: job.folder.filter(file => file.name !== name) } };
    }
  }
}

/** What tells of a file that is gone does not tell of it. */
function lacking(file: Content, name: string): Content {
  if (file.about === undefined) return file;
  return { ...file, about: file.about.filter(its => its.name !== name).map(its => lacking(its, name)) };
}

function* plainer(plan: Plan): Generator<Plan> {
  const { server, line, job } = plan;
  const { bandwidth, sessionTimeoutMs, ...its } = server;
  if (bandwidth !== undefined) yield { ...plan, server: { ...its, sessionTimeoutMs } };
  if (sessionTimeoutMs !== undefined) yield { ...plan, server: { ...its, bandwidth } };
  if (server.profile !== '8.0') yield { ...plan, server: { ...server, profile: '8.0' } };
  for (const rule of Object.keys(server.rules)) {
    const { [rule as keyof typeof server.rules]: _, ...rules } = server.rules;
    yield { ...plan, server: { ...server, rules } };
  }
  for (const key of ['tokens', 'digests'] as const) {
    const { [key]: its, ...rest } = plan.server;
    if (its !== undefined) yield { ...plan, server: rest };
  }
  for (const key of ['as', 'onBusy', 'force', 'acceptWarnings'] as const) {
    if (job.kind !== 'upload' || job[key] === undefined) continue;
    const { [key]: _, ...rest } = job;
    yield { ...plan, job: rest };
  }
  if (plan.budget !== undefined) {
    const { budget: _, ...rest } = plan;
    yield rest;
  }
  if (plan.skewMs !== 0) yield { ...plan, skewMs: 0 };
  if (line.landsWhenGivenUp) yield { ...plan, line: { ...line, landsWhenGivenUp: false } };
  if (line.latencyMs[1] > 1) yield { ...plan, line: { ...line, latencyMs: [1, 1] } };
  if (job.parallel > 1) yield { ...plan, job: { ...job, parallel: 1 } };
}

function differs(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
