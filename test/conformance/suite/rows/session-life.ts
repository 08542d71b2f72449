// What happens to an update session while it is open: signs of life, warnings, giving up.
import type { Bench } from '../bench.ts';
import type { Group } from '../row.ts';
import { holds, isRecord, same } from '../verdict.ts';

export const sessionLife: Group = {
  title: 'Keep-alive, update and fail',
  rows: [
    {
      id: 'keepAlive.extends',
      says: 'keep-alive without a body puts off the expiry',
      run: async bench => {
        const session = await bench.session();
        const before = await bench.model('session.get', { session });
        await new Promise(resolve => setTimeout(resolve, 5));
        await bench.ok('session.keepAlive', { session });
        const after = await bench.model('session.get', { session });
        const [was, is] = [before.expiration_time, after.expiration_time].map(at => Date.parse(String(at)));
        holds(is! > was!, 'a later time', 'the same or an earlier one');
      }
    },
    {
      id: 'keepAlive.progress',
      says: 'keep-alive sets the progress',
      run: async bench => {
        const session = await bench.session();
        await bench.ok('session.keepAlive', { session, client_progress: 40 });
        same((await bench.model('session.get', { session })).client_progress, 40, 'client_progress');
      }
    },
    {
      id: 'keepAlive.lower',
      says: 'a lower progress is taken without an error, and does not count',
      judged: true,
      run: async bench => {
        const session = await bench.session();
        await bench.ok('session.keepAlive', { session, client_progress: 40 });
        await bench.ok('session.keepAlive', { session, client_progress: 30 });
        same((await bench.model('session.get', { session })).client_progress, 40, 'client_progress');
      }
    },
    ...[101, -1].map(progress => ({
      id: `keepAlive.${progress}`,
      says: `a progress of ${progress} is INVALID_ARGUMENT`,
      judged: true as const,
      run: async (bench: Bench) => {
        const args = { session: await bench.session(), client_progress: progress };
        await bench.refused('session.keepAlive', args, 'INVALID_ARGUMENT');
      }
    })),
    {
      id: 'update.takes',
      says: 'a warning may be ignored when the session is created, or later; unset leaves it, a list replaces it',
      since: '6.7',
      run: async bench => {
        const ignored = [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }];
        const session = await bench.session(undefined, { warning_behavior: ignored });
        const told = async () => (await bench.model('session.get', { session })).warning_behavior;
        same(await told(), ignored, 'as created');
        await bench.ok('session.update', { session, spec: {} });
        same(await told(), ignored, 'after an update without it');
        const other = [{ type: 'EXPIRED_CERTIFICATE', ignored: true }];
        await bench.ok('session.update', { session, spec: { warning_behavior: other } });
        same(await told(), other, 'after an update with another');
      }
    },
    {
      id: 'update.only-that',
      says: 'an update takes nothing else',
      since: '6.7',
      run: async bench => {
        const session = await bench.session();
        await bench.ok('session.update', { session, spec: { client_progress: 50, state: 'DONE' } });
        const its = await bench.model('session.get', { session });
        same([its.state, its.client_progress], ['ACTIVE', 0], 'state and progress');
      }
    },
    {
      id: 'fail.message',
      says: 'a failed session tells what the client said',
      run: async bench => {
        const session = await bench.session();
        await bench.ok('session.fail', { session, client_error_message: 'the disk is on fire' });
        const { state, error_message } = await bench.model('session.get', { session });
        same(state, 'ERROR', 'state');
        const said = isRecord(error_message) ? error_message.default_message : undefined;
        holds(
          String(said).includes('the disk is on fire'),
          'the text in error_message',
          said ?? 'no error_message came'
        );
      }
    },
    {
      id: 'fail.silent',
      says: 'failing without a message is INVALID_ARGUMENT',
      run: async bench =>
        void (await bench.refused('session.fail', { session: await bench.session() }, 'INVALID_ARGUMENT'))
    }
  ]
};
