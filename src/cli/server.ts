// A connection for as long as a command needs it: made from options and environment, logged out whatever happens.
import type { SentRequest } from '../adapters/http/watched.ts';
import type { Connection } from '../connect.ts';
import type { Journal } from '../ports.ts';
import { type ServerFlags, serverSettings } from './environment.ts';
import { Interrupted } from './exit.ts';
import { type Interrupts, listenForInterrupts } from './interrupts.ts';
import type { Signal } from './io.ts';
import type { Context } from './output.ts';
import { requestLine } from './steps.ts';

export interface Manner {
  /** Where facts are kept; without it they live as long as the command. */
  readonly journal?: Journal;
  /** `use` ends in order by itself when a signal comes; otherwise it is left where it is. */
  readonly endsByItself?: boolean;
  readonly onInterrupt?: (signal: Signal) => void;
  /** Bytes a second that all transfers may take together. */
  readonly limitRate?: number;
  /** Says a last word when a second signal ends everything at once. */
  readonly onSecond?: () => void;
}

/** @throws Interrupted when a signal came before the end; UsageError; PortFailure. */
export async function withConnection<T>(
  flags: ServerFlags,
  { io, out }: Context,
  use: (server: Connection, interrupts: Interrupts) => Promise<T>,
  { journal, limitRate, endsByItself = false, onInterrupt, onSecond }: Manner = {}
): Promise<T> {
  const settings = await serverSettings(flags, io);
  const interrupts = listenForInterrupts(io, onInterrupt, onSecond);
  let server: Connection | undefined;
  try {
    const onRequest = out.hears('trace') ? (request: SentRequest) => out.log('trace', requestLine(request)) : undefined;
    const onWarning = (message: string): void => out.log('warning', message);
    // Loaded only now, so that a wrong call is told at once.
    const { connect } = await import('../connect.ts');
    server = await connect({ ...settings, journal, limitRate, signal: interrupts.signal, onWarning, onRequest });
    const { name, dialect } = server.library.server;
    out.log('debug', `logged in to ${server.serverName} as ${settings.username}: profile ${name}, dialect ${dialect}`);
    const used = use(server, interrupts);
    return await (endsByItself ? used : Promise.race([used, interrupts.rejected]));
  } catch (cause) {
    throw server === undefined && interrupts.caught ? new Interrupted(interrupts.caught) : cause;
  } finally {
    await server?.close();
    interrupts.stop();
  }
}
