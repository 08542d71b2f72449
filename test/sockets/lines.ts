// What all tests of the sockets share: a simulator and the real client with a proxy between them, short patience, and addresses for
// bytes that lead through the proxy, too.
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import { type ConnectOptions, connect } from '../../src/connect.ts';
import type { Timeouts } from '../../src/adapters/http/request.ts';
import type { Ports } from '../../src/ports.ts';
import { createRetryBudget } from '../../src/retry-budget.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import { inlineHasher } from '../client/inline-hasher.ts';
import { httpStage, PASSWORD, type Stage } from '../scenarios/stage.ts';
import { type TcpProxy, type Toxic, tcpProxy } from './proxy.ts';
import type { Line } from './sweep.ts';

/** Patience that a busy machine cannot exhaust; and little of it, where nothing will ever move again. */
const PATIENT = { connectMs: 20_000, headersMs: 20_000, stallMs: 20_000, answerMs: 20_000 };
const IMPATIENT = { connectMs: 1_500, headersMs: 1_000, stallMs: 1_000, answerMs: 2_000 };

export function timeoutsFor(toxic: Toxic | undefined): Timeouts {
  return toxic === 'stall' ? IMPATIENT : PATIENT;
}

/** A line, and what will happen on it. */
export interface Wanted {
  readonly line: Line;
  readonly toxic?: Toxic;
}

export interface Lined {
  readonly simulator: Simulator;
  readonly proxy: TcpProxy;
  readonly ports: Ports;
}

/** A client that has logged in through the proxy. */
export async function lined(
  { line, toxic }: Wanted,
  settings: Partial<SimulatorOptions> = {},
  options: Partial<ConnectOptions> = {}
): Promise<Lined> {
  const clock = systemClock();
  const simulator = createSimulator({ users: { user: PASSWORD }, ...settings, clock });
  onTestFinished(() => simulator.close());
  const { url, caPem: ca } = await simulator.listen({ tls: line === 'TLS' });
  const proxy = await tcpProxy(url);
  const connection = await connect({
    url: proxy.url,
    ca,
    username: 'user',
    password: PASSWORD,
    budget: createRetryBudget(),
    timeouts: timeoutsFor(toxic),
    hasher: inlineHasher(),
    ...options
  });
  onTestFinished(() => connection.close());
  const { library, bytes, hasher, budget, journal, serverName, random } = connection;
  const ports = { library, bytes, hasher, budget, journal, serverName, random, clock };
  return { simulator, proxy, ports: rerouted(ports, url, proxy.url) };
}

/** The same for an upload, with the stage that holds its end against all invariants. */
export async function stageBehind({ line, toxic }: Wanted): Promise<Stage & { readonly proxy: TcpProxy }> {
  let proxy: TcpProxy | undefined;
  let direct = '';
  const through = async (url: string): Promise<string> => {
    direct = url;
    proxy = await tcpProxy(url);
    return proxy.url;
  };
  const stage = await httpStage(
    {},
    { tls: line === 'TLS', through, timeouts: timeoutsFor(toxic), hasher: inlineHasher() }
  );
  const its = proxy as unknown as TcpProxy;
  const ports = rerouted(stage.ports, direct, its.url);
  const play: Stage['play'] = (spec, options) =>
    stage.play(spec, { ports: () => ports, ...options, policy: { ...POLICY, ...options?.policy } });
  return { ...stage, proxy: its, play };
}

/** Nothing beside what is struck. */
export const POLICY = { baseMs: 5, capMs: 40, pollMs: 10, watchMs: 60_000 };

/** The server tells its own address to send bytes to: they shall go through the proxy, too. */
function rerouted(ports: Ports, from: string, to: string): Ports {
  const bytes: Ports['bytes'] = {
    push: request => ports.bytes.push({ ...request, uri: request.uri.replace(from, to) }),
    fetch: request => ports.bytes.fetch({ ...request, uri: request.uri.replace(from, to) })
  };
  return { ...ports, bytes };
}
