// What must come of a world in which nothing goes wrong, or only what passes: told from the plan alone, before it is played.
import { PROFILES } from '../../src/servers/profiles.ts';
import type { Fault } from '../../src/simulator/index.ts';
import { bytesIn } from './contents.ts';
import { isPackage, type Plan, type UploadJob } from './plan.ts';
import type { Ending } from './seen.ts';

/** So many misfortunes that pass any single call gets over: the policy allows five tries. */
const MOST_MISFORTUNES = 3;

/** How the run has to end, as `outcome` or `failed CODE`; `undefined`: that hangs on time. */
function expectedOf(plan: Plan): readonly string[] | undefined {
  const { faults, events, crashes, job, budget } = plan;
  if (plan.line.cutsFetchAt !== undefined) return undefined;
  if (events.length > 0 || crashes.length > 0 || job.deadlineMs !== undefined || budget !== undefined) return undefined;
  if (!faults.every(fault => passes(fault, plan))) return undefined;
  if (times(faults) > MOST_MISFORTUNES) return undefined;
  return job.kind === 'upload' ? ofUpload(plan, job) : ofDownload(plan);
}

/** S-: what was expected has to come. */
export function asExpected(plan: Plan, ending: Ending): string[] {
  const expected = expectedOf(plan);
  if (expected === undefined || ending.how !== 'reported') return [];
  const { outcome, failure } = ending.report;
  const is = failure === undefined ? outcome : `${outcome} ${failure.code}`;
  return expected.includes(is) ? [] : [`nothing stood in the way of ${expected.join(' or ')}, and it is ${is}`];
}

function ofUpload({ server, shelf }: Plan, job: UploadJob): string[] {
  const profile = PROFILES[server.profile];
  const { files, ifExists } = job;
  const all = [...files, ...files.flatMap(({ about }) => about ?? [])];
  const isWrong = all.some(({ wrong, name }) => wrong && /\.mf$/.test(name));
  if (shelf !== undefined && ifExists === 'fail')
    return ['failed ALREADY_EXISTS', ...(isWrong ? ['failed SOURCE_DISAGREES'] : [])];
  if (isWrong && shelf !== undefined && ifExists === 'skip') return ['upToDate', 'failed SOURCE_DISAGREES'];
  const extra = (shelf ?? []).some(({ name }) => !files.some(file => file.name === name));
  const cannotReplace = ifExists === 'replace' && extra && !profile.removesFiles ? ['failed UNSUPPORTED'] : [];
  // The service may have read the manifest first; and what the item holds is looked at before any source is read.
  if (isWrong) {
    const isJudged = server.rules.mismatch === 'sessionError' ? ['failed SESSION_ERROR'] : [];
    return ['failed SOURCE_DISAGREES', ...isJudged, ...cannotReplace];
  }
  if (shelf !== undefined && ifExists === 'skip') return ['upToDate'];
  if (cannotReplace.length > 0) return cannotReplace;
  if (files.some(({ pull }) => pull === 'wrong')) return ['failed CHECKSUM_MISMATCH', 'failed SESSION_ERROR'];
  const isSigned = all.some(({ name }) => /\.cert$/.test(name));
  if (isSigned && profile.previews && isPackage(job) && !job.acceptWarnings) return ['failed WARNINGS'];
  return ['done', 'upToDate'];
}

function ofDownload({ job, server, shelf = [] }: Plan): string[] {
  if (job.kind !== 'download') return [];
  if (shelf.length === 0) return ['failed NOT_FOUND'];
  const tells = server.profile !== 'vcsim' && server.digests !== 'none';
  // Only a digest shows that what stands there is the same.
  const differs = job.folder.some(there => {
    const own = shelf.find(({ name }) => name === there.name);
    return own !== undefined && (!tells || Buffer.compare(bytesIn(own), bytesIn(there)) !== 0);
  });
  return differs && job.ifExists === 'fail' ? ['failed ALREADY_EXISTS'] : ['done', 'upToDate'];
}

function times(faults: readonly Fault[]): number {
  return faults.reduce((sum, its) => sum + Number(its.times ?? 1), 0);
}

function passes(fault: Fault, { server, job, faults }: Plan): boolean {
  if (fault.times === 'always' || String(fault.on) === 'pull') return false;
  switch (fault.do) {
    case 'transferError':
      return false;
    case 'answer':
      // An answer that comes before the body breaks it off.
      if (server.rules.dropIsError && (fault.afterBytes !== undefined || /^(put|\*)$/.test(String(fault.on))))
        return false;
      return fault.status >= 500 || fault.status === 429;
    case 'late':
      // An add that lands once more unsettles the file, and before its descriptor nothing can be added any more; where READY is
      // never said, it is sent again once, and no more.
      return (
        server.rules.dropIsError !== true &&
        (job.kind === 'download' || (!isPackage(job) && (PROFILES[server.profile].reportsReady || times(faults) === 1)))
      );
    case 'expireSession':
      // Where it still shows as ERROR, it was ended: nobody opens another one then.
      return (server.rules.expiredGraceMs ?? 0) === 0;
    case 'corrupt':
      // Where no digest shows it, the service may not be able to read a descriptor any more.
      return (
        server.profile !== 'vcsim' &&
        server.rules.mismatch !== 'sessionError' &&
        job.kind === 'upload' &&
        !(server.digests === 'none' && isPackage(job))
      );
    default:
      return server.rules.dropIsError !== true;
  }
}
