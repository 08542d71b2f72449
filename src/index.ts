// The library's public API. What costs time to load (the HTTP client) is loaded when it is used.
import type { Connection, ConnectOptions } from './connect.ts';

/**
 * Logs in to a vCenter Server, to vcsim or to a simulator, and gives the ports that `upload` needs. Throws `PortFailure`:
 * BAD_ADDRESS, CONNECTION, NOT_THE_SERVICE, TLS_UNTRUSTED, TLS_PIN_MISMATCH, UNAUTHENTICATED and what else a login can meet.
 *
 * @example
 * await using vcenter = await connect({ url: 'https://vc.example.com', username, password });
 * const report = orThrow(await upload(vcenter, { to: 'images/ubuntu-24.04', files: ['ubuntu.ova'] }).report);
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  return (await import('./connect.ts')).connect(options);
}

export type {
  ChecksumAlgorithm,
  Digest,
  DownloadFile,
  DownloadSessionInfo,
  Failure,
  FailureCode,
  Item,
  ItemFile,
  Library,
  Open,
  PreviewWarning,
  ServiceMessage,
  SessionFile,
  SessionInfo,
  Validation,
  WarningType
} from '../machines/vocabulary.ts';
export { FAILURES, failure } from '../machines/vocabulary.ts';
export type { DownloadInput, DownloadPolicy, DownloadResult } from '../machines/workflow/download-facts.ts';
export type { UploadInput, UploadPolicy, UploadResult } from '../machines/workflow/upload-facts.ts';
export { systemClock } from './adapters/clock.ts';
export { folderTarget } from './adapters/files/file-sink.ts';
export { fileSource } from './adapters/files/file-source.ts';
export type { OnRequest, SentRequest } from './adapters/http/watched.ts';
export { limitedBytes, type RateLimit, rateLimit } from './adapters/rate-limit.ts';
export type { Connection, ConnectOptions } from './connect.ts';
export { type DownloadOptions, type DownloadRun, download, downloadInputOf } from './download.ts';
export type { DownloadedFile, DownloadReport } from './download-report.ts';
export { type CheckedDownload, checkDownload, type DownloadSpec } from './download-spec.ts';
export { downloadActors, uploadActors } from './effects/actors.ts';
export type { Means } from './effects/calls.ts';
export type { CallLog } from './effects/perform.ts';
export { memoryJournal } from './events/memory-journal.ts';
export type { Facts, FileBytes, FileRole, Outcome, RunEvent } from './events/records.ts';
export type { DownloadForecast, ForecastFile, UploadForecast } from './forecast.ts';
export type { RunState, RunStreams, StateTag } from './observe/observer.ts';
export type { FileProgress, Progress } from './observe/progress.ts';
export { type Plan, type PlannedFile, type PulledFile, plan } from './plan.ts';
export { DEFAULT_POLICY } from './policy.ts';
export {
  type ByteSink,
  type ByteSource,
  type ByteTransfer,
  type Clock,
  type ContentLibrary,
  type Fetched,
  type FetchRequest,
  type Hasher,
  type Hashing,
  type Journal,
  type JournalRecord,
  PortFailure,
  type Ports,
  type Probed,
  type ProbeRequest,
  type Pushed,
  type PushRequest,
  type Random,
  type RetryBudget,
  type ServerProfile,
  type SourceProbe,
  type Target
} from './ports.ts';
export { type PreparedUpload, type PrepareOptions, prepareUpload } from './prepare-upload.ts';
export type { FileReport, Report, Verified } from './report.ts';
export { createRetryBudget } from './retry-budget.ts';
export type { Run, RunOptions } from './run.ts';
export { bytesSource } from './sources/bytes-source.ts';
export { type CheckedSpec, checkSpec, type IfExists, type OwnFile, type PullFile, type UploadSpec } from './spec.ts';
export { orThrow, TransferError } from './transfer-error.ts';
export { type UploadOptions, type UploadRun, upload } from './upload.ts';
export { inputOf } from './upload-input.ts';
export { renderDownload } from './view/download-report.ts';
export { ndjsonView } from './view/ndjson.ts';
export { plainView } from './view/plain.ts';
export { renderReport } from './view/report.ts';
export { ttyView } from './view/tty.ts';
export type { View, ViewOptions } from './view/view.ts';
