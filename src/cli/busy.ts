// What --on-busy means before an upload begins: another run of this journal, on the same item, that has not ended. It is waited
// for while its owner lives, or ended when nobody works on it any more. What is open on the server is the machine's to settle.
import { hostname } from 'node:os';
import type { DurableJournal, ListedRun } from '../adapters/sqlite/journal.ts';
import type { Connection } from '../connect.ts';
import { beginningOf } from '../events/beginning.ts';
import { recordsOf } from '../events/reading.ts';
import { PortFailure } from '../ports.ts';
import type { OnBusy, UploadSpec } from '../spec.ts';
import { type UploadRun, upload } from '../upload.ts';
import { spanOf } from '../view/words.ts';
import type { Context } from './output.ts';
import { toEnd } from './take-up.ts';
import { isHere } from './whose-run.ts';

export interface BusyFlags {
  readonly onBusy: OnBusy;
  readonly force?: boolean;
}

export interface Means {
  readonly server: Connection;
  readonly journal: DurableJournal;
  readonly signal: AbortSignal;
  readonly context: Context;
  /** Milliseconds in which all must be done, if there is such a bound. */
  readonly leftMs?: number;
  /** Instant until which others are waited for. */
  readonly patientUntil: number;
}

const [LEAST_MS, MOST_MS] = [250, 5_000];

/**
 * Returns when the place is free, or nothing more can be done about it from here: then the journal refuses the upload, and its
 * sentence says why. Throws only what keeps the journal from being read.
 */
export async function makeRoom(place: string, { onBusy, force }: BusyFlags, means: Means): Promise<void> {
  if (onBusy === 'take-over') await endAbandoned(place, force, means);
  if (onBusy === 'wait') await waitForOwner(place, means);
}

/**
 * Resolves when the run has really begun, or has ended: until then there is nothing to show of it. True: the journal has refused
 * it, because another one had been quicker.
 */
export function wasRefused({ timeline$, report }: UploadRun): Promise<boolean> {
  return new Promise(resolve => {
    const heard = timeline$.subscribe(({ type }) => {
      if (type === 'call') resolve(false);
    });
    report.then(({ failure }) => {
      heard.unsubscribe();
      resolve(failure?.code === 'RESOURCE_BUSY');
    });
  });
}

/** @example `placeIn({ library: 'images', item: 'id:8c2e' })` is `'images/8c2e'`, as the journal has it. */
export function placeIn({ library, item }: { readonly library: string; readonly item?: string }): string {
  return [library, item].map(name => name?.replace(/^id:/, '')).join('/');
}

/** Whether the place is held by a run that nobody works on: there is no use in waiting for it. */
export async function isAbandoned(place: string, means: Pick<Means, 'server' | 'journal'>): Promise<boolean> {
  const other = await unfinishedOn(place, means);
  return other !== undefined && other.owner?.gone !== false;
}

async function unfinishedOn(
  place: string,
  { server, journal }: Pick<Means, 'server' | 'journal'>
): Promise<ListedRun | undefined> {
  const runs = await journal.runs({ unfinishedAt: place });
  return runs.find(run => run.kind === 'upload' && run.server === server.serverName);
}

async function waitForOwner(place: string, means: Means): Promise<void> {
  const { server, signal, context, patientUntil, leftMs = Number.POSITIVE_INFINITY } = means;
  const { clock } = server;
  const since = clock.now();
  const end = Math.min(since + leftMs, patientUntil);
  let told: string | undefined;
  while (!signal.aborted) {
    const other = await unfinishedOn(place, means);
    // Nobody ends what nobody works on: there is nothing to wait for.
    if (other?.owner === undefined || other.owner.gone) return;
    const now = clock.now();
    if (now >= end) {
      if (end === patientUntil)
        context.out.log('warning', `waited ${spanOf(now - since)} for process ${other.owner.pid}`);
      return;
    }
    if (told !== other.run) {
      told = other.run;
      context.out.log(
        'info',
        `waiting for process ${other.owner.pid}, which is working on ${place} (run ${other.run})`
      );
    }
    const rest = Math.min(MOST_MS, Math.max(LEAST_MS, now - since));
    await clock.sleepUntil(Math.min(end, now + rest), signal).catch(() => undefined);
  }
}

/** As `shelver cleanup` would: what the run has left on the server is taken away. */
async function endAbandoned(place: string, force: boolean | undefined, means: Means): Promise<void> {
  const { journal, server, signal, context } = means;
  const other = await unfinishedOn(place, means);
  // What another user has left on the server, only that one can take away.
  if (other === undefined || !isHere(other, server)) return;
  const { owner } = other;
  if (owner !== undefined && !owner.gone && !(force && owner.host !== hostname())) return;
  try {
    await journal.claim(other.run, force);
  } catch (cause) {
    // Its owner lives, or somebody has been quicker.
    if (cause instanceof PortFailure) return;
    throw cause;
  }
  const { spec, files = [] } = beginningOf(await recordsOf(journal, other.run)) ?? {};
  context.out.log('info', `taking over: ending run ${other.run} on ${place}, which nobody was working on any more`);
  const told = (spec ?? toEnd('upload', place, files)) as UploadSpec;
  const { left, notes } = await upload(server, told, { run: other.run, signal, cleanUp: 'taken over' }).report;
  if (left) context.out.log('warning', `of run ${other.run}: ${notes.join('; ')}`);
}
