// The path that one run took, as Mermaid: each state once, arrows numbered in the order they were gone.
import { phaseOf, phasesOf } from '../events/phase.ts';
import type { RunEvent } from '../events/records.ts';
import { escapeMermaid } from './mermaid.ts';

interface Step {
  readonly state: string;
  /** How long it was the current one, all visits together. */
  readonly tookMs?: number;
}

/**
 * Steps inside one phase are one: the path of an upload, not of its questions.
 *
 * @example `pathDiagram(['locating', 'opening', 'failed'])` has the arrows `1` and `2`.
 */
export function pathDiagram(states: readonly string[]): string {
  return draw(phasesOf(states).map(state => ({ state })));
}

/** The same from a run's log, with how long the upload stayed in each state. */
export function toMermaidPath(events: readonly RunEvent[]): string {
  const states = events.filter(event => event.type === 'state').filter(event => event.path === '');
  const entered = states.filter((event, index) => phaseOf(event.state) !== phaseOf(states[index - 1]?.state ?? ''));
  const end = events.at(-1)?.at ?? 0;
  return draw(
    entered.map((event, index) => ({ state: phaseOf(event.state), tookMs: (entered[index + 1]?.at ?? end) - event.at }))
  );
}

function draw(steps: readonly Step[]): string {
  const names = [...new Set(steps.map(step => step.state))];
  const id = (state: string): string => `s${names.indexOf(state) + 1}`;
  const lines = names.flatMap(name => {
    const visits = steps.filter(step => step.state === name);
    const tookMs = visits.reduce((sum, visit) => sum + (visit.tookMs ?? 0), 0);
    const took = visits.some(visit => visit.tookMs !== undefined) && tookMs > 0;
    const state = `state "${escapeMermaid(name)}" as ${id(name)}`;
    return took ? [state, `${id(name)} : ${escapeMermaid(`${(tookMs / 1000).toFixed(1)} s`)}`] : [state];
  });
  const arrows = new Map<string, number[]>();
  for (let index = 1; index < steps.length; index += 1) {
    const arrow = `${id((steps[index - 1] as Step).state)} --> ${id((steps[index] as Step).state)}`;
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), index]);
  }
  const first = steps[0];
  const last = steps.at(-1);
  return [
    'stateDiagram-v2',
    '  direction LR',
    ...lines.map(line => `  ${line}`),
    ...(first === undefined ? [] : [`  [*] --> ${id(first.state)}`]),
    ...[...arrows].map(([arrow, places]) => `  ${arrow} : ${places.join(', ')}`),
    ...(last === undefined ? [] : [`  ${id(last.state)} --> [*]`]),
    ''
  ].join('\n');
}
