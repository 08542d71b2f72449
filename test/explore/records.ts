// What is shown and written down: no secret in it, and in the journal all facts in their order.
import { SECRETS } from './contents.ts';
import { together } from './evidence.ts';
import type { Seen } from './seen.ts';
import { PASSWORD } from './world.ts';

/** S7: no secret in anything that is shown or written down. */
export function silence({ lives, records, ending }: Seen): string[] {
  const { uris } = together(lives);
  const canaries = [PASSWORD, ...SECRETS, ...[...uris].flatMap(uri => [uri, uri.split('/').at(-2) as string])];
  const places = {
    events: lives.map(({ events }) => events),
    progress: lives.map(({ progress }) => progress.at(-1)),
    journal: records,
    report: ending.how === 'reported' ? ending.report : undefined
  };
  return Object.entries(places).flatMap(([place, what]) => {
    const text = JSON.stringify(what) ?? '';
    return canaries.some(canary => text.includes(canary)) || text.includes('/cls/data/')
      ? [`a secret is in the ${place}`]
      : [];
  });
}

/** The journal holds the facts that all lives told, in their order; of a life that died perhaps not the last. */
export function journal({ records, lives, ending }: Seen): string[] {
  const kept = records.filter(({ type }) => type === 'facts').map(({ data }) => JSON.stringify(data));
  let at = 0;
  for (const { events } of lives) {
    const told = events.flatMap(event => (event.type === 'facts' ? [JSON.stringify(event.changed)] : []));
    for (const fact of told) if (kept[at] === fact) at += 1;
  }
  if (at < kept.length) return ['the journal holds facts that nobody told'];
  if (ending.how !== 'reported') return [];
  const { report } = ending;
  const ends = records.filter(({ type }) => type === 'ended').length;
  if (ends > 1) return ['the journal knows two ends of the run'];
  const untold =
    report.failure?.code === 'JOURNAL' || report.notes.includes('the journal does not know that this run has ended');
  if (records.length > 0 && ends === 0 && !untold) return ['the journal does not know that the run has ended'];
  return [];
}
