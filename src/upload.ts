// An upload, by the loop of src/run.ts: files become the content of one item.
import type { ItemFile, SessionFile } from '../machines/vocabulary.ts';
import { uploadMachine } from '../machines/workflow/upload.ts';
import type { UploadPolicy, UploadResult } from '../machines/workflow/upload-facts.ts';
import type { Errand } from './errand.ts';
import { factsOf } from './events/facts.ts';
import type { Facts } from './events/records.ts';
import { plan as planUpload, pullMeansOf } from './plan.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { Ports } from './ports.ts';
import { type Report, reportOf, reportOfFault } from './report.ts';
import { begin, type Run, type RunOptions } from './run.ts';
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
  return begin(ports, options, reportOfFault, run => {
    const checked = checkSpec(spec);
    return {
      what: 'upload',
      deadlineMs: checked.deadlineMs,
      prepare: async signal => {
        const plan = await planUpload(checked, undefined, pullMeansOf(ports, signal));
        const input = inputOf(checked, plan, ports.library.server, { ...DEFAULT_POLICY, ...options.policy }, run);
        return {
          machine: uploadMachine,
          input,
          started: { to: `${input.to.library}/${input.to.item}`, files: input.files },
          means: { files: plan.files },
          factsOf,
          left: facts => leftOn(facts as Facts, run),
          count: countUpload(ports),
          report: ({ output, ...its }) => reportOf({ ...its, result: output as UploadResult, plan }),
          close: () => plan.close()
        };
      }
    };
  });
}

/** What a run that broke off may have left on the server. */
function leftOn({ itemId, itemMade, sessionId, opened }: Facts, run: string): string[] {
  return [
    ...(opened ? [`left on the server: session ${sessionId ?? `of run ${run} on item ${itemId}`}`] : []),
    ...(itemMade ? [`left on the server: item ${itemId}`] : [])
  ];
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
