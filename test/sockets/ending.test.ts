// What a run does when it cannot or shall not go on, over a bad network: each fault at each place of each exchange of its cleaning up.
// Nothing is published, and one fault is no reason to leave anything: no session, no empty item, no part.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { type ByteSource, PortFailure } from '../../src/ports.ts';
import { activeDownloads } from '../invariants/download.ts';
import { bytesOf } from '../run/bytes.ts';
import { left, type PlayOptions } from '../scenarios/stage.ts';
import { fetched, HELD } from './fetching.ts';
import { lined, stageBehind } from './lines.ts';
import {
  ALL,
  arming,
  type Case,
  casesFor,
  each,
  type Line,
  measuring,
  remembered,
  stallsOf,
  strikeOf
} from './sweep.ts';

const CONTENT = Buffer.alloc(48_000, 'the quick brown fox ');
const failing: ByteSource = {
  size: CONTENT.length,
  async *read() {
    yield CONTENT.subarray(0, 20_000);
    throw new PortFailure(failure('SOURCE_UNREADABLE', 'the disk has gone'));
  }
};
const NOTHING = { sessions: [], items: [] };

/** The exchanges after the one that ends it. */
const ENDINGS = [
  ['canceled', bytesOf(CONTENT), ['cancelSession', 'deleteSession', 'listItemFiles', 'deleteItem']],
  ['failed', failing, ['failSession', 'deleteSession', 'listItemFiles', 'deleteItem']]
] as const;

describe.each(ENDINGS)('an upload that is %s', (outcome, source, exchanges) => {
  const spec = () => ({ to: 'images/fox', files: [{ name: 'fox.bin', source }] });
  const listening = (listen: (event: RunEvent) => void): PlayOptions => ({
    on: (event, run) => {
      listen(event);
      if (outcome === 'canceled' && event.type === 'call' && event.op === 'addFile') run.cancel('enough');
    }
  });
  const lengths = remembered(async (line: Line) => {
    const stage = await stageBehind({ line });
    const measured = measuring(stage.proxy);
    await stage.play(spec(), listening(measured.on));
    return measured.lengths;
  });

  const struck = async (exchange: string, its: Case): Promise<void> => {
    const strike = strikeOf(its, (await lengths(its.line)).get(exchange));
    const stage = await stageBehind(its);
    const { report } = await stage.play(spec(), listening(arming(stage.proxy, exchange, strike)));
    expect(stage.proxy.struck, 'how often it was struck').toBe(1);
    expect(report.outcome).toBe(outcome);
    expect(report.notes.filter(note => note.includes('left'))).toEqual([]);
    expect(left(stage)).toEqual(NOTHING);
  };
  sweep(exchanges, struck);
});

/** The same for downloads: the part in the folder is to go, too. */
describe.each([
  ['canceled', ['cancelDownload', 'deleteDownloadSession']],
  ['failed', ['failDownload', 'deleteDownloadSession']]
] as const)('a download that is %s', (outcome, exchanges) => {
  const plot = (): Parameters<typeof fetched>[1] =>
    outcome === 'failed'
      ? { full: 20_000 }
      : { meanwhile: (event, run) => void (event.type === 'call' && event.op === 'fetch' && run.cancel('enough')) };
  const lengths = remembered(async (line: Line) => {
    const its = await lined({ line }, HELD);
    const measured = measuring(its.proxy);
    await fetched(its, { ...plot(), ...measured });
    return measured.lengths;
  });

  const struck = async (exchange: string, its: Case): Promise<void> => {
    const strike = strikeOf(its, (await lengths(its.line)).get(exchange));
    const stage = await lined(its, HELD);
    const report = await fetched(stage, { ...plot(), on: arming(stage.proxy, exchange, strike) });
    expect(stage.proxy.struck, 'how often it was struck').toBe(1);
    expect(report.outcome).toBe(outcome);
    expect(report.notes.filter(note => note.includes('left'))).toEqual([]);
    expect(activeDownloads(stage.simulator)).toEqual([]);
  };
  sweep(exchanges, struck);
});

function sweep(exchanges: readonly string[], struck: (exchange: string, its: Case) => Promise<void>): void {
  it.each(exchanges.map((exchange, turn) => [exchange, turn] as const))(
    'should leave nothing when the connection is struck in %s',
    (exchange, turn) => each(casesFor(turn), its => struck(exchange, its))
  );

  it.skipIf(ALL)('should leave nothing when the connection stalls in any of them', () =>
    each(stallsOf(exchanges), its => struck(its.exchange, its), exchanges.length)
  );
}
