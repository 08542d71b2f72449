// The transitions of one state as edges, with XState's own event names put into words that a person reads.
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { childrenOf, descendants, idOf, spawnsOf } from './nodes.ts';
import type { EdgeKind, GraphEdge } from './shape.ts';

interface Words {
  readonly kind: EdgeKind;
  readonly words: string;
}

/** The edges that leave a state, in the order in which XState tries them. */
export function edgesOf(node: AnyStateNode): GraphEdge[] {
  const lists: [string, readonly AnyTransitionDefinition[]][] = [...node.transitions];
  if (node.always !== undefined) lists.unshift(['', node.always]);
  return lists.flatMap(([event, candidates]) => {
    const { kind, words } = wordsOf(node, event);
    const guarded = candidates.filter(candidate => candidate.guard !== undefined).length;
    return candidates.flatMap((candidate, index) =>
      (candidate.target ?? [undefined]).map(
        (target): GraphEdge => ({
          from: idOf(node),
          ...(target === undefined ? {} : { to: idOf(target) }),
          kind,
          event,
          words,
          ...(candidate.guard === undefined ? {} : { guard: guardName(candidate.guard) }),
          place: index + 1,
          of: candidates.length,
          guarded,
          ...refusal(candidate),
          acts: candidate.actions.length > 0,
          ...(candidate.description === undefined ? {} : { description: candidate.description })
        })
      )
    );
  });
}

/**
 * What stands beside an arrow: event, place in the list when two or more candidates are guarded, guard.
 *
 * @example `complete (3) [warningNotIgnored]`
 */
export function labelOf(edge: GraphEdge): string {
  return [wordsBeside(edge), choiceOf(edge)].filter(part => part !== '').join(' ');
}

/** The event part of a label. */
export function wordsBeside(edge: GraphEdge): string {
  return edge.kind === 'always' ? 'at once' : edge.words;
}

/** The other part: which of several candidates. @example `(3) [warningNotIgnored]` */
export function choiceOf(edge: GraphEdge): string {
  const place = edge.guarded > 1 ? `(${edge.place})` : '';
  const guard = edge.guard !== undefined ? `[${edge.guard}]` : edge.guarded > 0 ? '[else]' : '';
  return [place, guard].filter(part => part !== '').join(' ');
}

/** @example `guardName(not('isEmpty'))` is `'not isEmpty'`. */
export function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'function') {
    const { name, guards, stateValue } = guard as unknown as { name: string; guards?: unknown[]; stateValue?: unknown };
    if (stateValue !== undefined)
      return `in ${typeof stateValue === 'string' ? stateValue : JSON.stringify(stateValue)}`;
    if (guards === undefined) return name === '' || name === 'guard' ? 'condition' : name;
    const parts = guards.map(part => (isList(part) ? `(${guardName(part)})` : guardName(part)));
    return name === 'not' ? `not ${parts.join()}` : parts.join(` ${name} `);
  }
  const { type } = guard as { type?: unknown };
  return typeof type === 'string' ? type : 'condition';
}

function isList(guard: unknown): boolean {
  return typeof guard === 'function' && 'guards' in guard && guard.name !== 'not';
}

function refusal(candidate: AnyTransitionDefinition): { refuses?: string } {
  const refuses: unknown = (candidate.meta as { refuses?: unknown } | undefined)?.refuses;
  return typeof refuses === 'string' ? { refuses } : {};
}

function wordsOf(node: AnyStateNode, event: string): Words {
  if (event === '') return { kind: 'always', words: '' };
  if (event === '*') return { kind: 'event', words: 'anything else' };
  if (event.startsWith('xstate.done.state.')) return { kind: 'done', words: 'done' };
  const ended = /^xstate\.(done|error)\.actor\.(.*)$/s.exec(event);
  if (ended === null) return { kind: 'event', words: event };
  const [, how, id = ''] = ended;
  const who = id === '*' ? spawned(node) : childName(node, id);
  return how === 'done' ? { kind: 'done', words: `${who} done` } : { kind: 'failed', words: `${who} failed` };
}

function childName(node: AnyStateNode, id: string): string {
  const index = node.invoke.findIndex(child => child.id === id);
  return childrenOf(node)[index]?.id ?? id.replace(/\.\*$/, '');
}

/** Children that may be alive while the state is: those it spawns, and those spawned inside or around it. */
function spawned(node: AnyStateNode): string {
  const names = new Set<string>(spawnsOf(node));
  for (const inner of descendants(node)) for (const name of spawnsOf(inner)) names.add(name);
  for (let outer = node.parent; outer !== undefined && names.size === 0; outer = outer.parent) {
    for (const name of spawnsOf(outer)) names.add(name);
  }
  return [...names].join(' or ') || 'child';
}
