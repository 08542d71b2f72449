// What is allowed in which state of an update session: the table of the service, one row a cell.
import type { Bench } from '../bench.ts';
import type { Group, Row } from '../row.ts';
import type { OperationName } from '../say.ts';
import { Difference, hasStatus, NotServed, same } from '../verdict.ts';

const ENDED = ['DONE', 'ERROR', 'CANCELED'] as const;
/** Before, a session that was canceled was also deleted. */
const since = (state: (typeof ENDED)[number]) => (state === 'CANCELED' ? { since: '6.5' } : {});

/** Refused as NOT_ALLOWED_IN_CURRENT_STATE unless the session is ACTIVE. */
const onlyActive: readonly [op: OperationName, args: Record<string, unknown>, judged?: true][] = [
  ['session.update', { spec: { warning_behavior: [] } }],
  ['session.keepAlive', {}],
  ['session.complete', {}],
  ['session.cancel', {}],
  ['session.fail', { client_error_message: 'too late' }],
  ['file.add', { spec: { name: 'late.txt', source_type: 'PUSH' } }, true],
  ['file.remove', { file_name: 'kept.txt' }, true],
  ['file.validate', {}]
];
/** Allowed whatever the state. */
const always: readonly [op: OperationName, args: Record<string, unknown>][] = [
  ['session.get', {}],
  ['file.list', {}],
  ['file.get', { file_name: 'kept.txt' }]
];

export const states: Group = {
  title: 'States of an update session',
  rows: [
    ...ENDED.flatMap(state =>
      onlyActive.map(
        ([op, args, judged]): Row => ({
          id: `${state}.${op}`,
          says: `${op} is not allowed when the session is ${state}`,
          ...(judged && { judged }),
          ...since(state),
          ...(op === 'session.update' && { since: '6.7' }),
          run: async bench => {
            const { session } = await bench.sessionIn(state);
            await bench.refused(op, { ...args, session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
          }
        })
      )
    ),
    ...ENDED.flatMap(state =>
      always.map(
        ([op, args]): Row => ({
          id: `${state}.${op}`,
          says: `${op} still answers when the session is ${state}`,
          ...since(state),
          run: async bench => {
            const { session } = await bench.sessionIn(state);
            await bench.ok(op, { ...args, session });
          }
        })
      )
    ),
    ...ENDED.map(
      (state): Row => ({
        id: `${state}.session.list`,
        says: `a session that is ${state} is still in the list`,
        ...since(state),
        run: async bench => {
          const { session } = await bench.sessionIn(state);
          const ids = await bench.listOf('session.list');
          if (!ids.includes(session)) throw new Difference('the session among the ids', 'it is not');
        }
      })
    ),
    ...ENDED.map(
      (state): Row => ({
        id: `${state}.session.delete`,
        says: `a session that is ${state} can be deleted, and is gone then`,
        ...since(state),
        run: async bench => {
          const { session } = await bench.sessionIn(state);
          await bench.ok('session.delete', { session });
          await bench.refused('session.get', { session }, 'NOT_FOUND');
        }
      })
    ),
    ...ENDED.map(
      (state): Row => ({
        id: `${state}.put`,
        says: `the upload address of a session that is ${state} takes nothing: 404`,
        ...since(state),
        judged: true,
        run: async bench => {
          const { uri } = await bench.sessionIn(state);
          await isGone(bench, uri);
        }
      })
    ),
    {
      id: 'ACTIVE.session.delete',
      says: 'an ACTIVE session cannot be deleted',
      run: async bench => {
        const { session } = await bench.sessionIn('ACTIVE');
        await bench.refused('session.delete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
        same((await bench.model('session.get', { session })).state, 'ACTIVE', 'state');
      }
    },
    {
      id: 'CANCELED.put-again',
      says: 'what was received before a cancel does not reach the item',
      run: async bench => {
        const item = await bench.item();
        const session = await bench.session(item);
        await bench.push(session, 'a.txt', 'never seen');
        await bench.ok('session.cancel', { session });
        same((await bench.listOf('itemFile.list', { item })).length, 0, 'files of the item');
      }
    },
    {
      id: 'deleted.put',
      says: 'the upload address of a session that is gone takes nothing: 404',
      judged: true,
      run: async bench => {
        const { session, uri } = await bench.sessionIn('ERROR');
        await bench.ok('session.delete', { session });
        await isGone(bench, uri);
      }
    },
    {
      id: 'ERROR.why',
      says: 'a refusal in ERROR names operation, state and reason in its args',
      run: async bench => {
        const { session } = await bench.sessionIn('ERROR');
        const reply = await bench.refused('session.complete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
        if (!/"args":\s*\["complete",\s*"ERROR",\s*"as told"/.test(reply.text)) {
          throw new Difference('args: complete, ERROR, the reason', 'other args came');
        }
      }
    }
  ]
};

async function isGone(bench: Bench, uri: string): Promise<void> {
  const reply = await bench.put(uri, 'late');
  if (reply.status === 405) throw new NotServed('PUT is not served');
  hasStatus(reply, 404, 'PUT');
}
