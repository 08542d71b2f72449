// fast-check decides what comes first: every call of a port goes out, and is answered, when the scheduler says so, and time passes
// when nothing else is to happen, or when it is drawn.
import fc from 'fast-check';
import { failure } from '../../../machines/vocabulary.ts';
import { type ByteSource, PortFailure, type Ports } from '../../../src/ports.ts';
import type { VirtualClock } from '../../../src/simulator/index.ts';

export interface Order {
  readonly scheduler: fc.Scheduler;
  /** At 0, time may pass although answers are on their way. */
  readonly haste: fc.Stream<number>;
  /** Until then nothing else has its turn. */
  held?: Promise<void>;
}
/** @param calm how rarely time passes before what is on its way has come */
export function anyOrder(calm = 9): fc.Arbitrary<Order> {
  return fc.record({ scheduler: fc.scheduler(), haste: fc.infiniteStream(fc.nat(calm)) });
}

/** Turns after which a run is said never to end. */
const ENDLESS = 20_000;

/** Waits until it is this one's turn. */
function turn({ scheduler }: Order, label: string): Promise<void> {
  return scheduler.schedule(Promise.resolve(), label);
}

/** Listens to the calls of a run: something else takes a turn of its own, some time after the first call of that name. */
export function crossing<Told extends readonly unknown[]>(
  order: Order,
  op: string,
  label: string,
  act: (...told: Told) => unknown
): (its: string, ...told: Told) => void {
  let isCalled = false;
  return (its, ...told) => {
    if (its !== op || isCalled) return;
    isCalled = true;
    turn(order, label).then(() => act(...told));
  };
}

/** When its turn comes, so much time passes before anything that is on its way arrives. */
export async function silence(order: Order, clock: VirtualClock, ms: number): Promise<void> {
  await turn(order, `the network is silent for ${ms} ms`);
  order.held = clock.advanceBy(ms);
}

/** Brings one thing after another to its turn, until the work is done. Throws when nothing can happen any more. */
export async function inTurns<T>(order: Order, clock: VirtualClock, work: Promise<T>): Promise<T> {
  const { scheduler, haste } = order;
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  let passing = false;
  let quiet = 0;
  for (let turns = 0; !isOver; turns++) {
    if (turns > ENDLESS) throw new Error('the run does not end');
    if (!passing && clock.waiting > 0 && (scheduler.count() === 0 || haste.next().value === 0)) {
      passing = true;
      turn(order, 'time passes').then(async () => {
        await clock.advanceToNext();
        passing = false;
      });
    }
    if (scheduler.count() > 0) {
      quiet = 0;
      await scheduler.waitNext(1);
    } else if (++quiet > 100) throw new Error('nothing moves any more');
    await settled();
    await order.held;
  }
  return work;
}

/** What was on its way when the run ended arrives all the same. */
export async function late({ scheduler }: Order, clock: VirtualClock): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet++) {
    while (scheduler.count() > 0) {
      quiet = 0;
      await scheduler.waitNext(1);
      await settled();
    }
    await clock.advanceBy(5_000);
    await settled();
  }
}

export interface Told {
  /** Of every call, just before it waits for its first turn. */
  before(op: string): void;
  /** Of every call that the server has carried out. */
  landed(op: string): void;
  /** Whether the connection breaks under this call: it arrives when its turn comes, and nobody hears of it. */
  loses?(op: string): boolean;
}

/**
 * The ports with a turn before each call arrives, and one before its answer is heard. What is given up reaches the server when
 * its turn comes, unless it carries bytes.
 */
export function ordered(order: Order, ports: Ports, who: string, { before, landed, loses }: Told): Ports {
  const through = async (op: string, act: () => Promise<unknown>): Promise<unknown> => {
    before(op);
    const goes = turn(order, `${who}: ${op} goes`);
    if (loses?.(op)) {
      goes.then(act).then(
        () => landed(op),
        () => undefined
      );
      await turn(order, `${who}: the connection breaks under ${op}`);
      throw new PortFailure(failure('CONNECTION', 'the connection broke', { ambiguous: true }));
    }
    await goes;
    const answer = await act().then(
      value => {
        landed(op);
        return { value };
      },
      (cause: unknown) => ({ cause })
    );
    await turn(order, `${who}: ${op} is answered`);
    if ('cause' in answer) throw answer.cause;
    return answer.value;
  };
  const library = new Proxy(ports.library, {
    get: (its, key) => {
      const method: unknown = Reflect.get(its, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        const call = args.at(-1) as { signal?: AbortSignal } | undefined;
        const isCall = typeof call === 'object' && call !== null && 'signal' in call;
        const its_ = isCall ? [...args.slice(0, -1), { ...call, signal: undefined }] : args;
        return unlessGivenUp(
          through(String(key), () => method.apply(its, its_) as Promise<unknown>),
          isCall ? call.signal : undefined
        );
      };
    }
  });
  return {
    ...ports,
    library,
    bytes: {
      // What is called off sends nothing any more; that it has ended needs no turn.
      push: request =>
        unlessGivenUp(
          through('push', () => ports.bytes.push(request)),
          request.signal
        ) as ReturnType<Ports['bytes']['push']>,
      fetch: request =>
        unlessGivenUp(
          through('fetch', () => ports.bytes.fetch(request)),
          request.signal
        ) as ReturnType<Ports['bytes']['fetch']>
    }
  };
}

/** A source that gives a third at each turn, the second one after a pause if one is wished. */
export function inPieces(
  order: Order,
  bytes: Uint8Array,
  name: string,
  pause: (signal?: AbortSignal) => Promise<void> | undefined = () => undefined
): ByteSource {
  const piece = Math.ceil(bytes.length / 3);
  return {
    size: bytes.length,
    async *read(signal) {
      for (let at = 0; at < bytes.length; at += piece) {
        if (at === piece) await pause(signal);
        await turn(order, `${name}: bytes from ${at}`);
        signal?.throwIfAborted();
        yield bytes.subarray(at, at + piece);
      }
    }
  };
}

function unlessGivenUp(answer: Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new PortFailure(failure('CANCELED', 'given up', { ambiguous: true })));
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
