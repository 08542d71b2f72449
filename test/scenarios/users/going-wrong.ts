// A server that goes wrong at one call of a run, or goes away at it: for scenarios that try every moment.
import { failure } from '../../../machines/vocabulary.ts';
import { type Ports, PortFailure } from '../../../src/ports.ts';

export interface GoingWrong {
  /** The call at which it happens, from 1, as the run makes them. */
  readonly at: number;
  /** `refused`: that call, for good; `gone`: that one and every later one, without an answer. */
  readonly how: 'refused' | 'gone';
}

/** The same ports, on which the calls are counted; nothing of a call that goes wrong is acted on. */
export function goingWrong(ports: Ports, { at, how }: GoingWrong): Ports {
  let count = 0;
  const through = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (its, key) => {
        const method: unknown = Reflect.get(its, key);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          count += 1;
          if (count === at && how === 'refused') throw new PortFailure(failure('UNSUPPORTED', 'Not today.'));
          if (count >= at && how === 'gone') {
            throw new PortFailure(failure('CONNECTION', 'the server is gone', { ambiguous: true }));
          }
          return method.apply(its, args);
        };
      }
    });
  return { ...ports, library: through(ports.library), bytes: through(ports.bytes) };
}
