// Downloads over a bad network: each fault at each place of each exchange, the bytes of the file included. One fault is no reason
// to fail: at the end the folder holds what the item holds, there is no part, and no session is left (test/invariants).
import { expect, it } from 'vitest';
import { activeDownloads } from '../invariants/download.ts';
import { fetched, HELD } from './fetching.ts';
import { lined } from './lines.ts';
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

const lengths = remembered(async (line: Line) => {
  const its = await lined({ line }, HELD);
  const measured = measuring(its.proxy);
  await fetched(its, measured);
  return measured.lengths;
});

/** By the names of their calls, in their order. */
const EXCHANGES = [
  'findLibraries',
  'getLibrary',
  'findItems',
  'getItem',
  'listItemFiles',
  'listDownloadSessions',
  'createDownloadSession',
  'getDownloadSession',
  'prepareFile',
  'getDownloadFile',
  'fetch',
  'deleteDownloadSession'
];

async function struck(exchange: string, its: Case): Promise<void> {
  const strike = strikeOf(its, (await lengths(its.line)).get(exchange));
  const stage = await lined(its, HELD);
  const report = await fetched(stage, { on: arming(stage.proxy, exchange, strike) });
  expect(stage.proxy.struck, 'how often it was struck').toBe(1);
  expect(report.failure).toBeUndefined();
  expect(report.outcome).toBe('done');
  expect(activeDownloads(stage.simulator)).toEqual([]);
}

it.each(EXCHANGES.map((exchange, turn) => [exchange, turn] as const))(
  'should end done when the connection is struck in %s',
  (exchange, turn) => each(casesFor(turn), its => struck(exchange, its))
);

it.skipIf(ALL)('should end done when the connection stalls in any of them', () =>
  each(stallsOf(EXCHANGES), its => struck(its.exchange, its), EXCHANGES.length)
);

/** Its session wants to be kept before the link is there; each case waits for that, so not in every run of the tests. */
it.runIf(ALL)('should end done when the connection is struck in keepDownloadAlive', async () => {
  const slow = { ...HELD, rules: { preparingMs: 1_500 }, sessionTimeoutMs: 4_000 };
  const policy = { pollMs: 5_000 };
  const kept = remembered(async (line: Line) => {
    const its = await lined({ line }, slow);
    const measured = measuring(its.proxy);
    await fetched(its, { ...measured, policy });
    return measured.lengths.get('keepDownloadAlive');
  });
  await each(casesFor(0), async its => {
    const strike = strikeOf(its, await kept(its.line));
    const stage = await lined(its, slow);
    const report = await fetched(stage, { on: arming(stage.proxy, 'keepDownloadAlive', strike), policy });
    expect(stage.proxy.struck, 'how often it was struck').toBe(1);
    expect(report.outcome).toBe('done');
    expect(activeDownloads(stage.simulator)).toEqual([]);
  });
});

it('should know every exchange of the download', async () => {
  const names = [...(await lengths('plain')).keys()].filter(name => !name.includes('#'));
  expect(names.sort()).toEqual(EXCHANGES.toSorted());
});
