// The one place where the service has a state that changes: what the pure service says becomes so here, bytes are freed,
// the store is told. Both doors act through it, so that they cannot differ in what they do.
import type { Clock, Random, ServerProfile } from '../ports.ts';
import type { WireError } from '../wire/errors.ts';
import type { OperationName, WireArgs } from '../wire/operations.ts';
import type { Blobs } from './blobs.ts';
import type { Faults } from './faults.ts';
import { type Certificate, selfSignedCertificate } from './http/certificate.ts';
import { beginIncoming, type Incoming } from './incoming.ts';
import type { Logins } from './logins.ts';
import type { PullPolicy } from './pull/options.ts';
import { probeSource } from './pull/probe.ts';
import { type PullerParts, pullerOf } from './pull/puller.ts';
import type { RequestLog } from './request-log.ts';
import { type Effect, happen } from './service/happen.ts';
import type { Happening } from './service/happenings.ts';
import type { Law } from './service/law.ts';
import { findLink, type Link } from './service/links.ts';
import { type Outcome, operate } from './service/operate.ts';
import type { Context, Endpoint, ServiceState } from './service/state.ts';
import { findTransfer, type Transfer } from './service/transfers.ts';
import type { Store } from './store.ts';

export interface Shell {
  readonly clock: Clock;
  readonly random: Random;
  readonly profile: ServerProfile;
  /** Bytes a second that one upload or download may have. */
  readonly bandwidth?: number;
  readonly users: ReadonlyMap<string, string>;
  readonly faults: Faults;
  readonly logins: Logins;
  readonly log: RequestLog;
  readonly blobs: Blobs;
  state(): ServiceState;
  /** Takes the state over as it is. */
  replace(state: ServiceState): void;
  operate(op: OperationName, args: WireArgs, user: string): Outcome;
  /** Looks at a source: what `file.probe` answers, which a pure service cannot know. */
  probe(args: WireArgs): Promise<Outcome>;
  happen(happening: Happening): Effect;
  transfer(uuid: string): Transfer | undefined;
  /** What a download URL leads to. */
  link(uuid: string): Link | undefined;
  /** Begins a body into a transfer. */
  begin(uuid: string, transfer: Transfer): Incoming | WireError;
  /** Resolves when all changes so far would survive a crash; at once where there is no store. */
  saved(): Promise<void> | undefined;
  /** Work that goes on after its answer; `close` waits for it. */
  later(work: Promise<unknown>): void;
  /** Aborted by `close`: whatever waits on the clock waits with it. */
  readonly stopping: AbortSignal;
  /** The self-signed certificate of the HTTP door: of all lives, where there is a store, else a new one at each call. */
  certificate(): Certificate & { readonly caFile?: string };
  close(): Promise<void>;
}

export interface ShellParts
  extends Pick<Shell, 'clock' | 'random' | 'profile' | 'bandwidth' | 'users' | 'faults' | 'logins' | 'log' | 'blobs'> {
  readonly law: Law;
  readonly state: ServiceState;
  readonly store?: Store;
  /** Without one, nothing is fetched. */
  readonly pull?: PullPolicy;
  readonly onPull?: PullerParts['onPull'];
}

export function shellOf(parts: ShellParts): Shell {
  const { law, clock, random, blobs, store, pull } = parts;
  let state = parts.state;
  let unsaved = true;
  let saving: Promise<void> | undefined;
  const stop = new AbortController();
  const background = new Set<Promise<unknown>>();
  const contextFor = (user: string): Context => ({ at: clock.now(), user, uuid: random.uuid });

  const become = (next: { readonly state: ServiceState; readonly freed: readonly string[] }) => {
    if (next.state !== state) unsaved = true;
    const before = state;
    state = next.state;
    if (next.freed.length > 0) blobs.free(next.freed);
    if (before !== state) puller?.changed(before, state);
  };
  /** What is due by now happens before anything else is looked at. */
  const catchUp = () => {
    if (state.dueAt !== null && clock.now() >= state.dueAt)
      become(happen(law, state, { type: 'tick' }, contextFor('')));
  };
  const apply = (happening: Happening): Effect => {
    catchUp();
    const happened = happen(law, state, happening, contextFor(''));
    become(happened);
    return happened;
  };
  const receiver = { blobs, uuid: random.uuid, happen: apply };
  const saved = (): Promise<void> | undefined => {
    if (store === undefined) return undefined;
    if (!unsaved) return saving;
    const mine = store
      .save(() => {
        unsaved = false;
        return state;
      })
      .finally(() => {
        if (saving === mine) saving = undefined;
      });
    saving = mine;
    return mine;
  };
  const later = (work: Promise<unknown>) => {
    const settled = work.catch(() => undefined).finally(() => background.delete(settled));
    background.add(settled);
  };
  const around = { later, saved, stopping: stop.signal };
  const puller =
    pull && pullerOf({ ...parts, ...around, policy: pull, uuid: random.uuid, state: () => state, happen: apply });

  return {
    ...parts,
    ...around,
    state: () => {
      catchUp();
      return state;
    },
    replace: next => become({ state: next, freed: [] }),
    operate: (op, args, user) => {
      catchUp();
      const outcome = operate(law, state, op, args, contextFor(user));
      become(outcome);
      return outcome;
    },
    probe: async args => {
      const { uri, ...more } = (args.spec ?? {}) as Partial<Endpoint>;
      if (pull === undefined || !uri) return operate(law, state, 'file.probe', args, contextFor(''));
      return { state, freed: [], value: await probeSource(pull, { ...more, uri }, stop.signal) };
    },
    happen: happening => {
      const effect = apply(happening);
      // Nobody fetches any more what was on its way when the service was stopped.
      if (happening.type === 'restarted') puller?.look();
      return effect;
    },
    transfer: uuid => {
      catchUp();
      return findTransfer(state, uuid);
    },
    link: uuid => {
      catchUp();
      return findLink(state, uuid);
    },
    begin: (uuid, transfer) => beginIncoming(receiver, uuid, transfer),
    certificate: () => {
      const make = () => selfSignedCertificate(clock.now(), Buffer.from(random.uuid().replaceAll('-', ''), 'hex'));
      return store?.certificate(make) ?? make();
    },
    close: async () => {
      stop.abort(new Error('the simulator is closed'));
      await Promise.all(background);
      if (store !== undefined) await store.save(() => state);
      await blobs.close();
      store?.release();
    }
  };
}

/** The session, for update or download, that a request of the control plane is about expires, if it names one. */
export function expireSessionIn(shell: Shell, args: WireArgs): void {
  const session = args.update_session_id ?? args.download_session_id;
  if (typeof session === 'string') shell.happen({ type: 'expire', session });
}

/** The file that a request of the control plane is about, where it names one. */
export function fileIn(op: OperationName, args: WireArgs): string | undefined {
  if (typeof args.file_name === 'string') return args.file_name;
  if (op !== 'file.add') return undefined;
  const { name } = (args.spec ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name : undefined;
}
