// A connection for as long as a command needs it: made from options and environment, logged out whatever happens.
import { failure } from '../../machines/vocabulary.ts';
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
  /** Instant by which all must be done: also a login that is not through by then is given up. */
  readonly until?: number;
  /** Says a last word when a second signal ends everything at once. */
  readonly onSecond?: () => void;
}

/** @throws Interrupted when a signal came before the end; UsageError; PortFailure. */
export async function withConnection<T>(
  flags: ServerFlags,
  { io, out }: Context,
  use: (server: Connection, interrupts: Interrupts) => Promise<T>,
  { journal, limitRate, until, endsByItself = false, onInterrupt, onSecond }: Manner = {}
): Promise<T> {
  const settings = await serverSettings(flags, io);
  const interrupts = listenForInterrupts(io, onInterrupt, onSecond);
  const late =
    until === undefined ? undefined : AbortSignal.timeout(Math.min(Math.max(1, until - Date.now()), LONGEST_MS));
  const signal = late === undefined ? interrupts.signal : AbortSignal.any([interrupts.signal, late]);
  let server: Connection | undefined;
  try {
    const onRequest = out.hears('trace') ? (request: SentRequest) => out.log('trace', requestLine(request)) : undefined;
    const onWarning = (message: string): void => out.log('warning', message);
    // Loaded only now, so that a wrong call is told at once.
    const { connect } = await import('../connect.ts');
    server = await connect({ ...settings, journal, limitRate, signal, onWarning, onRequest });
    const { name, dialect } = server.library.server;
    out.log('debug', `logged in to ${server.serverName} as ${settings.username}: profile ${name}, dialect ${dialect}`);
    const used = use(server, interrupts);
    return await (endsByItself ? used : Promise.race([used, interrupts.rejected]));
  } catch (cause) {
    if (server === undefined && interrupts.caught) throw new Interrupted(interrupts.caught);
    if (server === undefined && late?.aborted) throw tooLate();
    throw cause;
  } finally {
    await server?.close();
    interrupts.stop();
  }
}

/** Node turns a longer delay into 1 ms. */
const LONGEST_MS = 2 ** 31 - 1;

function tooLate(): Error {
  const message = 'the time given by --deadline was over before the login was through';
  // As a port throws it, without loading the ports for it.
  return Object.assign(new Error(message), { name: 'PortFailure', failure: failure('DEADLINE', message) });
}
