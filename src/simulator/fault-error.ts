// What the service would say with the status that a fault of the plan answers.
import { type WireError, wireError } from '../wire/errors.ts';
import type { FaultOf } from './faults.ts';

export function faultError({ status, message }: FaultOf<'answer'>): WireError {
  const type = TYPES[status] ?? (status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'INVALID_REQUEST');
  return wireError(type, 'shelver.simulator.fault', message ?? `The simulator was told to answer ${status}.`);
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'UNAUTHORIZED',
  404: 'NOT_FOUND',
  409: 'CONCURRENT_CHANGE',
  // throttling has no type of its own: the nearest is a service that cannot serve now
  429: 'SERVICE_UNAVAILABLE',
  502: 'SERVICE_UNAVAILABLE',
  503: 'SERVICE_UNAVAILABLE',
  504: 'TIMED_OUT'
};
