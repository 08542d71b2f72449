// The real client against the real HTTP simulator, with a bad network between them: each fault at the start, in the middle and
// at the end of each exchange of an upload. One fault is no reason to fail, and nothing of it may be seen afterwards.
import { expect, it } from 'vitest';
import type { Ports } from '../../src/ports.ts';
import { bytesOf } from '../run/bytes.ts';
import { httpStage, type Stage } from '../scenarios/stage.ts';
import { MOMENTS, type Moment, TOXICS, type TcpProxy, type Toxic, tcpProxy } from './proxy.ts';

const CONTENT = Buffer.alloc(150_000, 'the quick brown fox ');
const spec = () => ({ to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(CONTENT) }] });
const TIMEOUTS = { connectMs: 2_000, headersMs: 200, stallMs: 200 };

/** One exchange of each phase, by the name of its call. */
const EXCHANGES = [
  'findLibraries',
  'createItem',
  'createSession',
  'addFile',
  'push',
  'getSession',
  'validate',
  'complete',
  'listItemFiles',
  'deleteSession'
] as const;

async function behindProxy(tls: boolean): Promise<Stage & { readonly proxy: TcpProxy; readonly ports: Ports }> {
  let proxy: TcpProxy | undefined;
  let direct = '';
  const through = async (url: string): Promise<string> => {
    direct = url;
    proxy = await tcpProxy(url);
    return proxy.url;
  };
  const stage = await httpStage({}, { tls, through, timeouts: TIMEOUTS });
  const its = proxy as unknown as TcpProxy;
  return { ...stage, proxy: its, ports: rerouted(stage.ports, direct, its.url) };
}

/** The server tells its own address to send bytes to: they shall go through the proxy, too. */
function rerouted(ports: Ports, from: string, to: string): Ports {
  const bytes: Ports['bytes'] = {
    push: request => ports.bytes.push({ ...request, uri: request.uri.replace(from, to) }),
    fetch: request => ports.bytes.fetch({ ...request, uri: request.uri.replace(from, to) })
  };
  return { ...ports, bytes };
}

async function struckOnce(tls: boolean, exchange: string, toxic: Toxic, moment: Moment): Promise<void> {
  const stage = await behindProxy(tls);
  let armed = false;
  const { report } = await stage.play(spec(), {
    ports: () => stage.ports,
    on: event => {
      if (armed || event.type !== 'call' || event.op !== exchange) return;
      armed = true;
      stage.proxy.arm(toxic, moment);
    }
  });
  expect({ armed, struck: stage.proxy.struck }).toEqual({ armed: true, struck: 1 });
  expect(report.failure).toBeUndefined();
  expect(report.outcome).toBe('done');
}

it.each(EXCHANGES.flatMap(exchange => TOXICS.map(toxic => [exchange, toxic] as const)))(
  'should end done when the connection of %s meets %s at its start, middle or end',
  async (exchange, toxic) => {
    for (const moment of MOMENTS) await struckOnce(false, exchange, toxic, moment);
  }
);

it.each(
  (['createSession', 'push', 'complete'] as const).flatMap(exchange => TOXICS.map(toxic => [exchange, toxic] as const))
)('should end done when the TLS connection of %s meets %s at its start, middle or end', async (exchange, toxic) => {
  for (const moment of MOMENTS) await struckOnce(true, exchange, toxic, moment);
});
