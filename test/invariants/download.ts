// What holds at the end of every download, whatever went wrong on the way. It believes only the server's own state, what is
// in the folder, and the bytes that the test made; it shares no code with what it checks.
import type { DownloadReport } from '../../src/download-report.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { leaks } from './secrets.ts';

export interface DownloadEvidence {
  readonly simulator: Simulator;
  readonly report: DownloadReport;
  readonly events: readonly RunEvent[];
  /** What the item holds, by name: as it was when the run began. */
  readonly truth: ReadonlyMap<string, Uint8Array>;
  /** What stood in the folder before, by name. */
  readonly before: ReadonlyMap<string, Uint8Array>;
  /** What stands in the folder at the end under final names, and as parts. */
  readonly kept: ReadonlyMap<string, Uint8Array>;
  readonly parts: ReadonlyMap<string, Uint8Array>;
  readonly ifExists: 'fail' | 'skip' | 'replace';
  readonly canceled: boolean;
  /** Download sessions that were open when the run ended. */
  readonly active: readonly string[];
  readonly secrets: readonly string[];
}

/** Download sessions that are ACTIVE, read past the service's operations. */
export function activeDownloads({ state }: Simulator): string[] {
  return state.downloads
    .flatMap(bucket => Object.values(bucket))
    .filter(({ state: its }) => its === 'ACTIVE')
    .map(({ id }) => id);
}

/** Every broken promise in a sentence; none: all is well. */
export function brokenDownload(evidence: DownloadEvidence): string[] {
  const { report, truth, before, kept, parts, active, canceled, ifExists, events } = evidence;
  const problems: string[] = [];
  const says = (wrong: boolean, text: string): void => {
    if (wrong) problems.push(text);
  };
  for (const [name, bytes] of kept) {
    const old = before.get(name);
    const whole = same(bytes, truth.get(name));
    says(
      !whole && !same(bytes, old),
      `${name} stands under its final name and is neither what the item holds nor what was there`
    );
    says(
      old !== undefined && !same(bytes, old) && ifExists !== 'replace',
      `${name} was replaced although nobody asked for it`
    );
  }
  for (const name of before.keys()) says(!kept.has(name), `${name} was there and is gone`);
  for (const { name, outcome, verified } of report.files) {
    const bytes = kept.get(name);
    says(outcome === 'kept' && !same(bytes, truth.get(name)), `${name} is called kept and is not what the item holds`);
    says(outcome === 'unchanged' && !same(bytes, truth.get(name)), `${name} is called unchanged and differs`);
    says(outcome === 'kept' && verified === 'no', `${name} is called kept and was not compared`);
    says(
      report.outcome === 'done' && !['kept', 'unchanged', 'skipped'].includes(outcome),
      `the download is done, and ${name} is ${outcome}`
    );
  }
  const told = report.notes.join(' ');
  says(report.outcome === 'done' && [...truth.keys()].some(name => !kept.has(name)), 'done, and a file is not there');
  says(report.outcome === 'canceled' && !canceled, 'canceled, and nobody asked');
  says(parts.size > 0 && !/left|part/.test(told), `parts stay without a word: ${[...parts.keys()].join(', ')}`);
  says(active.length > 0 && !/left|session/.test(told), 'a session stays open without a word');
  says(report.outcome === 'failed' && report.failure === undefined, 'failed, and does not say why');
  const ended = events.filter(({ type }) => type === 'ended').length;
  says(ended !== 1, `the log has ${ended} ends`);
  const log = JSON.stringify([events, report]);
  problems.push(
    ...leaks(
      { log },
      evidence.secrets.map(text => ({ name: 'a secret', text }))
    )
  );
  says(/\/cls\/data\//.test(log.replaceAll('/cls/data/…', '')), 'a download link stands in the log');
  return problems;
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}
