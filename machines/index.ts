// All machines by name, and the words they are written in. Public sub-path `shelver/machines`.
import type { AnyStateMachine } from 'xstate';
import { downloadFileMachine } from './service/download-file.ts';
import { downloadSessionMachine } from './service/download-session.ts';
import { updateFileMachine } from './service/update-file.ts';
import { updateSessionMachine } from './service/update-session.ts';
import { attemptMachine } from './workflow/attempt.ts';
import { downloadMachine } from './workflow/download.ts';
import { fetchFileMachine } from './workflow/fetch-file.ts';
import { leaseMachine } from './workflow/lease.ts';
import { uploadMachine } from './workflow/upload.ts';
import { uploadFileMachine } from './workflow/upload-file.ts';

export const machines: Readonly<Record<string, AnyStateMachine>> = {
  'service/update-session': updateSessionMachine,
  'service/update-file': updateFileMachine,
  'service/download-session': downloadSessionMachine,
  'service/download-file': downloadFileMachine,
  'workflow/upload': uploadMachine,
  'workflow/upload-file': uploadFileMachine,
  'workflow/download': downloadMachine,
  'workflow/fetch-file': fetchFileMachine,
  'workflow/lease': leaseMachine,
  'workflow/attempt': attemptMachine
};

export { type Judgement, judge, WRONG_STATE, wordOf } from './law.ts';
export * from './vocabulary.ts';
export type { AttemptInput, AttemptResult } from './workflow/attempt.ts';
export type { CallSpec, Calls, Op, RetryPolicy } from './workflow/calls.ts';
export type { DownloadInput, DownloadPolicy, DownloadResult } from './workflow/download-facts.ts';
export type { UploadInput, UploadPolicy, UploadResult } from './workflow/upload-facts.ts';
export {
  attemptMachine,
  downloadFileMachine,
  downloadMachine,
  downloadSessionMachine,
  fetchFileMachine,
  leaseMachine,
  updateFileMachine,
  updateSessionMachine,
  uploadFileMachine,
  uploadMachine
};
