// The rule book of the service: the machines of the law, as a value, so that a test can ask what becomes of a service whose law
// lacks a line.
import { type AnyStateMachine, type EventObject, initialTransition, type StateValue } from 'xstate';
import { type Judgement, judge } from '../../../machines/law.ts';
import { type DownloadFileEvent, downloadFileMachine } from '../../../machines/service/download-file.ts';
import { type DownloadSessionEvent, downloadSessionMachine } from '../../../machines/service/download-session.ts';
import { type UpdateFileEvent, updateFileMachine } from '../../../machines/service/update-file.ts';
import { type UpdateSessionEvent, updateSessionMachine } from '../../../machines/service/update-session.ts';

export interface Law {
  readonly updateSession: AnyStateMachine;
  readonly updateFile: AnyStateMachine;
  readonly downloadSession: AnyStateMachine;
  readonly downloadFile: AnyStateMachine;
}

/** The law of the Content Library Service (docs/lifecycles.md). */
export const law: Law = {
  updateSession: updateSessionMachine,
  updateFile: updateFileMachine,
  downloadSession: downloadSessionMachine,
  downloadFile: downloadFileMachine
};

export function judgeSession(by: Law, state: StateValue, event: UpdateSessionEvent): Judgement {
  return judge(by.updateSession, state, event as EventObject);
}

export function judgeFile(by: Law, state: StateValue, event: UpdateFileEvent): Judgement {
  return judge(by.updateFile, state, event as EventObject);
}

export function judgeDownload(by: Law, state: StateValue, event: DownloadSessionEvent): Judgement {
  return judge(by.downloadSession, state, event as EventObject);
}

export function judgeDownloadFile(by: Law, state: StateValue, event: DownloadFileEvent): Judgement {
  return judge(by.downloadFile, state, event as EventObject);
}

/** The state in which a machine of the law begins. */
export function beginning(machine: AnyStateMachine): StateValue {
  let state = beginnings.get(machine);
  if (state === undefined) {
    state = initialTransition(machine)[0].value as StateValue;
    beginnings.set(machine, state);
  }
  return state;
}
const beginnings = new WeakMap<AnyStateMachine, StateValue>();
