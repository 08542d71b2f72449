import { describe, expect, it } from 'vitest';
import type { Check, Finding } from '../../src/doctor/check.ts';
import { exitOf } from '../../src/doctor/examine.ts';
import { lineOf, summaryOf } from '../../src/cli/doctor-words.ts';
import { patient, refusing } from './patient.ts';

const well = (id: Check['id'], needs?: Check['needs']): Check => ({ id, needs, look: () => ({ says: 'well' }) });

describe('an examination', () => {
  it('should tell each finding as it is found, and skip what a failed one stands in the way of', async () => {
    const checks: Check[] = [
      well('settings'),
      { id: 'dns', needs: ['settings'], look: refusing('BAD_ADDRESS', 'no such host') },
      well('tcp', ['dns']),
      well('tls', ['tcp']),
      { id: 'journal', look: () => ({ says: 'none', next: 'name one' }) },
      well('space', ['journal'])
    ];
    const findings = await patient().look(...checks);
    expect(findings.map(({ id, result }) => `${id} ${result}`)).toEqual([
      'settings ok',
      'dns failed',
      'tcp skipped',
      'tls skipped',
      'journal warning',
      'space ok'
    ]);
    expect(findings[1]).toMatchObject({ code: 'BAD_ADDRESS', message: 'no such host', next: 'check --url' });
    // Not "because tcp was skipped": that helps nobody.
    expect(findings[3]?.message).toBe('not looked at, because dns failed');
    expect(exitOf(findings)).toBe(2);
  });

  it('should have the exit code of the first that failed, and none for warnings', () => {
    const of = (result: Finding['result'], code?: Finding['code']): Finding => ({
      id: 'tcp',
      result,
      message: '',
      code
    });
    expect(exitOf([of('ok'), of('warning'), of('skipped')])).toBe(0);
    expect(exitOf([of('warning'), of('failed', 'UNAUTHORIZED'), of('failed', 'CONNECTION')])).toBe(7);
  });

  it('should call a defect a defect', async () => {
    const broken: Check = {
      id: 'node',
      look: () => {
        throw new TypeError('x is not a function');
      }
    };
    const odd: Check = {
      id: 'node',
      look: () => {
        throw 'something';
      }
    };
    const [first, second] = await patient().look(broken, odd);
    expect(first).toMatchObject({ result: 'failed', code: 'INTERNAL', message: 'TypeError: x is not a function' });
    expect(second).toMatchObject({ result: 'failed', code: 'INTERNAL', message: 'something was thrown' });
  });

  it('should look at nothing more once it is interrupted', async () => {
    const abort = new AbortController();
    abort.abort();
    const [finding] = await patient({ signal: abort.signal }).look(well('node'));
    expect(finding).toMatchObject({ result: 'failed', code: 'CANCELED' });
  });
});

describe('a finding as a person reads it', () => {
  const finding: Finding = { id: 'dns', result: 'warning', message: 'a\nb', next: 'do\x1bthis' };
  it('should be one line, and what to do below it', () => {
    expect(lineOf(finding, false)).toBe('warning  dns         a b\n                     do: do?this\n');
    expect(lineOf({ ...finding, next: undefined }, true)).toBe('\x1b[33mwarning\x1b[0m  dns         a b\n');
  });
  it('should be counted in the end', () => {
    expect(summaryOf([])).toBe('\nnothing stands in the way\n');
    expect(summaryOf([finding])).toBe('\nnothing stands in the way, 1 warning\n');
    const failed: Finding = { ...finding, result: 'failed' };
    expect(summaryOf([failed])).toBe('\na check failed\n');
    expect(summaryOf([failed, failed, finding, finding])).toBe('\n2 checks failed, 2 warnings\n');
  });
});
