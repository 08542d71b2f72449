// What the server fetches by itself, with a bad network between it and the source: each fault at each place of the look that the
// client takes first, and of the fetch. The item holds what the source holds, by one version, or nothing is published.
import { expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { certificateFor } from '../client/certificates.ts';
import { inlineHasher } from '../client/inline-hasher.ts';
import { serve } from '../client/servers.ts';
import { bytesFrom } from '../scenarios/download-stage.ts';
import { httpStage, left, type Stage } from '../scenarios/stage.ts';
import { hurriedClock } from './hurried.ts';
import { POLICY, timeoutsFor, type Wanted } from './lines.ts';
import { type TcpProxy, tcpProxy } from './proxy.ts';
import { ALL, type Case, casesFor, each, type Line, type Measured, remembered, stallsOf, strikeOf } from './sweep.ts';

const FOX = bytesFrom(11, 48_000);
const truth = new Map([['fox.bin', FOX]]);
const checksum = { algorithm: 'SHA256', checksum: createHash('sha256').update(FOX).digest('hex') } as const;

interface Sourced {
  readonly stage: Stage;
  readonly proxy: TcpProxy;
  pull(on: { readonly call?: () => void }, known: boolean): ReturnType<Stage['play']>;
}

/** A simulator that may fetch from a source of its own, through a proxy. */
async function sourced({ line, toxic }: Wanted): Promise<Sourced> {
  const tls = line === 'TLS' ? certificateFor('ours') : undefined;
  const source = await serve(({ method }, response) => {
    response.writeHead(200, { 'content-length': FOX.length });
    response.end(method === 'HEAD' ? undefined : FOX);
  }, tls && { tls });
  const proxy = await tcpProxy(source.url);
  const timeouts = timeoutsFor(toxic);
  const stage = await httpStage(
    { pull: { hosts: [`127.0.0.1:${proxy.port}`], stallMs: timeouts.stallMs } },
    { clock: hurriedClock(), timeouts, hasher: inlineHasher() }
  );
  return {
    stage,
    proxy,
    pull: ({ call }, known) =>
      stage.play(
        {
          to: 'images/fox',
          files: [{ pull: `${proxy.url}/fox.bin`, ca: tls?.cert, ...(known && { checksum, size: FOX.length }) }]
        },
        {
          truth,
          policy: { ...POLICY, watchMs: 100, pollMs: 400 },
          on: event => {
            if (event.type === 'call' && event.op === 'addFile') call?.();
          }
        }
      )
  };
}

const lengths = remembered(async (line: Line): Promise<Record<'look' | 'fetch', Measured>> => {
  const { proxy, pull } = await sourced({ line });
  let look: Measured = { request: 0, answer: 0 };
  await pull(
    {
      call: () => {
        look = { ...proxy.passed };
        proxy.arm();
      }
    },
    true
  );
  return { look, fetch: { ...proxy.passed } };
});

async function struckInFetch(its: Case, turn: number): Promise<void> {
  const strike = strikeOf(its, (await lengths(its.line)).fetch);
  const { stage, proxy, pull } = await sourced(its);
  const { report } = await pull({ call: () => proxy.arm(strike) }, turn % 2 === 0);
  expect(proxy.struck, 'how often it was struck').toBe(1);
  // A source that could read half of a request only may say so, and a service need not ask again: then nothing is there.
  const refused = report.failure?.message.includes('status 400') === true;
  expect(report.outcome, report.failure?.message).toBe(refused ? 'failed' : 'done');
  expect(left(stage)).toEqual({ sessions: [], items: refused ? [] : ['fox'] });
}

async function struckInLook(its: Case): Promise<void> {
  const strike = strikeOf(its, (await lengths(its.line)).look);
  const { stage, proxy, pull } = await sourced(its);
  proxy.arm(strike);
  const { report } = await pull({}, true);
  expect(proxy.struck, 'how often it was struck').toBe(1);
  // Who does not answer in time is not asked again: that should be told soon, and before anything is made.
  const dumb = its.toxic === 'stall' && report.outcome === 'failed';
  expect(report.failure?.code).toBe(dumb ? 'SOURCE_UNREADABLE' : undefined);
  expect(report.outcome).toBe(dumb ? 'failed' : 'done');
  expect(left(stage)).toEqual({ sessions: [], items: dumb ? [] : ['fox'] });
}

const turns = ALL ? [0, 1] : [0, 1, 2, 3];

it.each(turns)('should end done when the connection to the source is struck in the fetch (%i)', turn =>
  each(casesFor(turn), its => struckInFetch(its, turn))
);

it.each(turns)('should end done when the connection to the source is struck in the look (%i)', turn =>
  each(casesFor(turn), struckInLook)
);

// Where all cases are played, stalls are among those of each exchange.
it.skipIf(ALL)('should not be waited for when the source stalls', () =>
  each(stallsOf(['look', 'fetch', 'look', 'fetch']), its =>
    its.exchange === 'look' ? struckInLook(its) : struckInFetch(its, 0)
  )
);
