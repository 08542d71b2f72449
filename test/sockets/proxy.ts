// A TCP proxy that does to a connection what networks do, at a chosen byte of the next exchange, on its way there or back. It
// knows nothing of HTTP or TLS: where an exchange begins, how long it is and where it is struck is told by whoever arms it.
import net, { type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * `reset`: RST to both. `halfClose`: the client hears the end, and its own bytes are still taken. `cutOff`: the server hears
 * the end, and its own bytes still come. `slowClose`: a little of what is on its way arrives in drops, then the end. `limit`:
 * 64 bytes more, then the end. `slice`: from now on in pieces of 61 bytes. `latency`: everything from now on a few
 * milliseconds later. `stall`: nothing moves any more, and nobody is told.
 */
export const TOXICS = ['reset', 'halfClose', 'cutOff', 'slowClose', 'limit', 'slice', 'latency', 'stall'] as const;
export type Toxic = (typeof TOXICS)[number];

/** From the client to the server, or from the server to the client. */
export type Way = 'request' | 'answer';

export interface Strike {
  readonly toxic: Toxic;
  readonly way: Way;
  /** Bytes of that way that still pass as if nothing were; the next one is struck. */
  readonly after: number;
}

export interface TcpProxy {
  /** Where to go instead of the server: the same address with another port. */
  readonly url: string;
  readonly port: number;
  /** Counts from here on, and strikes, whatever connection it is. */
  arm(strike?: Strike): void;
  /** Bytes that have come since `arm`. */
  readonly passed: Readonly<Record<Way, number>>;
  /** Faults that were armed and have happened. */
  readonly struck: number;
  /** Connections that were made so far, and how many of them are open. */
  readonly connections: { readonly made: number; readonly open: number };
  /** Does it now to every connection that is open: to those that idle. */
  cut(how: 'reset' | 'close'): void;
}

export async function tcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Link>();
  const passed = { request: 0, answer: 0 };
  let armed: Strike | undefined;
  let struck = 0;
  let made = 0;

  const flow = (link: Link, way: Way, chunk: Buffer): void => {
    const before = passed[way];
    passed[way] += chunk.length;
    if (armed?.way !== way || passed[way] <= armed.after) {
      link[way].pass(chunk);
      return;
    }
    const { toxic, after } = armed;
    armed = undefined;
    struck += 1;
    const good = Math.max(0, after - before);
    if (good > 0) link[way].pass(chunk.subarray(0, good));
    link.strike(toxic, way, chunk.subarray(good));
  };
  const server = net.createServer({ allowHalfOpen: true }, client => {
    const upstream = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const link = new Link(client, upstream);
    made += 1;
    open.add(link);
    client.on('data', chunk => flow(link, 'request', chunk));
    upstream.on('data', chunk => flow(link, 'answer', chunk));
    client.on('close', () => open.delete(link));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        for (const link of open) link.destroy();
        server.close(() => resolve());
      })
  );
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.origin,
    port: Number(url.port),
    passed,
    arm: strike => {
      passed.request = 0;
      passed.answer = 0;
      armed = strike;
    },
    get struck() {
      return struck;
    },
    get connections() {
      return { made, open: open.size };
    },
    cut: how => {
      for (const link of open) link.cut(how);
    }
  };
}

/** One connection: two sockets, and a pipe each way. */
class Link {
  readonly request: Pipe;
  readonly answer: Pipe;
  readonly #client: Socket;
  readonly #upstream: Socket;

  constructor(client: Socket, upstream: Socket) {
    this.#client = client;
    this.#upstream = upstream;
    this.request = new Pipe(client, upstream);
    this.answer = new Pipe(upstream, client);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.destroy());
    }
    client.on('end', () => this.request.end());
    upstream.on('end', () => this.answer.end());
  }

  /** @param rest what came with the struck byte, itself included */
  strike(toxic: Toxic, way: Way, rest: Buffer): void {
    const on = this[way];
    if (toxic === 'stall') {
      this.request.stop();
      this.answer.stop();
    } else if (toxic === 'reset') {
      // What was let through before is on its way already, and arrives.
      void on.idle.then(() => this.cut('reset'));
    } else if (toxic === 'halfClose') {
      if (way === 'request') on.pass(rest);
      this.answer.end();
    } else if (toxic === 'cutOff') {
      if (way === 'answer') on.pass(rest);
      this.request.end();
    } else if (toxic === 'limit') {
      on.pass(rest.subarray(0, 64));
      on.end();
    } else {
      this.#slow(toxic === 'latency' ? 16_384 : 61, toxic === 'slice' ? 0 : 2);
      on.pass(toxic === 'slowClose' ? rest.subarray(0, 150) : rest);
      if (toxic === 'slowClose') on.end();
    }
  }

  cut(how: 'reset' | 'close'): void {
    for (const socket of [this.#client, this.#upstream]) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.end();
    }
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #slow(piece: number, laterMs: number): void {
    for (const pipe of [this.request, this.answer]) {
      pipe.piece = piece;
      pipe.laterMs = laterMs;
    }
  }
}

/** One direction: what came goes on, in order, in pieces and with delays if it must. */
class Pipe {
  piece = Number.POSITIVE_INFINITY;
  laterMs = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  #last: Promise<void> = Promise.resolve();
  #over = false;
  #stopped = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
  }

  /** When all that has come so far has gone on. */
  get idle(): Promise<void> {
    return this.#last;
  }

  /** What comes after the end is taken, and goes nowhere. */
  pass(chunk: Buffer): void {
    if (this.#over) return;
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
    this.#over = true;
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
