// The part of a state's name that a person follows. The log has the whole name; reports, progress and pictures this one.

const HOLDING = 'holding.';

/**
 * Without what goes on inside the state, and without `holding`, which only says that a session is open.
 *
 * @example `phaseOf('holding.transferring.files+watch.resting')` is `'transferring'`.
 */
export function phaseOf(state: string): string {
  // Asked for with every event: no pattern.
  const from = state.startsWith(HOLDING) ? HOLDING.length : 0;
  let to = from;
  while (to < state.length && state[to] !== '.' && state[to] !== '+') to++;
  return state.slice(from, to) || state;
}

/** The phases of a path; steps inside one phase are one. @example `phasesOf(['a.x', 'a.y', 'b', 'a.x'])` is `['a', 'b', 'a']`. */
export function phasesOf(path: readonly string[]): string[] {
  const phases = path.map(phaseOf);
  return phases.filter((phase, index) => phase !== phases[index - 1]);
}
