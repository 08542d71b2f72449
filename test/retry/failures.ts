// Why each failure is tried again or not, and what ends it: the sentences of docs/retry.md. Whether it is, what that costs and
// with which exit code the command ends stand in the code, and are read from there.
import type { FailureCode } from '../../machines/vocabulary.ts';

export const WHY: Readonly<Record<FailureCode, string>> = {
  CONNECTION:
    'Networks recover. A GET or a login has a second try at once (0.1–0.2 s) inside its call, as long as half of the budget is left.',
  STALLED: 'No byte moved for `stallMs`: another connection may fare better.',
  TIMED_OUT:
    'No answer within its time; also 408 and 504. What ran out of patience in a plan (validation, preview, fetch) ends there instead: asking on would be waiting on.',
  BAD_ADDRESS: 'The name does not exist. Once a connection had come about, it is `CONNECTION`.',
  NOT_THE_SERVICE: 'Something else answers; it will not turn into the service.',
  TLS_UNTRUSTED: 'Trust is not a matter of time.',
  TLS_PIN_MISMATCH: 'Somebody else may be in between: nothing is sent.',
  UNAUTHENTICATED:
    'A login that had ended is renewed once within the call, and the call made again; refused after that, name or password are wrong.',
  UNAUTHORIZED: 'Privileges do not come by waiting.',
  NOT_FOUND: 'In a session it sends the plan to ask the session itself: gone, it is opened anew, up to five times.',
  AMBIGUOUS: 'A person has to choose.',
  ALREADY_EXISTS: 'After a doubt it may be our own create that landed late: then the item is taken as ours.',
  RESOURCE_BUSY:
    'Somebody else’s session. `--on-busy wait` asks on until it is free, at most `busyMs`; `take-over` ends it.',
  NOT_ALLOWED_IN_CURRENT_STATE: 'The session is not what it was: the plan asks it, and goes on from what it says.',
  INVALID_ARGUMENT: 'The same words would be refused again.',
  INVALID_ELEMENT_TYPE: 'A subscribed library stays one.',
  CONCURRENT_CHANGE: 'Somebody changed the same thing at the same time: the next try sees the new state.',
  UNSUPPORTED: 'The server does not know the call.',
  UNAVAILABLE:
    'Overloaded or down: 429, 502, 503. Retry-After is obeyed. The first login is made again, too. After a 502 it is asked first: what stands behind the gateway may have acted.',
  SERVER_ERROR: 'The server failed; the next try may meet another part of it.',
  TRANSFER_REFUSED: 'The bytes were not taken, or a file could not be prepared: the name is added, or asked for, anew.',
  CHECKSUM_MISMATCH:
    'The bytes changed on the way: all of them go again. What the service has fetched by itself is not fetched again.',
  FILE_NOT_RECEIVED: 'The server waits for the bytes still, or kept none: the name is added anew.',
  MISSING_FILES: 'Files that were sent and are missed are sent once more; others nobody has.',
  INVALID_FILES: 'The same bytes would be as invalid.',
  WARNINGS: 'A person has to accept them.',
  SESSION_ERROR: 'The server ended the session, and said why.',
  SESSION_LOST: 'Another session is opened, up to five in all; READY files of a session that is gone are sent again.',
  SESSION_CANCELED: 'Somebody wanted it.',
  NOT_VERIFIED: 'The session is DONE: nothing is taken back.',
  SOURCE_UNREADABLE: 'It is a matter of this machine.',
  SOURCE_CHANGED: 'Bytes of two versions are never mixed.',
  SOURCE_INVALID: 'It would be as invalid the next time.',
  SOURCE_DISAGREES: 'What was read is not what its manifest says: it would be read the same again.',
  TARGET_UNWRITABLE: 'It is a matter of this machine.',
  UNSAFE_NAME: 'The name stays what it is.',
  INVALID_SPEC: 'The call is wrong.',
  DEADLINE: '`--deadline` bounds everything, retries included.',
  JOURNAL: 'Nothing is begun that could not be written down.',
  CANCELED: 'Somebody wanted it.',
  INTERNAL: 'A defect is not a matter of time.'
};
