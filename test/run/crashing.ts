// A process that dies: from one moment on nothing that it asks for happens, and nothing answers it any more.
import type { Ports, Target } from '../../src/ports.ts';

/** What is asked of the world, in its order: calls of the service, bodies, records of the journal. */
export interface Crash {
  /** The interaction at which the process dies, from 1. */
  readonly at: number;
  /** Whether that interaction still reaches the world. */
  readonly acts: boolean;
}

export interface Mortal {
  readonly ports: Ports;
  /** The folder as this process has it: what it writes there is there also after its death. */
  folder(target: Target): Target;
  /** Resolves when the process has died. */
  readonly dead: Promise<'dead'>;
  /** Interactions so far. */
  count(): number;
}

const never = new Promise<never>(() => undefined);

export function mortal(ports: Ports, crash: Crash | undefined): Mortal {
  let count = 0;
  let isDead = false;
  let die: (word: 'dead') => void = () => undefined;
  const dead = new Promise<'dead'>(resolve => {
    die = resolve;
  });
  const interaction = async (act: () => Promise<unknown>): Promise<unknown> => {
    if (isDead) return never;
    count += 1;
    if (count !== crash?.at) {
      // An answer may come when nobody is there any more to hear it.
      const settled = await act().then(
        value => ({ value }),
        (cause: unknown) => ({ cause })
      );
      if (isDead) return never;
      if ('cause' in settled) throw settled.cause;
      return settled.value;
    }
    if (crash.acts) await act().catch(() => undefined);
    isDead = true;
    die('dead');
    return never;
  };
  const through = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (its, key) => {
        const method: unknown = Reflect.get(its, key);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => interaction(() => method.apply(its, args) as Promise<unknown>);
      }
    });
  /** A target's own methods, one by one. */
  const each = (target: Target): Target => {
    const own = through(target);
    const { find, openPart, part, read, keep, dropPart, close } = own;
    return { place: target.place, find, openPart, part, read, keep, dropPart, close };
  };
  return {
    ports: { ...ports, library: through(ports.library), bytes: through(ports.bytes), journal: through(ports.journal) },
    folder: target => ({
      ...each(target),
      place: target.place,
      part: name => {
        const sink = target.part(name);
        return { write: (chunk, at) => (isDead ? never : sink.write(chunk, at)) };
      }
    }),
    dead,
    count: () => count
  };
}
