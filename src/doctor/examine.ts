// Makes the checks one after the other; what a failed one stands in the way of is skipped, and says so.
import { adviceOf, FAILURES, failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import type { Check, CheckId, Examination, Finding, Means } from './check.ts';

/**
 * Never throws: whatever is wrong is a finding. `told` hears each as it is found.
 *
 * @example `(await examine(wayChecks, means)).find(({ id }) => id === 'dns')?.result`
 */
export async function examine(
  checks: readonly Check[],
  means: Means,
  told: (finding: Finding) => void = () => undefined
): Promise<Finding[]> {
  const its: Examination = { means };
  const findings: Finding[] = [];
  const by = (id: CheckId): Finding | undefined => findings.find(finding => finding.id === id);
  for (const check of checks) {
    const broken = (check.needs ?? []).map(by).find(one => one?.result === 'failed' || one?.result === 'skipped');
    const finding = broken ? skipped(check, broken) : await looked(check, its);
    findings.push(finding);
    told(finding);
  }
  return findings;
}

/** The exit code: of the first check that failed; warnings are none. */
export function exitOf(findings: readonly Finding[]): number {
  const code = findings.find(({ result }) => result === 'failed')?.code;
  return code === undefined ? 0 : FAILURES[code].exit;
}

async function looked(check: Check, its: Examination): Promise<Finding> {
  const { id } = check;
  try {
    if (its.means.signal.aborted) throw new PortFailure(failure('CANCELED', 'it was interrupted'));
    const { says, next, skip, facts } = await check.look(its);
    return {
      id,
      result: skip ? 'skipped' : next === undefined ? 'ok' : 'warning',
      message: says,
      ...(next !== undefined && { next }),
      ...(facts && { facts })
    };
  } catch (cause) {
    const failed =
      cause instanceof PortFailure
        ? cause.failure
        : failure('INTERNAL', cause instanceof Error ? `${cause.name}: ${cause.message}` : 'something was thrown');
    return { id, result: 'failed', message: failed.message, next: adviceOf(failed), code: failed.code };
  }
}

/** The reason is the check that failed, not the one that was skipped because of it. */
function skipped({ id }: Check, broken: Finding): Finding {
  const message = broken.result === 'failed' ? `not looked at, because ${broken.id} failed` : broken.message;
  return { id, result: 'skipped', message };
}
