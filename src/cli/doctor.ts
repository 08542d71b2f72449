// shelver doctor: what stands between you and an upload, looked at step by step.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FAILURES, failure } from '../../machines/vocabulary.ts';
import { systemClock } from '../adapters/clock.ts';
import { addressOf } from '../adapters/http/address.ts';
import { httpReach } from '../adapters/http/reach.ts';
import type { DurableJournal } from '../adapters/sqlite/journal.ts';
import { type Connection, connect, readCa } from '../connect.ts';
import { tlsCheck } from '../doctor/certificate.ts';
import type { Check, Finding, Means } from '../doctor/check.ts';
import { examine, exitOf } from '../doctor/examine.ts';
import { journalCheck, nodeCheck, spaceCheck } from '../doctor/machine.ts';
import { clockCheck, loginCheck, serviceCheck } from '../doctor/service.ts';
import { datastoreCheck, libraryCheck, privilegesCheck } from '../doctor/shelf.ts';
import { dnsCheck, proxyCheck, settingsCheck, tcpCheck } from '../doctor/way.ts';
import { endpointCheck, pushCheck, undoCheck, writeCheck } from '../doctor/writing.ts';
import { PortFailure } from '../ports.ts';
import { lineOf, summaryOf } from './doctor-words.ts';
import { type Origin, type ServerSettings, settingsFound } from './environment.ts';
import { Interrupted, UsageError } from './exit.ts';
import { listenForInterrupts } from './interrupts.ts';
import { journalPath, LEFT_UNFINISHED, openJournal } from './journal.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';
import { findLibrary, type Place, placeOf } from './place.ts';

export interface DoctorFlags extends CommonFlags {
  readonly write?: boolean;
}

/** A server that says nothing is not waited for as long as by an upload. Milliseconds. */
const TIMEOUTS = { connectMs: 10_000, headersMs: 15_000, stallMs: 15_000, answerMs: 30_000 };

const ALWAYS: readonly Check[] = [
  settingsCheck,
  proxyCheck,
  dnsCheck,
  tcpCheck,
  tlsCheck,
  serviceCheck,
  clockCheck,
  loginCheck,
  journalCheck,
  spaceCheck,
  nodeCheck
];
const OF_A_LIBRARY: readonly Check[] = [libraryCheck, privilegesCheck, datastoreCheck];
const BY_WRITING: readonly Check[] = [writeCheck, endpointCheck, pushCheck, undoCheck];

export async function doctorCommand(
  library: string | undefined,
  flags: DoctorFlags,
  context: Context
): Promise<number> {
  const { io, out } = context;
  const place = library === undefined ? undefined : placeOf(library);
  if (place?.item !== undefined) {
    throw new UsageError(`${JSON.stringify(library)} names an item, not a library`, 'name the library alone');
  }
  if (flags.write && place === undefined) {
    throw new UsageError('--write needs the library to try', 'name it: shelver doctor --write LIBRARY');
  }
  const checks = [...ALWAYS, ...(place ? OF_A_LIBRARY : []), ...(flags.write ? BY_WRITING : [])];
  const interrupts = listenForInterrupts(
    io,
    () => out.log('info', 'ending, and cleaning up on the server; once more ends it at once'),
    () => out.log('warning', LEFT_UNFINISHED)
  );
  const open: Open = {};
  try {
    const told = (finding: Finding): void => {
      if (!out.json) out.data(lineOf(finding, out.color.stdout));
    };
    const findings = await examine(checks, meansOf(place, flags, context, interrupts.signal, open), told);
    if (interrupts.caught) throw new Interrupted(interrupts.caught);
    if (out.json) out.object({ checks: findings, exit: exitOf(findings) });
    else out.data(summaryOf(findings));
    const broken = findings.find(({ result }) => result === 'failed');
    // On a terminal the line itself stands where the sentence would.
    if (broken?.code && (out.json || !io.stdout.isTTY)) {
      const { code, message, next = '' } = broken;
      out.fail({ code, message: `${broken.id}: ${message}`, next, exit: FAILURES[code].exit });
    }
    return exitOf(findings);
  } finally {
    await open.server?.close();
    await open.journal?.close();
    interrupts.stop();
  }
}

/** What is to be closed in the end. */
interface Open {
  server?: Connection;
  journal?: DurableJournal;
}

function meansOf(
  place: Place | undefined,
  flags: DoctorFlags,
  context: Context,
  signal: AbortSignal,
  open: Open
): Means {
  const { io, out } = context;
  let found: { settings: ServerSettings; origins: readonly Origin[] } | undefined;
  const settings = (): ServerSettings => found!.settings;
  // The checks tell what is less safe than it could be.
  const onWarning = (message: string): void => out.log('debug', message);
  return {
    clock: systemClock(),
    signal,
    node: process.version,
    settings: async () => {
      found = await asPortFailure(() => settingsFound(flags, io));
      const { url, username, insecure = false, thumbprint } = found.settings;
      const proxyFrom = found.origins.find(({ what }) => what === 'proxy')?.from;
      return {
        where: addressOf(url),
        username,
        origins: found.origins,
        insecure,
        pinned: thumbprint !== undefined,
        ...(proxyFrom !== undefined && { proxyFrom })
      };
    },
    reach: async () => {
      const { url, caFile, thumbprint, insecure, proxy } = settings();
      const ca = caFile === undefined ? undefined : await readCa(caFile);
      return httpReach({ vcenter: addressOf(url), ca, thumbprint, insecure, proxy, timeouts: TIMEOUTS });
    },
    connect: async () => {
      open.server = await connect({ ...settings(), signal, onWarning, timeouts: TIMEOUTS });
      return open.server;
    },
    journal: async () => {
      const path = journalPath(flags, io.env);
      if (path === undefined) return undefined;
      open.journal = await openJournal(flags, context);
      const runs = await open.journal.runs();
      const unfinished = runs.filter(({ ending, owner }) => (ending ? ending.left : owner?.gone !== false));
      return { path, journal: open.journal, unfinished: unfinished.length };
    },
    freeBytes: async path => {
      const { bavail, bsize } = await statfs(dirname(path));
      return bavail * bsize;
    },
    findLibrary: server => findLibrary(server.library, place!.library)
  };
}

/** What is wrong with the call is a finding like any other. */
async function asPortFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new PortFailure(failure(cause.code, cause.message, { next: cause.next }));
  }
}
