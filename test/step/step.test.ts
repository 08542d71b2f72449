import { describe, expect, it } from 'vitest';
import { assign, createMachine, emit, enqueueActions, fromPromise, setup } from 'xstate';
import { answer, type Command, type Node, send, start, walk } from '../../src/step.ts';

const effect = fromPromise<string, unknown>(async () => '');
const brief = (commands: readonly Command[]): string[] => commands.map(({ do: verb, at }) => `${verb} ${at}`);

const kid = setup({
  types: { output: {} as string, context: {} as { got: string } },
  actors: { effect }
}).createMachine({
  context: { got: '' },
  initial: 'working',
  states: {
    working: {
      invoke: {
        id: 'work',
        src: 'effect',
        input: 'hello',
        onDone: { target: 'end', actions: assign({ got: ({ event }) => event.output }) },
        onError: 'again'
      }
    },
    again: {
      invoke: {
        id: 'work',
        src: 'effect',
        input: 'again',
        onDone: { target: 'end', actions: assign({ got: ({ event }) => event.output }) }
      }
    },
    end: { type: 'final' }
  },
  output: ({ context }) => context.got
});
const parent = setup({ types: { context: {} as { heard: string[] } }, actors: { kid, effect } }).createMachine({
  context: { heard: [] },
  initial: 'open',
  states: {
    open: {
      entry: enqueueActions(({ enqueue }) => {
        enqueue.spawnChild('kid', { id: 'file:0' });
        enqueue.spawnChild('kid', { id: 'file:1' });
      }),
      invoke: { id: 'watch', src: 'effect', input: null },
      on: {
        'xstate.done.actor.*': {
          actions: [
            assign({ heard: ({ context, event }) => [...context.heard, `${event.actorId}=${event.output}`] }),
            enqueueActions(({ event, enqueue }) => enqueue.stopChild((event as unknown as { actorId: string }).actorId))
          ]
        },
        close: 'closed'
      },
      exit: enqueueActions(({ enqueue }) => {
        enqueue.stopChild('file:0');
        enqueue.stopChild('file:1');
      })
    },
    closed: { always: 'gone', invoke: { id: 'never', src: 'effect', input: null } },
    gone: { type: 'final' }
  }
});
const paths = (tree: Node): string[] => [...walk(tree)].map(([path]) => path);

describe('the stepper', () => {
  it('should start the effects of every machine of the tree, under their paths', () => {
    const [tree, commands] = start(parent, undefined);
    expect(brief(commands)).toEqual(
      ['start file:0/work', 'start file:1/work', 'start watch'].sort(
        (a, b) => brief(commands).indexOf(a) - brief(commands).indexOf(b)
      )
    );
    expect(commands.find(({ at }) => at === 'file:0/work')).toMatchObject({ src: 'effect', input: 'hello' });
    expect(paths(tree)).toEqual(['', 'file:0', 'file:1']);
  });
  it('should bring an answer to the machine that asked, and its end to its parent in the same step', () => {
    const [tree] = start(parent, undefined);
    const [next, commands] = answer(tree, 'file:1/work', { output: 'done' });
    expect(commands).toEqual([]);
    expect(next.snapshot.context).toEqual({ heard: ['file:1=done'] });
    expect(paths(next)).toEqual(['', 'file:0']);
  });
  it('should bring a failure as a failure', () => {
    const [tree] = start(parent, undefined);
    const [, commands] = answer(tree, 'file:0/work', { error: 'no' });
    expect(commands).toEqual([{ do: 'start', at: 'file:0/work', src: 'effect', input: 'again' }]);
  });
  it('should stop everything a child has started, and not begin what starts and stops in one step', () => {
    const [tree] = start(parent, undefined);
    const [next, commands] = send(tree, { type: 'close' });
    expect(brief(commands).sort()).toEqual(['stop file:0/work', 'stop file:1/work', 'stop watch']);
    expect(next.snapshot.status).toBe('done');
    expect(next.kids).toEqual({});
  });
  it('should take no answer from what nobody waits for', () => {
    const [tree] = start(parent, undefined);
    for (const path of ['file:9/work', 'file:0/other', 'nothing', '']) {
      const [next, commands] = answer(tree, path, { output: 'late' });
      expect([commands, next.snapshot.value]).toEqual([[], tree.snapshot.value]);
    }
    const [ended] = send(tree, { type: 'close' });
    const [still, commands] = send(ended, { type: 'close' });
    expect(commands).toEqual([]);
    expect(still).toBe(ended);
  });
  it('should take back only the start of what it stops, wherever that stands among the commands of a step', () => {
    const passing = (always: string) => ({ invoke: { id: 'work', src: 'effect', input: null }, always }) as const;
    const alone = setup({ actors: { effect } }).createMachine({
      initial: 'short',
      states: { short: passing('end'), end: {} }
    });
    expect(start(alone, undefined)[1]).toEqual([]);
    const among = setup({ actors: { effect } }).createMachine({
      invoke: { id: 'stay', src: 'effect', input: null },
      initial: 'short',
      states: { short: passing('end'), end: {} }
    });
    expect(brief(start(among, undefined)[1])).toEqual(['start stay']);
    const again = setup({ actors: { effect } }).createMachine({
      initial: 'long',
      states: {
        long: { invoke: { id: 'work', src: 'effect', input: null }, on: { go: 'short' } },
        short: passing('end'),
        end: {}
      }
    });
    expect(brief(send(start(again, undefined)[0], { type: 'go' })[1])).toEqual(['stop work']);
  });
  it('should build each child once', () => {
    let built = 0;
    const counted = createMachine({ context: () => ({ nth: ++built }) });
    const one = setup({ actors: { counted } }).createMachine({ invoke: { id: 'kid', src: 'counted' } });
    expect(start(one, undefined)[0].kids.kid?.snapshot.context).toEqual({ nth: 1 });
    expect(built).toBe(1);
  });
  it('should make a child machine one effect for another worker when it is told to stay outside', () => {
    const [tree, commands] = start(parent, undefined, src => src !== 'kid');
    expect(brief(commands).sort()).toEqual(['start file:0', 'start file:1', 'start watch']);
    const [next] = answer(tree, 'file:0', { output: 'far' }, src => src !== 'kid');
    expect(next.snapshot.context).toEqual({ heard: ['file:0=far'] });
  });
  it('should refuse a machine with an action that not every host can carry out', () => {
    const emitting = createMachine({ entry: emit({ type: 'x' }) });
    expect(() => start(emitting, undefined)).toThrow(/uses xstate.emit/);
  });
  it('should say so when a failure has no place to go', () => {
    const deaf = setup({ actors: { effect } }).createMachine({ invoke: { id: 'e', src: 'effect', input: null } });
    expect(() => answer(start(deaf, undefined)[0], 'e', { error: 'unheard' })).toThrow(/unheard/);
  });
  it('should say so when a machine itself breaks', () => {
    const broken = createMachine({
      on: {
        go: {
          guard: () => {
            throw new Error('bad guard');
          }
        }
      }
    });
    expect(() => send(start(broken, undefined)[0], { type: 'go' })).toThrow(/bad guard/);
  });
  it('should leave the tree it was given as it was', () => {
    const [tree] = start(parent, undefined);
    const before = JSON.stringify([tree.snapshot.value, tree.snapshot.context, tree.effects, paths(tree)]);
    answer(tree, 'file:0/work', { output: 'x' });
    send(tree, { type: 'close' });
    expect(JSON.stringify([tree.snapshot.value, tree.snapshot.context, tree.effects, paths(tree)])).toBe(before);
  });
});
