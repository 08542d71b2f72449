// Findings as a person reads them: one line each, what to do below it, and how it stands in the end.
import { type CheckId, CHECKS, type Finding, plural } from '../doctor/check.ts';
import { harmless } from '../view/words.ts';

const WORDS = { ok: 'ok', warning: 'warning', failed: 'failed', skipped: 'skipped' } as const;
const COLORS = { ok: 32, warning: 33, failed: 31, skipped: 90 } as const;
const WIDE = { result: 'warning'.length, id: Math.max(...CHECKS.map((id: CheckId) => id.length)) };

/** @example `lineOf({ id: 'dns', result: 'ok', message: 'vc is 10.0.0.1' }, false)` is `'ok       dns         vc is 10.0.0.1\n'`. */
export function lineOf({ id, result, message, next }: Finding, color: boolean): string {
  const word = WORDS[result].padEnd(WIDE.result);
  const shown = color ? `\x1b[${COLORS[result]}m${word}\x1b[0m` : word;
  const advice = next === undefined ? '' : `${' '.repeat(WIDE.result + WIDE.id + 4)}do: ${harmless(next)}\n`;
  return `${shown}  ${id.padEnd(WIDE.id)}  ${harmless(message)}\n${advice}`;
}

/** @example `summaryOf([])` is `'\nnothing stands in the way\n'`. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (result: Finding['result']): number => findings.filter(finding => finding.result === result).length;
  const [failed, warnings] = [count('failed'), count('warning')];
  const worries = warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`;
  if (failed === 0) return `\nnothing stands in the way${worries}\n`;
  return `\n${failed === 1 ? 'a check' : `${failed} checks`} failed${worries}\n`;
}
