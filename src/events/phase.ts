// The part of a state's name that a person follows. The log has the whole name; reports, progress and pictures this one.

/**
 * Without what goes on inside the state, and without `holding`, which only says that a session is open.
 *
 * @example `phaseOf('holding.transferring.files+watch.resting')` is `'transferring'`.
 */
export function phaseOf(state: string): string {
  return state.replace(/^holding\./, '').replace(/[.+].*$/s, '') || state;
}

/** The phases of a path; steps inside one phase are one. @example `phasesOf(['a.x', 'a.y', 'b', 'a.x'])` is `['a', 'b', 'a']`. */
export function phasesOf(path: readonly string[]): string[] {
  const phases = path.map(phaseOf);
  return phases.filter((phase, index) => phase !== phases[index - 1]);
}
