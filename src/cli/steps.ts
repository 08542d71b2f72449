// The lines of -v and -vv: what a run does, step by step, and the requests that it makes.
import type { SentRequest } from '../adapters/http/watched.ts';
import type { RunEvent } from '../events/records.ts';
import { sizeOf, spanOf } from '../view/words.ts';
import type { Level } from './output.ts';

export interface StepLine {
  readonly level: Level;
  readonly text: string;
}

/**
 * One event of a run's log as a line; `undefined`: there is nothing to say. Answers are told under -v, the rest under -vv.
 *
 * @example `stepOf({ type: 'call', at: 0, path: 'file:0/pushing', op: 'push', about: 'a.iso' })?.text` is `'call file:0/pushing push a.iso'`.
 */
export function stepOf(event: RunEvent): StepLine | undefined {
  switch (event.type) {
    case 'answer':
      return { level: 'debug', text: `${event.op}${after(event.about)}: ${event.failure?.message ?? 'ok'}` };
    case 'call':
      return { level: 'trace', text: `call ${event.path} ${event.op}${after(event.about)}` };
    case 'state':
      return { level: 'trace', text: `state ${event.path || event.machine}: ${event.state}` };
    case 'gone':
      return { level: 'trace', text: `gone ${event.path}` };
    case 'waiting': {
      const why = event.why === undefined ? '' : `: ${event.why}`;
      return { level: 'trace', text: `wait ${event.path} for ${spanOf(event.until - event.at)}${why}` };
    }
    default:
      return undefined;
  }
}

/** @example `requestLine({ method: 'GET', path: '/api/session', status: 200, tookMs: 12 })` is `'request GET /api/session: 200, 12 ms'`. */
export function requestLine({ method, path, status, code, bytes, tookMs }: SentRequest): string {
  const end = [status, code, bytes === undefined ? undefined : sizeOf(bytes), `${tookMs} ms`];
  return `request ${method} ${path}: ${end.filter(part => part !== undefined).join(', ')}`;
}

function after(about: string | undefined): string {
  return about === undefined ? '' : ` ${about}`;
}
