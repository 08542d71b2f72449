// Bounds that a life or a run must keep: how often a call is made again, signs of life, exit codes.

import { exitOfReport } from '../../src/cli/exit.ts';
import type { DownloadReport } from '../../src/download-report.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { Report } from '../../src/report.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { brokenLease } from '../invariants/lease.ts';
import type { Seen } from './seen.ts';

/** Calls without progress before giving up, as the default policy has it. */
const MOST_CALLS = 5;

/** S5: no call is made more often than the policy allows. What moves bytes begins to count anew when it comes further. */
export function repeats(events: readonly RunEvent[]): string[] {
  const calls = new Map<string, number>();
  const wrong: string[] = [];
  for (const event of events) {
    if (event.type === 'gone') calls.delete(`${event.path}/call`);
    if (event.type !== 'call' || !event.path.endsWith('/call') || event.op === 'push' || event.op === 'fetch') continue;
    const count = (calls.get(event.path) ?? 0) + 1;
    calls.set(event.path, count);
    if (count > MOST_CALLS) wrong.push(`S5 ${event.path}: ${event.op} was called ${count} times`);
  }
  return wrong;
}

/** S9, where nothing went wrong on the way: signs of life come at least three times within the expiry. */
export function lease({ plan, world, lives }: Seen): string[] {
  const { server, faults, events, job, line } = plan;
  if (faults.length > 0 || events.length > 0 || lives.length > 1) return [];
  const expiryMs = server.sessionTimeoutMs ?? PROFILES[server.profile].sessionTimeoutMs;
  // A quarter of the expiry is aimed at, so a twelfth is left for what the way takes: it must not take more.
  if (4 * line.latencyMs[1] > expiryMs / 12) return [];
  const kind = job.kind === 'upload' ? 'update' : 'download';
  return brokenLease(world.simulator.requests, expiryMs, kind).map(its => `S9 ${its}`);
}

/** S10: the exit code says how it ended. */
export function exitCode(report: Report | DownloadReport): string[] {
  const code = exitOfReport(report);
  const good = report.outcome === 'done' || report.outcome === 'upToDate';
  const wrong = good !== (code === 0) || (report.outcome === 'canceled') !== (code === 130) || code < 0 || code > 130;
  return wrong ? [`S10 ${report.outcome} (${report.failure?.code}) exits with ${code}`] : [];
}
