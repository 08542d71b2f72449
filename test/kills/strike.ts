// Waits for a moment of a life, and kills it there; and says where that was.
import { existsSync } from 'node:fs';
import { KILLED, type Life } from './life.ts';
import type { Moment } from './plan.ts';
import type { Service, Standing } from './service.ts';

/** What a run does that nobody kills. */
export interface Measure {
  readonly durationMs: number;
  readonly requests: number;
}

export interface Struck {
  /** How things stood when the life began, and when it was killed. */
  readonly before: Standing;
  readonly at: Standing;
  /** False: it ended by itself before. */
  readonly killed: boolean;
}

/** @param diesBeforeMs the server is killed so much before the command, if it can be */
export async function strike(
  life: Life,
  moment: Moment,
  {
    measure,
    service,
    journal,
    before,
    diesBeforeMs = 0
  }: {
    readonly measure: Measure & { readonly bytes: number };
    readonly service: Service;
    readonly journal: string;
    readonly before: Standing;
    readonly diesBeforeMs?: number;
  }
): Promise<Struck> {
  let at = before;
  let killed = false;
  const kill = async (): Promise<void> => {
    if (life.over) return;
    const now = service.look();
    // Where it can be told at once, nothing happens between the look and the kill.
    at = now instanceof Promise ? await now : now;
    if (life.over) return;
    if (service.die !== undefined) {
      await service.die();
      if (diesBeforeMs > 0) await passed(diesBeforeMs);
    }
    killed = !life.over;
    life.kill();
  };
  await new Promise<void>(resolve => {
    let struck = false;
    const stops: (() => void)[] = [];
    const finish = (): void => {
      for (const stop of stops) stop();
      resolve();
    };
    const hit = (): void => {
      if (struck) return;
      struck = true;
      // Whoever has ended meanwhile may have left no server to be looked at.
      if (moment.laterMs === 0) void kill().then(finish, finish);
      else setTimeout(() => void kill().then(finish, finish), moment.laterMs);
    };
    void life.ended.then(finish);
    if (moment.at === 'time') {
      const timer = setTimeout(hit, moment.part * measure.durationMs);
      stops.push(() => clearTimeout(timer));
    } else if (moment.at === 'journal') {
      const timer = setInterval(() => existsSync(journal) && hit(), 1);
      stops.push(() => clearInterval(timer));
    } else {
      const look = (): void => {
        if (struck) return;
        const now = service.look();
        if (now instanceof Promise) void now.then(its => isDue(moment, measure, before, its) && hit(), finish);
        else if (isDue(moment, measure, before, now)) hit();
      };
      stops.push(service.onChange(look));
      if (moment.at === 'body') {
        const timer = setInterval(look, 4);
        stops.push(() => clearInterval(timer));
      }
    }
  });
  // One that was just ending by itself has not heard of it.
  return { before, at, killed: (await life.ended) === KILLED && killed };
}

function isDue(
  { at, part }: Moment,
  { requests, bytes }: Measure & { readonly bytes: number },
  before: Standing,
  now: Standing
): boolean {
  if (at === 'complete' && part < 0.5) return now.completing > before.completing;
  if (at === 'complete') return now.completed > before.completed;
  if (at === 'ending') return now.answered - before.answered >= requests;
  if (at === 'answer') return now.answered - before.answered >= Math.max(1, Math.ceil(part * requests));
  if (at === 'arrival') return now.arrived - before.arrived >= Math.max(1, Math.ceil(part * requests));
  return now.moved - before.moved > part * bytes;
}

function passed(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
