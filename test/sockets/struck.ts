// A run that is played over a line: once well, to learn how long its exchanges are, and then struck in each of them. What is played,
// and how it has to end, the tests say.
import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/events/records.ts';
import type { Wanted } from './lines.ts';
import type { TcpProxy } from './proxy.ts';
import {
  ALL,
  arming,
  type Case,
  casesFor,
  each,
  type Line,
  type Measured,
  measuring,
  remembered,
  stallsOf,
  strikeOf
} from './sweep.ts';

export interface Play<Stage extends { readonly proxy: TcpProxy }, Report> {
  open(wanted: Wanted): Promise<Stage>;
  /** Plays it to its end; `on` hears of every event. */
  run(stage: Stage, on: (event: RunEvent) => void): Promise<Report>;
  /** Expects of a run that was struck what it has to be like. */
  ends(report: Report, stage: Stage): void;
}

export interface Struck {
  /** Of a run that goes well: what its exchanges took, by name. */
  lengths(line: Line): Promise<ReadonlyMap<string, Measured>>;
  /** Strikes a run in that exchange. */
  struck(exchange: string, its: Case): Promise<void>;
}

export function striking<Stage extends { readonly proxy: TcpProxy }, Report>({
  open,
  run,
  ends
}: Play<Stage, Report>): Struck {
  const lengths = remembered(async (line: Line) => {
    const stage = await open({ line });
    const measured = measuring(stage.proxy);
    await run(stage, measured.on);
    return measured.lengths;
  });
  return {
    lengths,
    struck: async (exchange, its) => {
      const strike = strikeOf(its, (await lengths(its.line)).get(exchange));
      const stage = await open(its);
      const report = await run(stage, arming(stage.proxy, exchange, strike));
      expect(stage.proxy.struck, 'how often it was struck').toBe(1);
      ends(report, stage);
    }
  };
}

/** The tests: each exchange is struck, and stalls. */
export function itShould(doWhat: string, exchanges: readonly string[], { struck }: Struck): void {
  it.each(exchanges.map((exchange, turn) => [exchange, turn] as const))(
    `should ${doWhat} when the connection is struck in %s`,
    (exchange, turn) => each(casesFor(turn), its => struck(exchange, its))
  );

  // Where all cases are played, stalls are among those of every exchange.
  it.skipIf(ALL)(`should ${doWhat} when the connection stalls in any of them`, () =>
    each(stallsOf(exchanges), its => struck(its.exchange, its), exchanges.length)
  );
}
