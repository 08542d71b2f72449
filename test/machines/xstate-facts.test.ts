// The facts about XState that this library rests on, pinned: an upgrade that changes one of them is red here first.
import { describe, expect, it, vi } from 'vitest';
import {
  assign,
  createActor,
  createMachine,
  enqueueActions,
  fromPromise,
  initialTransition,
  sendParent,
  setup,
  transition
} from 'xstate';

const child = fromPromise(async () => 1);
const kid = setup({}).createMachine({ initial: 'on', states: { on: { on: { end: 'off' } }, off: { type: 'final' } } });

describe('what the pure API returns', () => {
  it("should tell an invoke as spawnChild with resolved input, and the child's name on the actor", () => {
    const machine = setup({ types: { context: {} as { n: number } }, actors: { child } }).createMachine({
      context: { n: 7 },
      invoke: { id: 'c', src: 'child', input: ({ context }: { context: { n: number } }) => context.n as never }
    });
    const [, [action]] = initialTransition(machine);
    expect(action?.type).toBe('xstate.spawnChild');
    expect(
      (action as unknown as { params: { src: string; input: unknown; actorRef: { id: string } } }).params
    ).toMatchObject({ src: 'child', input: 7, actorRef: { id: 'c' } });
  });
  it('should tell leaving a state as stopChild, whose params are the actor itself', () => {
    const machine = setup({ actors: { child } }).createMachine({
      initial: 'a',
      states: { a: { invoke: { id: 'c', src: 'child' }, on: { go: 'b' } }, b: {} }
    });
    const [snapshot] = initialTransition(machine);
    const [, actions] = transition(machine, snapshot, { type: 'go' });
    expect(actions.map(({ type }) => type)).toEqual(['xstate.stopChild']);
    expect((actions[0] as unknown as { params: { id: string } }).params.id).toBe('c');
  });
  it('should begin a child anew under the name of the one that has just ended, in the same macrostep', async () => {
    const heard: unknown[] = [];
    const count = fromPromise(async ({ input }: { input: number }) => input + 1);
    const machine = setup({ actors: { count } }).createMachine({
      entry: enqueueActions(({ enqueue }) => enqueue.spawnChild('count', { id: 'c', input: 1 as never })),
      on: {
        'xstate.done.actor.c': {
          actions: enqueueActions(({ event, enqueue }) => {
            const { output } = event as unknown as { output: number };
            heard.push(output);
            enqueue.stopChild('c');
            if (output < 3) enqueue.spawnChild('count', { id: 'c', input: output as never });
          })
        }
      }
    });
    const actor = createActor(machine).start();
    await vi.waitFor(() => expect(heard).toEqual([2, 3]));
    await vi.waitFor(() => expect(actor.getSnapshot().children).toEqual({}));
  });
  it('should tell start and stop of a child in one macrostep, although it never runs it', () => {
    const machine = setup({ actors: { child } }).createMachine({
      initial: 'a',
      states: { a: { invoke: { id: 'c', src: 'child' }, always: 'b' }, b: {} }
    });
    expect(initialTransition(machine)[1].map(({ type }) => type)).toEqual(['xstate.spawnChild', 'xstate.stopChild']);
  });
  it('should keep a finished spawned child until it is stopped', () => {
    const machine = setup({ actors: { kid } }).createMachine({
      entry: enqueueActions(({ enqueue }) => enqueue.spawnChild('kid', { id: 'k' })),
      on: { 'xstate.done.actor.*': { actions: assign({}) } }
    });
    const [snapshot] = initialTransition(machine);
    const [after, actions] = transition(machine, snapshot, {
      type: 'xstate.done.actor.k',
      actorId: 'k',
      output: undefined
    } as never);
    expect(actions).toEqual([]);
    expect(Object.keys(after.children)).toEqual(['k']);
  });
  it('should not tell a spawn inside assign at all', () => {
    const machine = setup({ actors: { child } }).createMachine({
      context: ({ spawn }: { spawn: (src: 'child', options: { id: string }) => unknown }) => ({
        ref: spawn('child', { id: 'c' })
      })
    } as never);
    expect(initialTransition(machine)[1]).toEqual([]);
  });
  it('should throw at sendParent, which a stepped machine has no parent for', () => {
    const machine = createMachine({ on: { go: { actions: sendParent({ type: 'hello' }) } } });
    const [snapshot] = initialTransition(machine);
    expect(() => transition(machine, snapshot, { type: 'go' })).toThrow(/parent/);
  });
});

describe('how transitions are chosen', () => {
  it('should take the first guarded transition whose guard holds, and offer it with its meta without taking it', () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { on: { go: [{ guard: () => false, target: 'b' }, { meta: { refuses: 'x' } }, { target: 'b' }] } },
        b: {}
      }
    });
    const snapshot = machine.resolveState({ value: 'a', context: {} });
    expect(machine.getTransitionData(snapshot, { type: 'go' }).map(({ meta }) => meta)).toEqual([{ refuses: 'x' }]);
    expect(machine.getTransitionData(snapshot, { type: 'other' })).toEqual([]);
  });
  it('should prefer an exact event name to a wildcard', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { 'xstate.done.actor.*': 'wild', 'xstate.done.actor.lease': 'exact' } }, wild: {}, exact: {} }
    });
    const [snapshot] = initialTransition(machine);
    expect(transition(machine, snapshot, { type: 'xstate.done.actor.lease' } as never)[0].value).toBe('exact');
  });
  it('should run actions of one step one after the other, each on what the last one left', () => {
    const machine = setup({ types: { context: {} as { n: number; seen: number } } }).createMachine({
      context: { n: 0, seen: -1 },
      on: {
        go: {
          actions: [assign({ n: 5 }), enqueueActions(({ context, enqueue }) => enqueue.assign({ seen: context.n }))]
        }
      }
    });
    const [snapshot] = initialTransition(machine);
    expect(transition(machine, snapshot, { type: 'go' })[0].context).toEqual({ n: 5, seen: 5 });
  });
});
