// Every misfortune of a request: before it acts, instead of acting, after it has acted with the answer lost, in mid-body, and late.
// The sweep takes each of them at each request, the draws a few at any.
import type { Fault } from '../../src/simulator/index.ts';
import type { Dice } from './dice.ts';

/** No 404: told of what is there it would be a lie, and no client sees through that. */
export const ON_A_REQUEST: readonly object[] = [
  { do: 'refuse' },
  { do: 'reset' },
  { do: 'stall' },
  { do: 'answer', status: 503, retryAfter: 2 },
  { do: 'answer', status: 429, retryAfter: 3, retryAfterAs: 'date' },
  { do: 'answer', status: 500 },
  { do: 'answer', status: 400 },
  { do: 'loseAnswer' },
  { do: 'late', delayMs: 300 },
  { do: 'late', delayMs: 4_000 },
  { do: 'late', delayMs: 60_000 },
  { do: 'slow', bytesPerSecond: 50 },
  { do: 'expireSession' }
];

/** Whether and when the server acts is not told. */
const IN_DOUBT: readonly object[] = [
  { do: 'loseAnswer' },
  { do: 'late', delayMs: 5 },
  { do: 'late', delayMs: 40 },
  { do: 'late', delayMs: 150 },
  { do: 'late', delayMs: 400 }
];
const CREATES = {
  upload: ['item.create', 'session.create', 'file.add', 'session.complete'],
  download: ['download.create', 'downloadFile.prepare']
};

const CALLS = {
  upload: ['library.find', 'item.find', 'item.create', 'session.*', 'file.*', 'put', '*', 'session.create', 'item.get'],
  download: ['library.find', 'item.*', 'download.*', 'downloadFile.*', 'get', '*', 'download.create']
};

const IN_A_BODY = {
  upload: [
    { on: 'put', do: 'reset', afterBytes: 100 },
    { on: 'put', do: 'corrupt', atByte: 3 },
    { on: 'put', do: 'transferError', afterBytes: 50 },
    { on: 'put', do: 'answer', status: 503, retryAfter: 1, afterBytes: 70 },
    { on: 'put', do: 'stall', afterBytes: 60 },
    { on: 'pull', do: 'reset', afterBytes: 20 },
    { on: 'pull', do: 'corrupt', atByte: 3 }
  ],
  download: [
    { on: 'get', do: 'reset', afterBytes: 100 },
    { on: 'get', do: 'corrupt', atByte: 3 },
    { on: 'get', do: 'stall', afterBytes: 60 },
    { on: 'get', do: 'answer', status: 503, retryAfter: 1 }
  ]
};

/** What no patience gets over. */
const FOR_GOOD = {
  upload: [
    { on: 'put', do: 'reset', afterBytes: 10 },
    { on: 'put', do: 'corrupt' },
    { on: 'session.create', do: 'answer', status: 503 },
    { on: 'session.create', do: 'loseAnswer' },
    { on: 'file.add', do: 'answer', status: 400 },
    { on: 'session.complete', do: 'answer', status: 500 },
    { on: 'session.complete', do: 'loseAnswer' },
    { on: 'session.get', do: 'answer', status: 503 },
    { on: 'session.delete', do: 'refuse' },
    { on: ['session.fail', 'session.cancel'], do: 'refuse' },
    { on: 'item.create', do: 'loseAnswer' },
    { on: 'file.validate', do: 'refuse' },
    { on: '*', do: 'refuse' }
  ],
  download: [
    { on: 'get', do: 'reset', afterBytes: 10 },
    { on: 'get', do: 'corrupt' },
    { on: 'download.create', do: 'loseAnswer' },
    { on: 'downloadFile.prepare', do: 'answer', status: 503 },
    { on: 'download.delete', do: 'refuse' },
    { on: '*', do: 'refuse' }
  ]
};

/** A few that pass, and now and then one that does not. */
export function drawFaults({ pick, whole, chance, some }: Dice, kind: 'upload' | 'download'): Fault[] {
  const passing = some(5, () => {
    const its = chance(0.15)
      ? { ...pick(IN_DOUBT), on: pick(CREATES[kind]) }
      : chance(0.65)
        ? { ...pick(ON_A_REQUEST), on: pick(CALLS[kind]) }
        : pick<object>(IN_A_BODY[kind]);
    return { ...its, times: whole(1, 2), skip: whole(0, 4) } as Fault;
  });
  return chance(0.15)
    ? [...passing, { ...pick<object>(FOR_GOOD[kind]), times: 'always', skip: whole(0, 3) } as Fault]
    : passing;
}

/** Creates whose answers are lost, and nothing else: the first requests of each kind. */
export function drawDoubts({ pick, whole, chance }: Dice, kind: 'upload' | 'download'): Fault[] {
  const one = (): Fault => ({ ...pick(IN_DOUBT), on: pick(CREATES[kind]), times: whole(1, 2) }) as Fault;
  return chance(0.5) ? [one()] : [one(), one()];
}

/** Complete acts late, or without a word: about when others have come and gone that were sent after it. */
export function lateComplete({ whole, chance }: Dice, latencyMs: number): Fault {
  if (chance(0.2)) return { on: 'session.complete', do: 'loseAnswer' };
  return { on: 'session.complete', do: 'late', delayMs: Math.round(latencyMs * whole(1, 6)) };
}
