import { describe, expect, it } from 'vitest';
import { phaseOf, phasesOf } from '../../src/events/phase.ts';

describe('phases', () => {
  it('should name what a person follows', () => {
    const states = [
      'locating.findingItem',
      'holding.reviewing.asking',
      'holding.transferring.files+watch.resting',
      'done',
      '',
      '+x'
    ];
    expect(states.map(phaseOf)).toEqual(['locating', 'reviewing', 'transferring', 'done', '', '+x']);
  });

  it('should be one as long as they last', () => {
    expect(phasesOf(['a.x', 'a.y', 'b', 'a.x'])).toEqual(['a', 'b', 'a']);
  });
});
