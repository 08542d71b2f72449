// shelver sessions keep-alive|cancel|fail|rm: what can be done to one session of one's own, whatever it is for.
import { failure } from '../../machines/vocabulary.ts';
import { type ContentLibrary, PortFailure } from '../ports.ts';
import { UsageError } from './exit.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';
import { withConnection } from './server.ts';
import { expiryOf, type FoundSession, findSession, SESSION_KINDS, sessionIdOf, summaryOf } from './session-kinds.ts';

export interface KeepAliveFlags extends CommonFlags {
  /** Progress, 0 to 100, for whoever looks at the session. `--progress` says how this command shows its own. */
  readonly percent?: number;
}
export interface FailFlags extends CommonFlags {
  readonly message: string;
}

export async function keepSessionAlive(text: string, flags: KeepAliveFlags, context: Context): Promise<number> {
  const given = sessionIdOf(text);
  const kept = await withConnection(flags, context, async ({ library: service, clock }) => {
    const found = await findSession(service, given);
    const { kind } = found;
    const { id } = found.session;
    await SESSION_KINDS[kind].keepAlive(service, id, flags.percent).catch(adviseOnEnded(id));
    const { errorMessage: _, ...summary } = summaryOf(kind, await SESSION_KINDS[kind].get(service, id), clock.now());
    return summary;
  });
  if (context.out.json) context.out.object({ keptAlive: { session: kept } });
  else context.out.log('info', `kept the session ${kept.id} alive: it expires ${expiryOf(kept.expiresInMs)}`);
  return 0;
}

export function cancelSession(text: string, flags: CommonFlags, context: Context): Promise<number> {
  return act(text, flags, context, 'canceled', async (service, { kind, session: { id } }) => {
    await SESSION_KINDS[kind].cancel(service, id).catch(adviseOnEnded(id));
  });
}

export async function failSession(text: string, flags: FailFlags, context: Context): Promise<number> {
  if (flags.message.trim() === '') throw new UsageError('the message is empty', 'say why the session fails: --message');
  return act(text, flags, context, 'failed', async (service, { kind, session: { id } }) => {
    await SESSION_KINDS[kind].fail(service, id, flags.message).catch(adviseOnEnded(id));
  });
}

export function removeSession(text: string, flags: CommonFlags, context: Context): Promise<number> {
  return act(text, flags, context, 'removed', async (service, { kind, session: { id, state } }) => {
    // A session for download may go in every state; one for update ends first, or transfers under way are left hanging.
    if (kind === 'update' && state === 'ACTIVE') {
      throw new PortFailure(
        failure('NOT_ALLOWED_IN_CURRENT_STATE', `the session ${id} is active`, {
          next: `end it first: shelver sessions cancel ${id}`
        })
      );
    }
    await SESSION_KINDS[kind].remove(service, id);
  });
}

async function act(
  text: string,
  flags: CommonFlags,
  context: Context,
  done: 'canceled' | 'failed' | 'removed',
  does: (service: ContentLibrary, found: FoundSession) => Promise<void>
): Promise<number> {
  const given = sessionIdOf(text);
  const { kind, id } = await withConnection(flags, context, async ({ library: service }) => {
    // Asked first: some services answer to the removal of a session that is not there as if it had been.
    const found = await findSession(service, given);
    await does(service, found);
    return { kind: found.kind, id: found.session.id };
  });
  if (context.out.json) context.out.object({ [done]: { session: { id, kind } } });
  else context.out.log('info', `${done} the session ${id}`);
  return 0;
}

function adviseOnEnded(id: string): (cause: unknown) => never {
  return cause => {
    if (!(cause instanceof PortFailure) || cause.failure.code !== 'NOT_ALLOWED_IN_CURRENT_STATE') throw cause;
    const next = `it has ended; to remove it from the list: shelver sessions rm ${id}`;
    throw new PortFailure({ ...cause.failure, next }, { cause });
  };
}
