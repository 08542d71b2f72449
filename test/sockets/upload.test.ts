// The real client against the real HTTP simulator, with a bad network between them: each fault at each place of each exchange of
// an upload, plain and under TLS. One fault is no reason to fail, and nothing of it may be seen afterwards: that the stage asks
// of the server (test/invariants).
import { expect, it } from 'vitest';
import { bytesOf } from '../run/bytes.ts';
import { stageBehind } from './lines.ts';
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
const spec = () => ({ to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(CONTENT) }] });

const lengths = remembered(async (line: Line) => {
  const stage = await stageBehind({ line });
  const measured = measuring(stage.proxy);
  await stage.play(spec(), measured);
  return measured.lengths;
});

/** By the names of their calls, in their order. */
const EXCHANGES = [
  'findLibraries',
  'getLibrary',
  'findItems',
  'createItem',
  'listSessions',
  'createSession',
  'getSession',
  'addFile',
  'push',
  'getFile',
  'validate',
  'complete',
  'getSession#2',
  'listItemFiles',
  'getItem',
  'deleteSession'
];

async function struck(exchange: string, its: Case): Promise<void> {
  const strike = strikeOf(its, (await lengths(its.line)).get(exchange));
  const stage = await stageBehind(its);
  const { report } = await stage.play(spec(), { on: arming(stage.proxy, exchange, strike) });
  expect(stage.proxy.struck, 'how often it was struck').toBe(1);
  expect(report.failure).toBeUndefined();
  expect(report.outcome).toBe('done');
}

it.each(EXCHANGES.map((exchange, turn) => [exchange, turn] as const))(
  'should end done when the connection is struck in %s',
  (exchange, turn) => each(casesFor(turn), its => struck(exchange, its))
);

it.skipIf(ALL)('should end done when the connection stalls in any of them', () =>
  each(stallsOf(EXCHANGES), its => struck(its.exchange, its), EXCHANGES.length)
);

it('should know every exchange of the upload', async () => {
  const names = [...(await lengths('plain')).keys()].filter(name => !name.includes('#'));
  expect(names.sort()).toEqual(EXCHANGES.filter(name => !name.includes('#')).sort());
});
