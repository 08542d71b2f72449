// A state value as words. Regions of a parallel state stand side by side.
import type { StateValue } from 'xstate';

/** @example `wordsOf({ holding: { transferring: { files: {}, watch: 'resting' } } })` is `'holding.transferring.watch.resting'`. */
export function wordsOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([state, inner]) => {
      const rest = inner === undefined ? '' : wordsOf(inner);
      return rest === '' ? state : `${state}.${rest}`;
    })
    .join('+');
}

/** The same without what stands side by side: the one line of a run. @example `'holding.transferring'` */
export function lineOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  const [[state, inner] = ['', undefined], ...others] = Object.entries(value);
  if (others.length > 0) return '';
  const rest = inner === undefined ? '' : lineOf(inner);
  return rest === '' ? state : `${state}.${rest}`;
}
