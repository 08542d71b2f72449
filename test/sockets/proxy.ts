// A TCP proxy that does to a connection what networks do, at a named moment of the next exchange: when its first bytes come
// from the client, when half of them have gone on, or when the first bytes of the answer come. It knows nothing of HTTP or TLS.
import net, { type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export const MOMENTS = ['start', 'middle', 'end'] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * `reset`: RST to both. `halfClose`: the client hears the end, and its own bytes are still taken. `slowClose`: what is on its
 * way arrives in drops, then the end. `limit`: 64 bytes more, then the end. `slice`: from now on in pieces of 61 bytes.
 * `latency`: everything from now on a few milliseconds later. `stall`: nothing moves any more, and nobody is told.
 */
export const TOXICS = ['reset', 'halfClose', 'slowClose', 'limit', 'slice', 'latency', 'stall'] as const;
export type Toxic = (typeof TOXICS)[number];

export interface TcpProxy {
  /** Where to go instead of the server: the same address with another port. */
  readonly url: string;
  /** What happens at this moment of whatever exchange comes next. */
  arm(toxic: Toxic, moment: Moment): void;
  /** Faults that were armed and have happened. */
  readonly struck: number;
}

export async function tcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let armed: { readonly toxic: Toxic; readonly moment: Moment } | undefined;
  let struck = 0;
  const take = (...moments: readonly Moment[]): Toxic | undefined => {
    if (armed === undefined || !moments.includes(armed.moment)) return undefined;
    const { toxic } = armed;
    armed = undefined;
    struck += 1;
    return toxic;
  };
  const server = net.createServer({ allowHalfOpen: true }, client => {
    const upstream = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
      socket.on('close', () => sockets.delete(socket));
    }
    const there = new Pipe(client, upstream);
    const back = new Pipe(upstream, client);
    const strike = (toxic: Toxic, chunk: Buffer, on: Pipe): void => {
      if (toxic === 'reset') {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      } else if (toxic === 'halfClose') {
        client.end();
        on.pass(chunk);
      } else if (toxic === 'stall') {
        there.stop();
        back.stop();
      } else if (toxic === 'limit') {
        on.pass(chunk.subarray(0, 64));
        on.end();
      } else {
        there.piece = toxic === 'latency' ? Math.max(chunk.length, 16_384) : 61;
        back.piece = there.piece;
        there.laterMs = toxic === 'slice' ? 0 : 2;
        back.laterMs = there.laterMs;
        on.pass(toxic === 'slowClose' ? chunk.subarray(0, 150) : chunk);
        if (toxic === 'slowClose') on.end();
      }
    };
    client.on('data', chunk => {
      const toxic = take('start');
      if (toxic !== undefined) return strike(toxic, chunk, there);
      const half = take('middle');
      if (half === undefined) return there.pass(chunk);
      const middle = Math.ceil(chunk.length / 2);
      there.pass(chunk.subarray(0, middle));
      strike(half, chunk.subarray(middle), there);
    });
    upstream.on('data', chunk => {
      const toxic = take('end');
      if (toxic === undefined) back.pass(chunk);
      else strike(toxic, chunk, back);
    });
    client.on('end', () => there.end());
    upstream.on('end', () => back.end());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      })
  );
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.origin,
    arm: (toxic, moment) => {
      armed = { toxic, moment };
    },
    get struck() {
      return struck;
    }
  };
}

/** One direction: what came goes on, in order, in pieces and with delays if it must. */
class Pipe {
  piece = Number.POSITIVE_INFINITY;
  laterMs = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
  }

  pass(chunk: Buffer): void {
    this.#from.pause();
    this.#last = this.#last.then(async () => {
      for (let at = 0; at < chunk.length && !this.#stopped; at += this.piece) {
        if (this.laterMs > 0) await new Promise(resolve => setTimeout(resolve, this.laterMs));
        await this.#write(chunk.subarray(at, Math.min(chunk.length, at + this.piece)));
      }
      if (!this.#stopped) this.#from.resume();
    });
  }

  end(): void {
    this.#last = this.#last.then(() => {
      if (!this.#stopped) this.#to.end();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#from.pause();
  }

  #write(bytes: Buffer): Promise<void> {
    if (this.#to.destroyed || this.#to.writableEnded) return Promise.resolve();
    return new Promise(resolve => {
      this.#to.write(bytes, () => resolve());
    });
  }
}
