// What a run tells, and what it writes down: no secret in either, and the same facts in both.
import { leaks, textOf } from './secrets.ts';
import type { Evidence } from './upload.ts';

/** S7: no secret in anything that is shown or written down. */
export function silence({ report, events, progress, witness, secrets }: Evidence): string[] {
  const canaries = [
    ...secrets.map(text => ({ name: 'a secret', text })),
    ...[...witness.uris].flatMap(uri => [
      { name: 'an address for bytes', text: uri },
      { name: 'the random part of an address for bytes', text: uri.split('/').at(-2) as string }
    ])
  ];
  const places = { report, events, progress, journal: witness.records, 'errors of ports': witness.thrown };
  return [
    ...leaks(places, canaries),
    ...Object.entries(places)
      .filter(([, what]) => textOf(what).includes('/cls/data/'))
      .map(([place]) => `an address for bytes is in the ${place}`)
  ];
}

/** The journal holds the facts of the log, in their order; before them how the run began, behind them how it ended. */
export function journal({ witness, events, report }: Evidence): string[] {
  if (report.failure?.code === 'JOURNAL') return [];
  // Where it could not be told, the report says so.
  if (report.notes.includes('the journal does not know that this run has ended')) return [];
  const types = witness.records.map(({ type }) => type);
  if (types.length > 0 && (types[0] !== 'begun' || types.at(-1) !== 'ended'))
    return ['the journal does not know its run'];
  const kept = witness.records.filter(({ type }) => type === 'facts').map(({ type, data }) => [type, data]);
  const told = events.filter(event => event.type === 'facts').map(({ type, changed }) => [type, changed]);
  return JSON.stringify(kept) === JSON.stringify(told) ? [] : ['the journal and the log tell different facts'];
}
