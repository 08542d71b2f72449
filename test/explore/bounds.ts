// Bounds that a life or a run must keep: how often a call is made again, signs of life, exit codes.

import { exitOfReport } from '../../src/cli/exit.ts';
import type { DownloadReport } from '../../src/download-report.ts';
import type { FactsChange, RunEvent } from '../../src/events/records.ts';
import type { Report } from '../../src/report.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { brokenLease, brokenLogin } from '../invariants/lease.ts';
import type { Entry } from '../invariants/witness.ts';
import type { Lived, Seen } from './seen.ts';

/** Calls without progress before giving up, as the default policy has it. */
const MOST_CALLS = 5;

/** S5: no call is made more often than the policy allows. What moves bytes begins to count anew when it comes further. */
export function repeats(events: readonly RunEvent[]): string[] {
  const calls = new Map<string, { readonly about?: string; readonly count: number }>();
  const unanswered = new Set<string>();
  const wrong: string[] = [];
  for (const event of events) {
    if (event.type === 'gone') calls.delete(`${event.path}/call`);
    if (event.type === 'answer') unanswered.delete(event.path);
    if (event.type !== 'call' || !event.path.endsWith('/call') || event.op === 'push' || event.op === 'fetch') continue;
    const { about, path } = event;
    // About another file it is another call; what is not waited for any more is asked by somebody else now.
    const before = unanswered.has(path) ? undefined : calls.get(path);
    unanswered.add(path);
    const count = before?.about === about ? (before?.count ?? 0) + 1 : 1;
    calls.set(path, { about, count });
    if (count > MOST_CALLS) wrong.push(`${event.path}: ${event.op} was called ${count} times`);
  }
  return wrong;
}

function isFailure(entry: Entry): boolean {
  if (entry.kind === 'call' || entry.failed === true) return false;
  return entry.records.some(({ type, data }) => type === 'facts' && (data as FactsChange).failure != null);
}

/** Where no byte of a file ever comes further, all lives together push it no more often than the policy allows one. */
export function pushes({ faults }: Seen['plan'], lives: readonly Lived[]): string[] {
  const isInVain = faults.some(fault => fault.do === 'corrupt' && fault.times === 'always' && (fault.skip ?? 0) === 0);
  const sessions = new Set(
    lives.flatMap(({ witness }) => witness.calls).map(({ op, args }) => op === 'addFile' && args[0])
  );
  sessions.delete(false);
  if (!isInVain || faults.length > 1 || sessions.size > 1) return [];
  const counts = new Map<string, number>();
  for (const { events } of lives) {
    for (const { type, ...its } of events) {
      const { op, about } = its as { op?: string; about?: string };
      if (type === 'call' && op === 'push') counts.set(String(about), (counts.get(String(about)) ?? 0) + 1);
    }
  }
  // The try that a crash cut off may not have been written down; a failure that was written down has ended all tries of its life.
  const failed = lives.slice(0, -1).filter(({ witness }) => witness.order.some(isFailure)).length;
  const most = MOST_CALLS * (1 + failed) + lives.length - 1;
  return [...counts].filter(([, count]) => count > most).map(([name, count]) => `${name} was pushed ${count} times`);
}

/** Between two looks at a session while files are sent, as the default policy has it; and what a look itself may take, in ms. */
const WATCH_MS = 1_500;
const LOOK_MS = 300;

/** Where nothing went wrong on the way: while bytes are on their way, the session is looked at every so often. */
export function watched({ plan, lives }: Seen): string[] {
  if (plan.job.kind !== 'upload' || !isCalm(plan) || lives.length > 1) return [];
  const { calls } = (lives[0] as Lived).witness;
  // Looking at session and files takes two calls, each with two ways.
  const mostMs = WATCH_MS + LOOK_MS + 4 * plan.line.latencyMs[1];
  const looks = calls.filter(({ op }) => op === 'getSession').map(({ from }) => from);
  for (const { from, until = from } of calls.filter(({ op }) => op === 'push')) {
    let last = from;
    for (const at of [...looks.filter(look => look > from && look < until), until]) {
      if (at - last > mostMs) return [`for ${at - last} ms of sending nobody looked at the session`];
      last = at;
    }
  }
  return [];
}

/** What is kept of a run are facts, not bytes: no record of the journal is larger than its list of files makes it. */
export function small({ plan: { job, shelf = [] }, records }: Seen): string[] {
  const files = shelf.length + (job.kind === 'upload' ? job.files.length : 0);
  const most = 3_000 + 1_500 * files;
  return records.flatMap(({ type, data }) => {
    const size = JSON.stringify(data)?.length ?? 0;
    return size > most ? [`a record (${type}) of ${size} characters`] : [];
  });
}

function isCalm({ faults, events }: Seen['plan']): boolean {
  return faults.length === 0 && events.length === 0;
}

/** Where nothing went wrong on the way: signs of life come at least three times within the expiry. */
export function lease({ plan, world, lives }: Seen): string[] {
  const { server, job, line } = plan;
  if (!isCalm(plan) || lives.length > 1) return [];
  const expiryMs = server.sessionTimeoutMs ?? PROFILES[server.profile].sessionTimeoutMs;
  // A quarter of the expiry is aimed at, so a twelfth is left for what the way takes: it must not take more. Between a create and
  // the first sign of life there are six: the answer to the create, two looks both ways, and the sign itself.
  if (6 * line.latencyMs[1] > expiryMs / 12) return [];
  const kind = job.kind === 'upload' ? 'update' : 'download';
  const { requests } = world.simulator;
  return [...brokenLease(requests, expiryMs, kind), ...brokenLogin(requests, expiryMs, kind)];
}

/** S10: the exit code says how it ended. */
export function exitCode(report: Report | DownloadReport): string[] {
  const code = exitOfReport(report);
  const good = report.outcome === 'done' || report.outcome === 'upToDate';
  const wrong = good !== (code === 0) || (report.outcome === 'canceled') !== (code === 130) || code < 0 || code > 130;
  return wrong ? [`${report.outcome} (${report.failure?.code}) exits with ${code}`] : [];
}
