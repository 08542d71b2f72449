// What happened in a played plan, line by line, for people: lives, calls and answers, what was done to the run, and the end.
import type { RunEvent } from '../../src/events/records.ts';
import type { Seen } from './seen.ts';

/** @example `timeline(seen).join('\n')` */
export function timeline({ plan, lives, said, ending }: Seen): string[] {
  const lines: { at: number; text: string }[] = said.map(({ at, what }) => ({ at, text: `--- ${what}` }));
  for (const [index, { events, clockAhead }] of lives.entries()) {
    for (const event of events) {
      const text = inWords(event);
      if (text !== undefined) lines.push({ at: event.at - clockAhead, text: `life ${index + 1}  ${text}` });
    }
  }
  const from = Math.min(...lines.map(({ at }) => at));
  const told = lines
    .map((line, order) => ({ ...line, order }))
    .sort((one, other) => one.at - other.at || one.order - other.order)
    .map(({ at, text }) => `${`+${((at - from) / 1_000).toFixed(3)} s`.padStart(13)}  ${text}`);
  const end =
    ending.how === 'reported' ? `${ending.report.outcome} ${ending.report.failure?.message ?? ''}` : ending.how;
  return [
    `seed ${plan.seed}: ${plan.job.kind} with a server ${plan.server.profile}`,
    ...told,
    `the end: ${end}`,
    ...(ending.how === 'reported' ? ending.report.notes.map(note => `  note: ${note}`) : [])
  ];
}

/** The whole log, for the comparison of two plays of one seed: every event of every life, and how it ended. */
export function wholeLog({ lives, said, ending, records, world }: Seen): string {
  const { items, sessions, downloads } = world.simulator.state;
  return JSON.stringify([
    lives.map(({ events, progress, witness }) => [events, progress, witness.calls]),
    said,
    ending.how === 'reported' ? [ending.report, ending.stillWaiting] : ending,
    records,
    [items, sessions, downloads],
    world.simulator.requests
  ]);
}

function inWords(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'state':
      return event.path === '' ? `is ${event.state}` : undefined;
    case 'call':
      return `${event.path}: ${event.op}${event.about === undefined ? '' : ` ${event.about}`}`;
    case 'answer': {
      const { failure } = event;
      if (failure === undefined) return `${event.path}: answered`;
      return `${event.path}: ${failure.code}${failure.ambiguous ? ' (in doubt)' : ''}: ${failure.message}`;
    }
    case 'facts':
      return `writes down ${JSON.stringify(event.changed)}`;
    case 'waiting':
      return `${event.path}: waits ${event.until - event.at} ms`;
    case 'ended':
      return `ends: ${event.outcome}${event.failure === undefined ? '' : ` (${event.failure.code})`}`;
    default:
      return undefined;
  }
}
