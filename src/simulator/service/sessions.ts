// The operations on update sessions (UpdateSession, vSphere API 8.0).
import { wordOf } from '../../../machines/law.ts';
import type { UpdateSessionEvent } from '../../../machines/service/update-session.ts';
import type { WarningBehavior } from '../../ports.ts';
import { Refusal, type WireError } from '../../wire/errors.ts';
import type { WireArgs } from '../../wire/operations.ts';
import { begun, ownIds, progressed, visibleSession } from './any-session.ts';
import { needed, specOf } from './arguments.ts';
import { sessionModel } from './present.ts';
import { busy, holdsTemplate, message, subscribed } from './refusals.ts';
import { VM_TEMPLATE } from './item-types.ts';
import type { SessionFileState, SessionState, StoredFile } from './state.ts';
import { values } from './table.ts';
import { enter, itemOf, judged, keep, libraryOf, summary, touched, type Work, whyNotDone } from './work.ts';

export function createSession(work: Work, args: WireArgs, token?: string): string {
  const spec = specOf(args);
  const item = itemOf(work, needed(spec, 'library_item_id'));
  const library = libraryOf(work, item.libraryId);
  if (library.type === 'SUBSCRIBED') throw subscribed(library.name);
  if (item.type === VM_TEMPLATE) throw holdsTemplate(item.name);
  const other = values(work.state.sessions).find(
    session => session.itemId === item.id && wordOf(session.state) === 'ACTIVE'
  );
  if (other) throw busy(item.name, other.id);
  const session = begun(work, 'update', { item, machine: work.law.updateSession, others: work.state.sessions, token });
  keep(work, { ...session, warnings: warningsIn(spec) ?? [], files: item.files.map(entryOf) });
  return session.id;
}

export function listSessions(work: Work, args: WireArgs): string[] {
  return ownIds(work, work.state.sessions, args);
}

export function getSession(work: Work, args: WireArgs): unknown {
  const session = allowed(work, args, { type: 'get' }, 'get');
  return sessionModel(work.state, session, work.context.at);
}

/** Only the behaviour on warnings is taken; unset leaves it as it was. */
export function updateSession(work: Work, args: WireArgs): void {
  const session = allowed(work, args, { type: 'update' }, 'update');
  keep(work, { ...session, warnings: warningsIn(specOf(args)) ?? session.warnings });
}

export function keepAlive(work: Work, args: WireArgs): void {
  const session = allowed(work, args, { type: 'keepAlive' }, 'keep-alive');
  keep(work, progressed(session, args.client_progress));
}

/** What the law says follows; a session that ends in ERROR by it makes the call fail, too. */
export function complete(work: Work, args: WireArgs): WireError | undefined {
  const session = named(work, args);
  const judgement = judged(
    work,
    session,
    { type: 'complete', summary: summary(work, session) },
    { operation: 'complete' }
  );
  if (judgement.error) throw new Refusal(judgement.error);
  const error = wordOf(judgement.state) === 'ERROR' ? whyNotDone(work, session) : undefined;
  enter(work, touched(work, session), judgement.state, error?.messages[0]);
  return error;
}

export function cancel(work: Work, args: WireArgs): void {
  end(work, args, { type: 'cancel', rules: work.state.settings.rules });
}

export function fail(work: Work, args: WireArgs): void {
  const text = needed(args, 'client_error_message');
  end(work, args, { type: 'fail' }, message('client_error', text, text));
}

export function deleteSession(work: Work, args: WireArgs): void {
  end(work, args, { type: 'delete' });
}

/** The session, if the law allows the event in its state; as something was done with it, it lives on. */
export function allowed(
  work: Work,
  args: WireArgs,
  event: UpdateSessionEvent,
  operation: string,
  file?: string
): SessionState {
  const session = named(work, args);
  const judgement = judged(work, session, event, { operation, file });
  if (judgement.error) throw new Refusal(judgement.error);
  const after = touched(work, { ...session, state: judgement.state });
  keep(work, after);
  return after;
}

export function named(work: Work, args: WireArgs): SessionState {
  return visibleSession(work, work.state.sessions, 'update', needed(args, 'update_session_id'));
}

function end(work: Work, args: WireArgs, event: UpdateSessionEvent, why?: SessionState['errorMessage']): void {
  const session = named(work, args);
  const judgement = judged(work, session, event, { operation: event.type });
  if (judgement.error) throw new Refusal(judgement.error);
  enter(work, session, judgement.state, why);
}

function warningsIn(spec: Readonly<Record<string, unknown>>): readonly WarningBehavior[] | undefined {
  return spec.warning_behavior as readonly WarningBehavior[] | undefined;
}

/** A file that the item has already is listed in the session, with source NONE. */
export function entryOf(stored: StoredFile): SessionFileState {
  return {
    name: stored.name,
    source: 'NONE',
    state: 'READY',
    attempt: 0,
    expected: {},
    received: stored.size,
    content: stored,
    keep: true,
    stored
  };
}
