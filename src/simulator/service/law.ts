// The rule book of the service: the two machines, as a value, so that a test can ask what becomes of a service whose law
// lacks a line.
import { type AnyStateMachine, type EventObject, initialTransition, type StateValue } from 'xstate';
import { type Judgement, judge } from '../../../machines/law.ts';
import { type UpdateFileEvent, updateFileMachine } from '../../../machines/service/update-file.ts';
import { type UpdateSessionEvent, updateSessionMachine } from '../../../machines/service/update-session.ts';

export interface Law {
  readonly updateSession: AnyStateMachine;
  readonly updateFile: AnyStateMachine;
}

/** The law of the Content Library Service (docs/lifecycles.md). */
export const law: Law = { updateSession: updateSessionMachine, updateFile: updateFileMachine };

export function judgeSession(by: Law, state: StateValue, event: UpdateSessionEvent): Judgement {
  return judge(by.updateSession, state, event as EventObject);
}

export function judgeFile(by: Law, state: StateValue, event: UpdateFileEvent): Judgement {
  return judge(by.updateFile, state, event as EventObject);
}

/** The state in which a machine of the law begins. */
export function beginning(machine: AnyStateMachine): StateValue {
  return initialTransition(machine)[0].value as StateValue;
}
