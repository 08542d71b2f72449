// What is allowed in which state of a download session, and what becomes of its addresses.
import type { Bench } from '../bench.ts';
import type { Group } from '../row.ts';
import type { OperationName } from '../say.ts';
import { hasStatus, holds, isRecord, same } from '../verdict.ts';
import { UNKNOWN } from './sessions.ts';

const unknown: readonly [OperationName, Record<string, unknown>][] = [
  ['download.get', {}],
  ['download.delete', {}],
  ['download.cancel', {}],
  ['download.fail', { client_error_message: 'x' }],
  ['download.keepAlive', {}],
  ['downloadFile.list', {}],
  ['downloadFile.get', { file_name: 'a.txt' }],
  ['downloadFile.prepare', { file_name: 'a.txt' }]
];
const ends: readonly [state: string, op: OperationName, args: Record<string, unknown>][] = [
  ['CANCELED', 'download.cancel', {}],
  ['ERROR', 'download.fail', { client_error_message: 'as told' }]
];
const onlyActive: readonly [op: OperationName, args: Record<string, unknown>, judged?: true][] = [
  ['download.cancel', {}],
  ['download.fail', { client_error_message: 'too late' }],
  ['download.keepAlive', {}],
  ['downloadFile.prepare', { file_name: 'a.txt' }, true]
];

export const downloadStates: Group = {
  title: 'States of a download session',
  rows: [
    ...ends.map(([state, op, args]) => ({
      id: `${op}.state`,
      says: `after ${op} the session is ${state}, and the address gives nothing any more`,
      run: async (bench: Bench) => {
        const { session, uri } = await linked(bench);
        await bench.ok(op, { ...args, session });
        same((await bench.model('download.get', { session })).state, state, 'state');
        await isDead(bench, uri);
      }
    })),
    {
      id: 'download.fail-message',
      says: 'a failed download session tells what the client said',
      run: async bench => {
        const session = await bench.download(await bench.item());
        await bench.ok('download.fail', { session, client_error_message: 'the disk is on fire' });
        const { error_message } = await bench.model('download.get', { session });
        const said = isRecord(error_message) ? error_message.default_message : undefined;
        holds(
          String(said).includes('the disk is on fire'),
          'the text in error_message',
          said ?? 'no error_message came'
        );
      }
    },
    ...['ACTIVE', ...ends.map(([state]) => state)].map(state => ({
      id: `download.delete-${state}`,
      says: `a download session that is ${state} can be deleted; then it is gone, and its addresses with it`,
      run: async (bench: Bench) => {
        const { session, uri } = await linked(bench);
        for (const [ends_, op, args] of ends) if (ends_ === state) await bench.ok(op, { ...args, session });
        await bench.ok('download.delete', { session });
        await bench.refused('download.get', { session }, 'NOT_FOUND');
        await isDead(bench, uri);
      }
    })),
    ...ends.flatMap(([state, by, args]) =>
      onlyActive.map(([op, its, judged]) => ({
        id: `download-${state}.${op}`,
        says: `${op} is not allowed when the download session is ${state}`,
        ...(judged && { judged }),
        run: async (bench: Bench) => {
          const session = await bench.download(await bench.filled({ 'a.txt': 'four' }));
          await bench.ok(by, { ...args, session });
          await bench.refused(op, { ...its, session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
        }
      }))
    ),
    ...unknown.map(([op, args]) => ({
      id: `unknown.${op}`,
      says: `${op} in an unknown session is NOT_FOUND`,
      run: async (bench: Bench) => void (await bench.refused(op, { ...args, session: UNKNOWN }, 'NOT_FOUND'))
    }))
  ]
};

async function linked(bench: Bench): Promise<{ session: string; uri: string }> {
  const session = await bench.download(await bench.filled({ 'a.txt': 'four' }));
  return { session, uri: await bench.link(session, 'a.txt') };
}

async function isDead(bench: Bench, uri: string): Promise<void> {
  const reply = await bench.fetched(uri);
  hasStatus(reply, 404, 'GET');
}
