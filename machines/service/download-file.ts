// The law of one file of a download session (DownloadSession.File, vSphere API 8.0). There is a link while the file is
// PREPARED, and only then.
import { setup } from 'xstate';

export type DownloadFileEvent =
  /** DownloadSession.File.prepare names this file (again). */
  | { type: 'prepare' }
  /** The service begins to prepare it. */
  | { type: 'begin' }
  | { type: 'prepared' }
  /** The bytes cannot be had. */
  | { type: 'failed' }
  /** A client reads from the link. */
  | { type: 'read' }
  /** The session ended: what was prepared or was to be is no more. */
  | { type: 'withdraw' };

export const downloadFileMachine = setup({
  types: { events: {} as DownloadFileEvent }
}).createMachine({
  id: 'download-file',
  initial: 'UNPREPARED',
  states: {
    UNPREPARED: { on: { prepare: { target: 'PREPARE_REQUESTED' } } },
    PREPARE_REQUESTED: {
      on: { prepare: {}, begin: { target: 'PREPARING' }, withdraw: { target: 'UNPREPARED' } }
    },
    PREPARING: {
      on: {
        prepare: {},
        prepared: { target: 'PREPARED' },
        failed: { target: 'ERROR' },
        withdraw: { target: 'UNPREPARED' }
      }
    },
    PREPARED: { on: { prepare: {}, read: {}, withdraw: { target: 'UNPREPARED' } } },
    /** It may be asked for once more. */
    ERROR: { on: { prepare: { target: 'PREPARE_REQUESTED' } } }
  }
});
