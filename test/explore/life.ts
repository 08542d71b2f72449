// One life of a client's process: between the run and its ports, it counts what the run does to the world, lets the process
// die at one of them, holds its answers back while its machine sleeps, and lets a call that is given up reach the server
// all the same, as a request on its way does.
import { failure } from '../../machines/vocabulary.ts';
import { type Clock, PortFailure, type Ports, type Target } from '../../src/ports.ts';
import type { ClientClock } from './client-clock.ts';
import type { Crash } from './plan.ts';

export interface Life {
  readonly ports: Ports;
  /** The folder as this process has it: what it writes there is there also after its death. */
  folder(target: Target): Target;
  /** Resolves when the process has died. */
  readonly dead: Promise<'dead'>;
  /** Interactions with the world so far. */
  count(): number;
  /** Calls that the process is still waiting for. */
  waiting(): readonly string[];
}

export interface LifeOptions {
  readonly crash?: Crash;
  readonly clock: ClientClock;
  /** The world's own. */
  readonly base: Clock;
  readonly landsWhenGivenUp: boolean;
  /** Told just before each interaction. */
  before?(name: string): void;
  /** Told in the moment in which the process dies: what it still begins after that is nothing. */
  died?(): void;
}

export function lifeOf(ports: Ports, options: LifeOptions): Life {
  const { crash, clock, base, landsWhenGivenUp } = options;
  // Of this life alone: whoever waits for it is forgotten with it.
  const never = new Promise<never>(() => undefined);
  let count = 0;
  let isDead = false;
  let die: (word: 'dead') => void = () => undefined;
  const dead = new Promise<'dead'>(resolve => {
    die = resolve;
  });
  const death = new AbortController();
  const going = new Map<number, string>();
  const named = new Map<string, number>();

  const ends = (): void => {
    isDead = true;
    options.died?.();
    death.abort(new Error('the process has died'));
    die('dead');
  };
  /** What the process hears of it, unless it hears nothing any more. */
  const heard = async (act: Promise<unknown>): Promise<unknown> => {
    const settled = await act.then(
      value => ({ value }),
      (cause: unknown) => ({ cause })
    );
    const sleeping = clock.awake();
    if (sleeping !== undefined) await sleeping;
    if (isDead) return never;
    if ('cause' in settled) throw settled.cause;
    return settled.value;
  };
  const interaction = async (name: string, act: () => Promise<unknown>): Promise<unknown> => {
    if (isDead) return never;
    count += 1;
    const mine = count;
    const nth = (named.get(name) ?? 0) + 1;
    named.set(name, nth);
    options.before?.(name);
    going.set(mine, name);
    const isLast = crash?.call === undefined ? mine === crash?.at : crash.call === name && nth === crash.at;
    if (crash === undefined || !isLast) return heard(act()).finally(() => going.delete(mine));
    // What is local to the machine dies with its process, or is there.
    const isLocal = name.includes('.');
    if (crash.lands === 'before') await act().catch(() => undefined);
    else if (crash.lands !== 'never' && !isLocal)
      base
        .sleepUntil(base.now() + crash.lands)
        .then(act)
        .catch(() => undefined);
    ends();
    return never;
  };
  const through = <T extends object>(port: T, place: string, call: (args: unknown[]) => Sent = asIs): T =>
    new Proxy(port, {
      get: (its, key) => {
        const method: unknown = Reflect.get(its, key);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) =>
          interaction(`${place}${String(key)}`, () => {
            const sent = call(args);
            return sent.until(method.apply(its, sent.args) as Promise<unknown>);
          });
      }
    });
  const dying = (args: unknown[]): Sent => {
    const [request] = args as [{ signal?: AbortSignal }];
    const signal =
      crash === undefined ? request.signal : AbortSignal.any([request.signal ?? death.signal, death.signal]);
    return { args: [{ ...request, signal }], until: its => its };
  };
  const folder = (target: Target): Target => {
    const own = through(target, 'folder.');
    const { find, openPart, read, keep, dropPart, close } = own;
    return {
      place: target.place,
      find,
      openPart,
      read,
      keep,
      dropPart,
      close,
      part: name => {
        const sink = target.part(name);
        return { write: (chunk, at) => (isDead ? never : sink.write(chunk, at)) };
      }
    };
  };
  return {
    ports: {
      ...ports,
      // The dead wait for nothing.
      clock: {
        now: () => clock.now(),
        sleepUntil: (at, signal) =>
          clock.sleepUntil(at, signal).then(
            () => (isDead ? never : undefined),
            (cause: unknown) => (isDead ? never : Promise.reject(cause))
          )
      },
      library: through(ports.library, '', landsWhenGivenUp ? landing : asIs),
      bytes: through(ports.bytes, '', dying),
      journal: through(ports.journal, 'journal.')
    },
    folder,
    dead,
    count: () => count,
    waiting: () => [...going.values()]
  };
}

interface Sent {
  readonly args: unknown[];
  until(answer: Promise<unknown>): Promise<unknown>;
}

const asIs = (args: unknown[]): Sent => ({ args, until: answer => answer });

/** The client stops waiting when it gives up; the request knows nothing of that. */
function landing(args: unknown[]): Sent {
  const last = args.at(-1) as { signal?: AbortSignal } | undefined;
  const signal = typeof last === 'object' && last !== null && 'signal' in last ? last.signal : undefined;
  if (signal === undefined || signal.aborted) return asIs(args);
  return {
    args: [...args.slice(0, -1), { ...last, signal: undefined }],
    until: answer =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(new PortFailure(failure('CANCELED', 'given up', { ambiguous: true })));
        signal.addEventListener('abort', giveUp, { once: true });
        answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
      })
  };
}
