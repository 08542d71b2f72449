// What an update session says of its files: those that it began with, and those that its client has added.
import { digestOf } from './items.ts';
import type { Entry, Item, Named, Update } from './shelf.ts';

/** Something that the client announced is still to come. */
export function notReceived({ entries }: Update): boolean {
  return entries.some(({ source, status }) => source === 'PUSH' && status !== 'READY');
}

/** What the descriptor of an OVF names, and the session does not have. */
export function missing({ entries }: Update, { type }: Item): string[] {
  if (type !== 'ovf') return [];
  const descriptors = entries.filter(({ name }) => name.endsWith('.ovf'));
  const wanted = descriptors.flatMap(({ body = '' }) => [...body.matchAll(/href="([^"]+)"/g)].map(([, name]) => name));
  return [...new Set(wanted as string[])].filter(name => !entries.some(its => its.name === name));
}

/** What everybody may know of one. */
export function shownEntry({ name, source, status, body, uri }: Entry): Named {
  const isReady = status === 'READY';
  return {
    name,
    source_type: source,
    status,
    size: isReady ? body?.length : undefined,
    ...(source === 'PUSH' && isReady && { bytes_transferred: body?.length }),
    ...(status === 'WAITING_FOR_TRANSFER' && { bytes_transferred: 0 }),
    ...(uri !== undefined && { upload_endpoint: { uri } }),
    checksum_info: isReady ? digestOf(body ?? '') : () => true,
    error_message: status === 'ERROR' ? isSaid : undefined
  };
}

function isSaid(value: unknown): boolean {
  return typeof (value as { default_message?: unknown } | undefined)?.default_message === 'string';
}
