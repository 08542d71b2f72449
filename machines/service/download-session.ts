// The law of a download session: it has no DONE, its end is that the client deletes it, in whatever state it is
// (DownloadSession, vSphere API 8.0). An operation without a transition is NOT_ALLOWED_IN_CURRENT_STATE.
import { setup } from 'xstate';

export type DownloadSessionEvent =
  | { type: 'get' }
  | { type: 'keepAlive' }
  | { type: 'cancel' }
  | { type: 'fail' }
  | { type: 'delete' }
  | { type: 'file.list' }
  | { type: 'file.get' }
  | { type: 'file.prepare' }
  /** A client reads from a link of the session. */
  | { type: 'file.read' }
  /** The item was deleted under the session. */
  | { type: 'itemDeleted' }
  /** Nothing happened until after expiration_time. */
  | { type: 'expire' }
  /** The service clears an ended session away. */
  | { type: 'sweep' };

const always = { get: {}, 'file.list': {}, 'file.get': {}, delete: { target: '#download-session.gone' } };
const ended = { on: { ...always, sweep: { target: '#download-session.gone' } } };

export const downloadSessionMachine = setup({
  types: { events: {} as DownloadSessionEvent }
}).createMachine({
  id: 'download-session',
  initial: 'ACTIVE',
  states: {
    ACTIVE: {
      on: {
        ...always,
        keepAlive: {},
        'file.prepare': {},
        'file.read': {},
        cancel: { target: 'CANCELED' },
        fail: { target: 'ERROR' },
        itemDeleted: { target: 'ERROR' },
        expire: { target: 'expired' }
      }
    },
    CANCELED: ended,
    ERROR: ended,
    /** Past its expiration_time and not yet swept: reads show ERROR, only delete and sweep act. */
    expired: ended,
    gone: {}
  }
});
