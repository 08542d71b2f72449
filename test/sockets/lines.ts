// What all tests of the sockets share: short patience, and a service whose addresses for bytes lead through the proxy, too.
import type { Ports } from '../../src/ports.ts';

export const TIMEOUTS = { connectMs: 400, headersMs: 400, stallMs: 400, answerMs: 2_000 };

/** The server tells its own address to send bytes to: they shall go through the proxy, too. */
export function rerouted(ports: Ports, from: string, to: string): Ports {
  const bytes: Ports['bytes'] = {
    push: request => ports.bytes.push({ ...request, uri: request.uri.replace(from, to) }),
    fetch: request => ports.bytes.fetch({ ...request, uri: request.uri.replace(from, to) })
  };
  return { ...ports, bytes };
}
