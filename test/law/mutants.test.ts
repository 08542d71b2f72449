// Every transition of the law matters to whoever speaks HTTP: without it, a scenario ends otherwise than it should. The
// mutants are made from the machines; which scenario is tried on which is found by watching the whole law at work.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyStateMachine, StateMachine } from 'xstate';
import type { Law } from '../../src/simulator/index.ts';
import { law } from '../../src/simulator/service/law.ts';
import { linesOfTheLaw } from '../service/law-without.ts';
import { SCENARIOS } from './scenarios.ts';
import { play, type Scenario } from './steps.ts';

const LINES = linesOfTheLaw();
/** The scenarios that take each transition, in their order. */
const takenIn = new Map<string, Scenario[]>();
const killers = new Map<string, string>();

describe('the whole law', () => {
  it('should consist of nothing but states with transitions by event', () => {
    for (const machine of Object.values(law)) {
      // schemas are types only
      for (const key of keysOf(machine.config)) expect(['id', 'schemas', 'initial', 'states', 'on']).toContain(key);
    }
    expect(new Set(LINES.map(({ name }) => name)).size).toBe(LINES.length);
  });

  it.each(SCENARIOS.map(scenario => [scenario.name, scenario] as const))(
    'should be obeyed in %s',
    async (_, scenario) => {
      expect(await play(scenario, law)).toBeUndefined();
    }
  );
});

describe('the law', () => {
  beforeAll(async () => {
    for (const scenario of SCENARIOS) {
      const taken = new Set<string>();
      await play(scenario, watched(taken));
      for (const name of taken) takenIn.set(name, [...(takenIn.get(name) ?? []), scenario]);
    }
  });

  it.each(LINES.map(line => [line.name, line] as const))('should need %s', async (name, { without }) => {
    const candidates = takenIn.get(name) ?? [];
    expect(candidates, 'scenarios that take it').not.toEqual([]);
    for (const scenario of candidates) {
      const red = await play(scenario, without);
      if (red === undefined) continue;
      killers.set(name, `${scenario.name}: ${red}`);
      return;
    }
    expect.fail(`nobody notices that it is gone in ${candidates.map(candidate => candidate.name).join('; ')}`);
  });

  afterAll(() => {
    const report = LINES.map(({ name }) => `  ${name}: ${killers.get(name) ?? 'SURVIVES'}`);
    console.info(
      `${LINES.length} transitions of the law, ${killers.size} of them missed when gone\n${report.join('\n')}`
    );
  });
});

/** The law, which writes down each transition that it grants or refuses by. */
function watched(taken: Set<string>): Law {
  const machine = (name: keyof Law) => watchedMachine(law[name], taken);
  return {
    updateSession: machine('updateSession'),
    updateFile: machine('updateFile'),
    downloadSession: machine('downloadSession'),
    downloadFile: machine('downloadFile')
  };
}

function watchedMachine(original: AnyStateMachine, taken: Set<string>): AnyStateMachine {
  const machine: AnyStateMachine = new StateMachine(original.config as never, original.implementations as never);
  const decide = machine.getTransitionData.bind(machine);
  machine.getTransitionData = (snapshot, event) => {
    const transitions = decide(snapshot, event);
    for (const transition of transitions ?? []) {
      const { source, eventType } = transition;
      const place = source.transitions.get(eventType)!.indexOf(transition);
      taken.add(`${machine.id} ${source.path.join('.')} ${eventType} ${place}`);
    }
    return transitions;
  };
  return machine;
}

interface NodeConfig {
  readonly states?: Readonly<Record<string, NodeConfig>>;
}

function keysOf(node: NodeConfig): string[] {
  return [...Object.keys(node), ...Object.values(node.states ?? {}).flatMap(keysOf)];
}
