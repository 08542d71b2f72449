// Carries out one effect and puts the stamp on its answer: when it came, and one draw of chance.
import { type Answer, type Failed, type Failure, failure, type Stamp } from '../../machines/vocabulary.ts';
import type { Op, Order } from '../../machines/workflow/calls.ts';
import { PortFailure } from '../ports.ts';
import { effects, type Means } from './calls.ts';
import { hiderOf } from './hiding.ts';

/** What a host sees of each call: it goes out, and it is answered. */
export interface CallLog {
  call?(op: Op, about: string | undefined): void;
  answer?(op: Op, about: string | undefined, outcome: { value: unknown } | { failure: Failure }): void;
}

/** Rejects with `Failed`, never with anything else. */
export async function performCall(
  means: Means,
  { op, args, refund = 0 }: Order,
  signal: AbortSignal,
  log: CallLog = {}
): Promise<Answer> {
  const about = aboutOf(args);
  const hide = hiderOf(means.files);
  log.call?.(op, about);
  try {
    const value = hide(await effects[op](means, args as never, signal));
    means.budget.refund(refund);
    if (!signal.aborted) log.answer?.(op, about, { value });
    return { ...stamp(means, signal), value };
  } catch (cause) {
    const failed: Failed = { ...stamp(means, signal), failure: hide(asFailure(cause)) };
    if (!signal.aborted) log.answer?.(op, about, { failure: failed.failure });
    throw failed;
  }
}

export async function performSleep(means: Means, { until }: { until: number }, signal: AbortSignal): Promise<Answer> {
  await means.clock.sleepUntil(until, signal);
  return { ...stamp(means, signal), value: null };
}

export async function performDraw(
  means: Means,
  { cost }: { cost: number },
  signal: AbortSignal
): Promise<Answer<{ granted: boolean }>> {
  return { value: { granted: means.budget.draw(cost) }, ...stamp(means, signal) };
}

/** Nobody hears the answer of a stopped effect: it must not use up chance, or the order of stopping would show. */
function stamp({ clock, random }: Means, signal: AbortSignal): Stamp {
  return { at: clock.now(), luck: signal.aborted ? 0 : random.next() };
}

/** Anything thrown, as data. What is no `PortFailure` is a defect, and is called one. */
export function asFailure(cause: unknown): Failure {
  if (cause instanceof PortFailure) return cause.failure;
  return failure('INTERNAL', cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
}

/** What a call is about, for people: a file's name before a session's id. */
function aboutOf(args: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of ['name', 'id', 'sessionId', 'itemId']) {
    if (typeof args[key] === 'string') return args[key];
  }
  return undefined;
}
