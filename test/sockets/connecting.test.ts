// Before the first call: the login over a bad network, and the tunnel that a proxy makes (CONNECT), struck in its own few bytes, in
// the handshake within it, and behind them.
import { connect as connectTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../machines/failures.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { PortFailure } from '../../src/ports.ts';
import { createSimulator } from '../../src/simulator/index.ts';
import { inlineHasher } from '../client/inline-hasher.ts';
import { serveProxy } from '../client/servers.ts';
import { bytesOf } from '../run/bytes.ts';
import { httpStage } from '../scenarios/stage.ts';
import { POLICY, timeoutsFor, type Wanted } from './lines.ts';
import { type Strike, type TcpProxy, type Toxic, TOXICS, tcpProxy, type Way } from './proxy.ts';
import { ALL, each, LINES, type Line, type Measured, remembered } from './sweep.ts';

const CONTENT = Buffer.alloc(24_000, 'the quick brown fox ');
const spec = () => ({ to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(CONTENT) }] });
const WAYS: readonly Way[] = ['request', 'answer'];

/** Sixths of the way of all that is said until the client has logged in and knows the server. */
const SIXTHS = [0, 1, 2, 3, 4, 5];

interface At {
  readonly line: Line;
  readonly toxic: Toxic;
  readonly way: Way;
  readonly at: number;
}

/** Every fault at every place; or each fault at one place, by turns. */
function placesOf(places: readonly number[], lines: readonly Line[]): At[] {
  const all = lines.flatMap(line =>
    TOXICS.flatMap((toxic, number) =>
      WAYS.flatMap((way, other) => places.map((at, place) => ({ line, toxic, way, at, turn: number + other + place })))
    )
  );
  const some = ALL ? all : all.filter(({ turn }) => turn % places.length === 0);
  return some.map(({ turn: _, ...its }) => its);
}

describe('a login', () => {
  const struckBy = async (wanted: Wanted, strike?: Strike) => {
    let proxy: TcpProxy | undefined;
    const through = async (url: string) => {
      proxy = await tcpProxy(url);
      proxy.arm(strike);
      return proxy.url;
    };
    const outcome = await httpStage(
      {},
      { tls: wanted.line === 'TLS', through, timeouts: timeoutsFor(wanted.toxic), hasher: inlineHasher() }
    ).then(
      () => undefined,
      (cause: unknown) => {
        if (cause instanceof PortFailure) return cause.failure;
        throw cause;
      }
    );
    return { outcome, proxy: proxy as TcpProxy };
  };
  const length = remembered(async (line: Line): Promise<Measured> => ({ ...(await struckBy({ line })).proxy.passed }));

  it('should be made all the same, or fail as what may pass, when its connection is struck', async () => {
    await each(placesOf(SIXTHS, LINES), async ({ line, toxic, way, at }) => {
      const after = Math.floor(((await length(line))[way] * at) / SIXTHS.length);
      const { outcome, proxy } = await struckBy({ line, toxic }, { toxic, way, after });
      expect(proxy.struck, 'how often it was struck').toBe(1);
      // Who does not answer at all is not asked again: an address that is wrong should be told soon.
      if (toxic !== 'stall') expect(outcome).toBeUndefined();
      else if (outcome !== undefined) expect(FAILURES[outcome.code].retry, outcome.code).toBe(true);
    });
  });
});

describe('a tunnel', () => {
  /** An upload through CONNECT; the proxy's line is struck at the first connection that bytes of a file take. */
  const tunnelled = async ({ line, toxic }: Wanted, strike?: Strike) => {
    const tunnel = await serveProxy();
    const proxy = await tcpProxy(`http://127.0.0.1:${tunnel.port}`);
    const stage = await httpStage(
      {},
      { tls: line === 'TLS', proxy: proxy.url, timeouts: timeoutsFor(toxic), hasher: inlineHasher() }
    );
    let armed = false;
    const { report } = await stage.play(spec(), {
      policy: POLICY,
      on: event => {
        if (armed || event.type !== 'call' || event.op !== 'push') return;
        armed = true;
        proxy.arm(strike);
      }
    });
    return { report, proxy, tunnel };
  };
  /** Bytes: within `CONNECT host:port HTTP/1.1`, within its answer, and behind both. */
  const PLACES = [0, 12, 38, 300];

  it('should be made anew when it is struck, wherever that is, and the upload end done', async () => {
    await each(placesOf(PLACES, LINES), async ({ line, toxic, way, at }) => {
      const { report, proxy, tunnel } = await tunnelled({ line, toxic }, { toxic, way, after: at });
      // The answer to a PUT is shorter than the last place where there is no handshake before it.
      if (way === 'request' || line === 'TLS' || at < 100) expect(proxy.struck, 'how often it was struck').toBe(1);
      expect(report.failure).toBeUndefined();
      expect(report.outcome).toBe('done');
      expect(tunnel.asked.length).toBeGreaterThan(1);
    });
  });
});

it('should not hold up the end of a simulator in the middle of a handshake', async () => {
  const simulator = createSimulator({ clock: systemClock() });
  const { port } = await simulator.listen({ tls: true });
  const socket = connectTcp({ host: '127.0.0.1', port });
  const hello = Buffer.from('160301', 'hex');
  await new Promise<void>(resolve => socket.once('connect', () => socket.write(hello, () => resolve())));
  const closed = new Promise<void>(resolve => socket.on('error', () => undefined).once('close', () => resolve()));
  socket.resume();
  await simulator.close();
  await closed;
}, 10_000);
