// What time does by itself: checks of received files end, files of downloads are prepared, idle sessions expire, ended ones are swept. The service has no
// timers: whoever asks it brings the instant along.
import { dueOf, passDownloadTime } from './download-work.ts';
import { judgeSession } from './law.ts';
import { message } from './refusals.ts';
import type { SessionState } from './state.ts';
import { find, values } from './table.ts';
import { conclude } from './transfers.ts';
import { enter, type Work } from './work.ts';

/** Lets everything happen that is due before the work's instant. */
export function passTime(work: Work): void {
  const { at } = work.context;
  if (work.state.dueAt === null || work.state.dueAt > at) return;
  for (const { id } of values(work.state.sessions)) {
    endChecks(work, id);
    for (let session = find(work.state.sessions, id); session && session.dueAt < at && age(work, session); ) {
      session = find(work.state.sessions, id);
    }
  }
  for (const { id } of values(work.state.downloads)) passDownloadTime(work, id);
  const sessions = values(work.state.sessions);
  const due = [
    ...sessions.flatMap(session => [session.dueAt, ...session.files.flatMap(file => file.check?.at ?? [])]),
    ...values(work.state.downloads).map(dueOf)
  ];
  work.state = { ...work.state, dueAt: due.length > 0 ? Math.min(...due) : null };
}

/** One step of ageing, if the law has one. */
function age(work: Work, session: SessionState): boolean {
  for (const type of ['expire', 'sweep'] as const) {
    const judgement = judgeSession(work.law, session.state, { type });
    if (judgement.allowed) {
      enter(work, session, judgement.state, type === 'expire' ? EXPIRED : undefined);
      return true;
    }
  }
  return false;
}

const EXPIRED = message('session_expired', 'The update session has expired.');

function endChecks(work: Work, id: string): void {
  for (const file of find(work.state.sessions, id)!.files) {
    if (file.check && file.check.at <= work.context.at) conclude(work, id, file.name);
  }
}
