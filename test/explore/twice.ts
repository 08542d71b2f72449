// S8: the same command once more, when nothing goes wrong any more: one item, no further step of its content, no byte sent.
import type { Report } from '../../src/report.ts';
import { upload } from '../../src/upload.ts';
import type { Seen } from './seen.ts';
import { uploadSpecOf } from './world.ts';

const AGAIN = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';

export async function twice({ plan, world, others, ending }: Seen): Promise<string[]> {
  const { job, server } = plan;
  if (job.kind !== 'upload' || ending.how !== 'reported' || ending.report.outcome !== 'done' || others.items) return [];
  // Nothing begins that cannot be written down.
  if (plan.events.some(event => event.do === 'breakJournal')) return [];
  const { simulator, clock, ports } = world;
  simulator.faults.clear();
  const before = simulator.contents('item');
  const seen = simulator.requests.length;
  const { deadlineMs: _, ...spec } = uploadSpecOf(job);
  const report: Report = await clock.run(upload(ports, spec, { run: AGAIN }).report);
  await clock.advanceBy(1_000);
  const after = simulator.contents('item');
  const sent = simulator.requests.slice(seen).filter(({ op }) => op === 'put' || op === 'file.add').length;
  const named = simulator.state.items.flatMap(bucket => Object.values(bucket)).filter(({ name }) => name === 'item');
  const wrong = named.length === 1 ? [] : [`after the second time there are ${named.length} items`];
  if (job.ifExists === 'fail')
    return report.failure?.code === 'ALREADY_EXISTS' ? wrong : [...wrong, `the second time: ${report.outcome}`];
  // Only a digest shows that nothing is to be sent: some servers report none, and what is fetched is not read here.
  const tells = server.profile !== 'vcsim' && server.digests !== 'none';
  const canTell = tells && job.files.every(({ pull }) => pull === undefined);
  if (!canTell && job.ifExists !== 'skip') return wrong;
  if (report.outcome !== 'upToDate') wrong.push(`the second time: ${report.outcome} ${report.failure?.message ?? ''}`);
  if (sent > 0) wrong.push(`the second time: ${sent} requests that send`);
  if (before?.contentVersion !== after?.contentVersion) wrong.push('the second time the content went on');
  return wrong;
}
