import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILURES, type FailureCode, failure } from '../../machines/vocabulary.ts';
import { endingOfThrown, exitOfReport, exitOfSignal, Interrupted, UsageError, worstOf } from '../../src/cli/exit.ts';
import { PortFailure } from '../../src/ports.ts';
import { type Report, reportOfFault } from '../../src/report.ts';

const failed = reportOfFault('run', 'server', failure('NOT_FOUND', 'x'), 0, 1);
const withOutcome = (outcome: Report['outcome']): Report => ({ ...failed, outcome, failure: undefined });

describe('exit codes', () => {
  it('should be what the table of failures says, for every code', () => {
    for (const code of Object.keys(FAILURES) as FailureCode[]) {
      const thrown = new PortFailure(failure(code, 'a sentence'));
      expect(endingOfThrown(thrown)).toEqual({
        code,
        message: 'a sentence',
        next: FAILURES[code].next,
        exit: FAILURES[code].exit
      });
      expect(exitOfReport({ ...failed, failure: failure(code, 'x') })).toBe(FAILURES[code].exit);
    }
  });

  it('should be 2 for a wrong call', () => {
    expect(endingOfThrown(new UsageError('wrong', 'do right'))).toEqual({
      code: 'INVALID_SPEC',
      message: 'wrong',
      next: 'do right',
      exit: 2
    });
  });

  it('should call what nobody foresaw a defect', () => {
    expect(endingOfThrown(new TypeError('x is not a function'))).toMatchObject({ code: 'INTERNAL', exit: 1 });
    expect(endingOfThrown('text')).toMatchObject({
      code: 'INTERNAL',
      message: 'something that is no error was thrown'
    });
  });

  it('should tell the signal', () => {
    expect([exitOfSignal('SIGINT'), exitOfSignal('SIGTERM')]).toEqual([130, 143]);
    expect(endingOfThrown(new Interrupted('SIGTERM'))).toMatchObject({ code: 'CANCELED', exit: 143 });
    expect(exitOfReport(withOutcome('canceled'))).toBe(130);
    expect(exitOfReport(withOutcome('canceled'), 'SIGTERM')).toBe(143);
  });

  it('should be 0 for what is done, whatever signal came too late, and 1 for a failure without a reason', () => {
    expect(exitOfReport(withOutcome('done'), 'SIGINT')).toBe(0);
    expect(exitOfReport(withOutcome('upToDate'))).toBe(0);
    expect(exitOfReport(withOutcome('failed'))).toBe(1);
  });

  it('should be the worst of several: anything outweighs 0 and what may pass, a signal outweighs all', () => {
    expect(worstOf([])).toBe(0);
    expect(worstOf([0, 5])).toBe(5);
    expect(worstOf([5, 1])).toBe(1);
    expect(worstOf([5, 4, 0, 3])).toBe(4);
    expect(worstOf([12, 130])).toBe(130);
    const codes = fc.array(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 130, 143));
    fc.assert(
      fc.property(codes, list => {
        const worst = worstOf(list);
        expect(worst === 0).toBe(list.every(code => code === 0));
        expect([0, ...list]).toContain(worst);
        expect(worstOf([...list].reverse())).toBe(worst);
      })
    );
  });
});
