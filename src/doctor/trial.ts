// A small upload that is not meant to end: it makes an item, a session and a file entry, sends a few bytes where the server
// wants them, and is canceled before anything is complete. It is an upload like any other, with the journal, so a crash in
// the middle of it leaves nothing that `shelver cleanup` would not find.
import { type Failure, failure, type Library } from '../../machines/vocabulary.ts';
import { asFailure } from '../effects/perform.ts';
import { type ContentLibrary, type Journal, PortFailure, type Ports } from '../ports.ts';
import type { Reach, Shown, Where } from '../reach.ts';
import type { Report } from '../report.ts';
import { bytesSource } from '../sources/bytes-source.ts';
import { upload } from '../upload.ts';

/** What the trial came to. Each of the two is there once it was tried. */
export interface Tried {
  readonly endpoint?: Outcome<Endpoint>;
  readonly push?: Outcome<{ readonly sent: number; readonly tookMs: number }>;
  readonly item: string;
  readonly report: Report;
  /** What is still on the server; absent: nothing. */
  readonly left?: string;
}
export type Outcome<T> = { readonly value: T } | { readonly failure: Failure };
export interface Endpoint {
  readonly to: Where;
  readonly withLogin: boolean;
  readonly tookMs: number;
  readonly shown?: Shown;
}

const TEXT = 'made by shelver doctor, and taken away again\n';
const WHY = 'shelver doctor only tries';
/** Milliseconds for all of it; cleaning up has a time of its own. */
const DEADLINE_MS = 60_000;

/** Never throws. Whatever happens, no content is completed, and what was made is taken away again. */
export async function tryUpload(
  ports: Ports & { readonly journal: Journal },
  library: Library,
  reach: Reach,
  signal: AbortSignal
): Promise<Tried> {
  const { clock } = ports;
  const item = `shelver-doctor-${ports.random.uuid().slice(0, 8)}`;
  let endpoint: Tried['endpoint'];
  let push: Tried['push'];
  const bytes: Ports['bytes'] = {
    ...ports.bytes,
    push: async request => {
      endpoint = await outcomeOf(() => lookAt(reach, request.uri, clock, signal));
      if ('value' in endpoint) {
        const began = clock.now();
        push = await outcomeOf(async () => {
          const { sent } = await ports.bytes.push(request);
          return { sent, tookMs: clock.now() - began };
        });
      }
      // Heard before the answer is: so the run never comes to `complete`.
      run.cancel(WHY);
      throw new PortFailure(failure('CANCELED', WHY));
    }
  };
  const complete = async (): Promise<never> => {
    throw new PortFailure(failure('CANCELED', WHY));
  };
  const run = upload(
    { ...ports, bytes, library: { ...ports.library, complete } },
    {
      to: { library: `id:${library.id}`, item },
      files: [{ name: 'shelver-doctor.txt', source: bytesSource(TEXT) }],
      ifExists: 'fail',
      deadlineMs: DEADLINE_MS
    },
    { signal, policy: { maxAttempts: 2 } }
  );
  const report = await run.report;
  const left = await leftOf(ports.library, library.id, item, report);
  return { item, report, ...(endpoint && { endpoint }), ...(push && { push }), ...(left !== undefined && { left }) };
}

/** Whether the trial was ended by itself, and for no other reason. */
export function endedAsMeant({ outcome, failure: failed }: Report): boolean {
  return outcome === 'canceled' && failed?.message.includes(WHY) === true;
}

/**
 * What the server still has. A run leaves an item that holds something; here it can only be the file of the trial, on a server
 * that shows content before `complete` (vcsim), so it goes.
 */
async function leftOf(
  service: ContentLibrary,
  libraryId: string,
  name: string,
  report: Report
): Promise<string | undefined> {
  try {
    for (const id of await service.findItems({ libraryId, name })) await service.deleteItem(id);
    const session = report.sessionId && (await service.getSession(report.sessionId).catch(unlessGone));
    return session && session.state === 'ACTIVE' ? `the session ${session.id} is open` : undefined;
  } catch (cause) {
    return `whether the item ${name} is still there is not known: ${asFailure(cause).message}`;
  }
}

function unlessGone(cause: unknown): undefined {
  if (cause instanceof PortFailure && cause.failure.code === 'NOT_FOUND') return undefined;
  throw cause;
}

async function lookAt(reach: Reach, uri: string, clock: Ports['clock'], signal: AbortSignal): Promise<Endpoint> {
  const { to, withLogin } = reach.leadsTo(uri);
  const began = clock.now();
  if (reach.proxy === undefined) await reach.lookUp(to.host, { signal });
  await reach.dial(to, { signal });
  const tookMs = clock.now() - began;
  const shown = to.secure ? await reach.greet(to, { signal }) : undefined;
  if (shown?.refused) throw new PortFailure(shown.refused);
  return { to, withLogin, tookMs, ...(shown && { shown }) };
}

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (cause) {
    return { failure: asFailure(cause) };
  }
}
