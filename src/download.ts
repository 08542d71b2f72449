// A download, by the loop of src/drive.ts: from an item of a library into a folder.
import { resolve } from 'node:path';
import { downloadMachine, downloadResultOf } from '../machines/workflow/download.ts';
import type {
  DownloadContext,
  DownloadInput,
  DownloadPolicy,
  DownloadResult
} from '../machines/workflow/download-facts.ts';
import { folderTarget } from './adapters/files/file-sink.ts';
import { type DownloadReport, downloadReportOf, downloadReportOfFault } from './download-report.ts';
import { type CheckedDownload, checkDownload, type DownloadSpec } from './download-spec.ts';
import { downloadFactsOf } from './events/facts.ts';
import type { DownloadFacts, ListedFile } from './events/records.ts';
import { downloadForecast } from './forecast.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { Ports, ServerProfile } from './ports.ts';
import { begin, type Run, type RunOptions } from './run.ts';
import type { Node } from './step.ts';

export interface DownloadOptions extends RunOptions {
  readonly policy?: Partial<DownloadPolicy>;
}
export type DownloadRun = Run<DownloadReport>;

/**
 * Downloads the files of an item into a folder. What is not complete never stands under its final name. Never throws: what
 * is wrong with the call is in the report, too.
 *
 * @example
 * const run = download(vcenter, { from: 'images/ubuntu-24.04', to: '/srv/images' });
 * const { files } = await run.report; // each with `outcome` and `verified`
 */
export function download(ports: Ports, spec: DownloadSpec, options: DownloadOptions = {}): DownloadRun {
  let place = '';
  const dry = options.dryRun ? ({ dryRun: true } as const) : {};
  const faulted = (...its: [string, string, Failed, number, number]) => ({
    ...downloadReportOfFault(place, ...its),
    ...dry
  });
  return begin(ports, options, faulted, run => {
    const checked = checkDownload(spec);
    const target = typeof checked.to === 'string' ? folderTarget(checked.to) : checked.to;
    place = target.place;
    const input = downloadInputOf(checked, ports.library.server, { ...DEFAULT_POLICY, ...options.policy }, run);
    return {
      what: 'download',
      deadlineMs: checked.deadlineMs,
      prepare: async (_, earlier) => ({
        begun: {
          kind: 'download',
          server: ports.serverName,
          user: ports.userName,
          place: `${input.from.library}/${input.from.item}`,
          spec: downloadToldAgain(spec),
          files: []
        },
        machine: downloadMachine,
        input: options.dryRun
          ? { ...input, rehearse: true }
          : { ...input, known: earlier?.facts as DownloadFacts | undefined, told: earlier?.told },
        started: { to: `${input.from.library}/${input.from.item}`, files: [], kind: 'download' },
        means: { files: [], target },
        factsOf: downloadFactsOf,
        listed,
        past: facts => isPast((facts as DownloadFacts).files),
        cutShort: (facts, _, canceled) =>
          isPast((facts as DownloadFacts).files)
            ? { outcome: 'done', failure: undefined }
            : { outcome: 'canceled', failure: canceled },
        outputOf: context => downloadResultOf(context as DownloadContext),
        left: facts => leftBy(facts as DownloadFacts, run, place),
        count: (ledger, op, about) => {
          if (op === 'keep') ledger.taken(String(about));
        },
        report: ({ output, ...its }) => {
          const result = output as DownloadResult;
          const goesOnWith = earlier === undefined ? undefined : run;
          const forecast = options.dryRun ? { forecast: downloadForecast(result, goesOnWith) } : {};
          return { ...downloadReportOf({ ...its, to: place, result }), ...dry, ...forecast };
        },
        close: () => target.close()
      })
    };
  });
}

/** The input of `downloadMachine`; JSON. */
export function downloadInputOf(
  { library, item, files, ifExists, parallel }: CheckedDownload,
  { sessionTimeoutMs, reportsSize, reportsDigest }: Pick<ServerProfile, keyof DownloadInput['server']>,
  policy: DownloadPolicy,
  run: string
): DownloadInput {
  const { maxAttempts, baseMs, capMs, retryAfterCapMs, retryCost, breakCost, pollMs, patienceMs } = policy;
  return {
    run,
    from: {
      library: library.id ?? library.name,
      libraryById: library.id !== undefined,
      item: item.id ?? item.name,
      itemById: item.id !== undefined
    },
    wanted: files,
    ifExists,
    server: { sessionTimeoutMs, reportsSize, reportsDigest },
    policy: { maxAttempts, baseMs, capMs, retryAfterCapMs, retryCost, breakCost, pollMs, patienceMs, parallel }
  };
}

type Failed = Parameters<typeof downloadReportOfFault>[3];

function listed(tree: Node): readonly ListedFile[] {
  const { files } = tree.snapshot.context as DownloadContext;
  return files.map(({ name, size = 0 }) => ({ name, size, role: 'plain' }));
}

/** The call as JSON, for a later life; `undefined` where it names a target of the caller's own. */
export function downloadToldAgain({ deadlineMs: _, ...spec }: DownloadSpec): DownloadSpec | undefined {
  return typeof spec.to === 'string' ? { ...spec, to: resolve(spec.to) } : undefined;
}

/** Before the item has been read there are no files, and everything is still to come. */
function isPast(files: DownloadFacts['files']): boolean {
  return files.length > 0 && files.every(({ outcome }) => outcome === 'kept');
}

/** What a run that broke off may have left on the server and in the folder. */
function leftBy({ itemId, sessionId, opened, files }: DownloadFacts, run: string, place: string): string[] {
  const parts = files.filter(({ parted }) => parted).map(({ name }) => JSON.stringify(name));
  return [
    ...(opened ? [`left on the server: session ${sessionId ?? `of run ${run} on item ${itemId}`}`] : []),
    ...(parts.length > 0 ? [`left in ${place}: what has come of ${parts.join(', ')}`] : [])
  ];
}
