// One download in a world in which fast-check orders what happens, called off at some time, and judged at its end.
import { download } from '../../../src/download.ts';
import type { DownloadReport } from '../../../src/download-report.ts';
import { memoryJournal } from '../../../src/events/memory-journal.ts';
import type { RunEvent } from '../../../src/events/records.ts';
import { memoryTarget } from '../../download/memory-target.ts';
import { activeDownloads, brokenDownload } from '../../invariants/download.ts';
import { crossing, inTurns, late, ordered } from './order.ts';
import { PASSWORD, type World } from './race.ts';

/** @param op the call with which the signal may come: its turn comes some time after */
export async function racedDownload(
  { order, clock, simulator, landed }: World,
  op: string
): Promise<{ report: DownloadReport; problems: readonly string[] }> {
  const own = simulator.connect({ journal: memoryJournal(), username: 'ann', latencyMs: 0 });
  const abort = new AbortController();
  const ports = ordered(order, own, 'run', {
    before: crossing(order, op, 'the signal', () => abort.abort()),
    landed: its => landed.push({ who: 'run', op: its })
  });
  const target = memoryTarget();
  const run = download(ports, { from: 'images/old', to: target }, { signal: abort.signal });
  const events: RunEvent[] = [];
  run.timeline$.subscribe(event => events.push(event));
  const [report, active] = await inTurns(
    order,
    clock,
    run.report.then(its => [its, activeDownloads(simulator)] as const)
  );
  await late(order, clock);
  const problems = brokenDownload({
    simulator,
    report,
    events,
    truth: new Map([['a.bin', new TextEncoder().encode('as it was')]]),
    before: new Map(),
    kept: target.kept,
    parts: target.parts,
    ifExists: 'fail',
    canceled: true,
    active,
    secrets: [PASSWORD]
  });
  return { report, problems: [...problems, ...(clock.waiting > 0 ? ['something of the run still sleeps'] : [])] };
}
