// An upload, by the loop of src/drive.ts: files become the content of one item.
import { resolve } from 'node:path';
import { type Failure, failure, type ItemFile, type SessionFile } from '../machines/vocabulary.ts';
import { uploadMachine, uploadResultOf } from '../machines/workflow/upload.ts';
import type { UploadContext, UploadPolicy, UploadResult } from '../machines/workflow/upload-facts.ts';
import type { Cut, Errand } from './errand.ts';
import { type Beginning, type BegunFile, changedSince } from './events/beginning.ts';
import { factsOf } from './events/facts.ts';
import type { Facts } from './events/records.ts';
import { uploadForecast } from './forecast.ts';
import { isPulled, type Plan, plan as planUpload, pullMeansOf } from './plan.ts';
import { DEFAULT_POLICY } from './policy.ts';
import { PortFailure, type Ports } from './ports.ts';
import { type Report, reportOf, reportOfFault } from './report.ts';
import { begin, type Run, type RunOptions } from './run.ts';
import { bytesSource } from './sources/bytes-source.ts';
import { mayHoldSecret } from './sources/pull-address.ts';
import { checkSpec, type UploadSpec } from './spec.ts';
import { inputOf } from './upload-input.ts';

export interface UploadOptions extends RunOptions {
  readonly policy?: Partial<UploadPolicy>;
}
export type UploadRun = Run<Report>;

/**
 * Uploads files into one item. Never throws: what is wrong with the call is in the report, too.
 *
 * @example
 * const run = upload(vcenter, { to: 'images/ubuntu-24.04', files: ['ubuntu.ova'] });
 * const { outcome } = await run.report; // 'done' | 'upToDate' | 'failed' | 'canceled'
 */
export function upload(ports: Ports, spec: UploadSpec, options: UploadOptions = {}): UploadRun {
  const dry = options.dryRun ? ({ dryRun: true } as const) : {};
  const faulted = (...its: Parameters<typeof reportOfFault>) => ({ ...reportOfFault(...its), ...dry });
  return begin(ports, options, faulted, run => {
    const checked = checkSpec(spec);
    return {
      what: 'upload',
      deadlineMs: checked.deadlineMs,
      prepare: async (signal, earlier) => {
        const plan =
          earlier !== undefined && options.cleanUp !== undefined
            ? planToEnd(earlier.beginning)
            : await planUpload(checked, ports.disk, pullMeansOf(ports, signal));
        const files = plan.files.map(begunOf);
        if (earlier !== undefined && options.cleanUp === undefined) refuseChanged(earlier.beginning, files, run);
        const policy = { ...DEFAULT_POLICY, ...options.policy };
        const known = earlier?.facts as Facts | undefined;
        const rehearse = options.dryRun ? { session: known?.sessionId } : undefined;
        const told = earlier?.told;
        const input = { ...inputOf(checked, plan, ports.library.server, policy, run, known, rehearse), told };
        const place = `${input.to.library}/${input.to.item}`;
        return {
          begun: {
            kind: 'upload',
            server: ports.serverName,
            user: ports.userName,
            place,
            spec: uploadToldAgain(spec),
            files
          },
          machine: uploadMachine,
          input,
          started: { to: place, files: input.files },
          means: { files: plan.files },
          factsOf,
          past: facts => (facts as Facts).done,
          left: facts => leftOn(facts as Facts, run),
          cutShort: (facts, context, canceled) => cutShort(facts as Facts, context as UploadContext, canceled),
          outputOf: context => uploadResultOf(context as UploadContext),
          count: countUpload(ports),
          report: ({ output, ...its }) => {
            const result = output as UploadResult;
            const goesOnWith = earlier === undefined ? undefined : run;
            const forecast = options.dryRun
              ? { forecast: uploadForecast(result, plan, checked.onBusy, goesOnWith) }
              : {};
            return reportOf({ ...its, ...forecast, result, plan, dryRun: options.dryRun });
          },
          close: () => plan.close()
        };
      }
    };
  });
}

/**
 * The call as JSON, for a later life; `undefined` where it names sources of the caller's own, or an address of a source or
 * its proxy that may hold a secret.
 */
export function uploadToldAgain({ deadlineMs: _, ...spec }: UploadSpec): UploadSpec | undefined {
  const files = spec.files.map(file => {
    if (typeof file === 'string') return resolve(file);
    return 'pull' in file && ![file.pull, file.proxy ?? ''].some(mayHoldSecret) ? file : undefined;
  });
  const known = files.filter(file => file !== undefined);
  return known.length < files.length ? undefined : { ...spec, files: known };
}

function begunOf(file: Plan['files'][number]): BegunFile {
  const { name, size, role, digest } = file;
  const version = isPulled(file) ? undefined : file.source.version;
  return { name, size, version, ...(role !== 'plain' && { role }), digest, ...(isPulled(file) && { pull: true }) };
}

/** What was to be sent, for a life that sends nothing any more: the sources may be gone, and where they are does not matter. */
function planToEnd({ files }: Beginning): Plan {
  const source = bytesSource('');
  return {
    itemName: '',
    itemType: '',
    files: files.map(({ name, size, role = 'plain', digest, pull }) => {
      const file = { name, role, ...(digest && { digest }), from: name };
      // Of what the service fetches perhaps nobody knows how long it is.
      if (pull || size === undefined) return { ...file, size, pull: { uri: 'about:blank' } };
      return { ...file, size, source };
    }),
    notes: [],
    close: async () => undefined
  };
}

/** Bytes of two versions are never mixed: what the first life has sent would not be looked at again. */
function refuseChanged({ files }: Beginning, now: readonly BegunFile[], run: string): void {
  const changed = changedSince(files, now);
  if (changed === undefined) return;
  throw new PortFailure(
    failure('SOURCE_CHANGED', `${changed} is not what it was when the upload began`, {
      next: `end what was begun (shelver cleanup ${run}), then upload anew`
    })
  );
}

/** What a run that broke off may have left on the server. */
function leftOn({ itemId, itemMade, making, sessionId, opened, asked, done }: Facts, run: string): string[] {
  const isOpen = asked && !done;
  const unknown = 'complete had been sent, and what became of it is not known: the item may hold what was sent';
  return [
    ...(isOpen ? [unknown] : []),
    ...(making ? ['left on the server: perhaps the item that was being made'] : []),
    ...(opened ? [`left on the server: session ${sessionId ?? `of run ${run} on item ${itemId}`}`] : []),
    ...(itemMade ? [`left on the server: item ${itemId}`] : [])
  ];
}

/** After DONE nothing is taken back: it is done where it was held against the source already, and else not known to be. */
function cutShort({ done }: Facts, { verified }: UploadContext, canceled: Failure): Cut {
  if (!done) return { outcome: 'canceled', failure: canceled };
  if (verified.length > 0 && verified.every(its => its.verified !== 'no'))
    return { outcome: 'done', failure: undefined };
  const message = `the session is DONE, but the item was not held against the source (${canceled.message})`;
  return { outcome: 'failed', failure: failure('NOT_VERIFIED', message) };
}

function countUpload({ library }: Ports): Errand<Report>['count'] {
  return (ledger, op, about, value) => {
    if (op === 'getFile') ledger.told(value as SessionFile);
    if (op === 'listFiles') for (const file of value as SessionFile[]) ledger.told(file);
    if (op === 'push' && !library.server.reportsReady) ledger.taken(String(about));
    if (op === 'listItemFiles')
      for (const { name } of value as ItemFile[]) if (ledger.totalOf(name).accepted > 0) ledger.taken(name);
  };
}
