// What the trial of an upload shows, as checks: may we write, where do bytes go, do they arrive, is everything gone again.
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { judged } from './certificate.ts';
import { advised, type Check, type Examination, fault } from './check.ts';
import { endedAsMeant, type Outcome, type Tried, tryUpload } from './trial.ts';

export const writeCheck: Check = {
  id: 'write',
  needs: ['library', 'journal'],
  look: async its => {
    const { server, journal, library, reach, means } = its;
    const ports = { ...server!, journal: journal?.journal ?? server!.journal };
    its.tried = await tryUpload(ports, library!, reach!, means.signal);
    const { report, endpoint, item } = its.tried;
    if (endpoint === undefined) throw new PortFailure(report.failure ?? failure('INTERNAL', 'the trial sent nothing'));
    return {
      says: `an item, a session and an entry for a file can be made in ${JSON.stringify(library!.name)} (${item})`,
      facts: { item }
    };
  }
};

/** Where the server wants bytes to be sent; it may be another host than the one that took the login. */
export const endpointCheck: Check = {
  id: 'endpoint',
  needs: ['write'],
  look: its => {
    const { settings, means } = its;
    const { where, insecure, pinned } = settings!;
    const endpoint = triedOf(its).endpoint!;
    if ('failure' in endpoint) {
      const { message, code, next } = endpoint.failure;
      const said = `the place that the server gave for bytes: ${message}`;
      const advice = next ?? (code.startsWith('TLS') ? OTHER_CERTIFICATE : OTHER_WAY);
      throw advised({ ...endpoint.failure, message: said }, advice);
    }
    const { to, withLogin, tookMs, shown } = endpoint.value;
    const whose = withLogin ? 'the server itself' : 'another host, which does not get the login';
    const says = `bytes go to ${to.place}, ${whose} (${tookMs} ms)`;
    const facts = { place: to.place, secure: to.secure, withLogin, ms: tookMs, sha256: shown?.sha256 };
    if (where.secure && !to.secure) {
      return { says: `${says}, without encryption`, next: 'ask whoever runs the server: bytes could be read', facts };
    }
    // Of the server itself everything was told before.
    const found = shown && to.place !== where.place && judged(shown, means.clock.now(), { insecure, pinned });
    return !found || found.next === undefined
      ? { says, facts }
      : { says: `${says}; ${found.says}`, next: found.next, facts };
  }
};
const OTHER_WAY = 'a firewall may let only the server itself through: open the way to that host and port, too';
const OTHER_CERTIFICATE =
  'that host has a certificate of its own: give an authority that covers both (--ca-file), not one fingerprint';

export const pushCheck: Check = {
  id: 'push',
  needs: ['endpoint'],
  look: its => {
    const { sent, tookMs } = heldBy(triedOf(its).push);
    return { says: `${sent} bytes were taken (${tookMs} ms)`, facts: { bytes: sent, ms: tookMs } };
  }
};

export const undoCheck: Check = {
  id: 'undo',
  needs: ['library', 'journal'],
  look: its => {
    const { report, left, endpoint } = triedOf(its);
    if (left !== undefined) throw fault('SERVER_ERROR', left, 'see shelver sessions ls, then shelver cleanup');
    // A run that failed before it sent anything has said so already; one that ended otherwise than it should has not.
    if (endpoint !== undefined && !endedAsMeant(report)) {
      throw new PortFailure(report.failure ?? failure('INTERNAL', `the trial ended as ${report.outcome}`));
    }
    // A create that was not answered may still take effect.
    if (report.left) return { says: report.notes.join('; '), next: 'run shelver cleanup in a while', facts: {} };
    return { says: 'nothing is left of it', facts: {} };
  }
};

function triedOf({ tried }: Examination): Tried {
  return tried!;
}

function heldBy<T>(outcome: Outcome<T> | undefined): T {
  if (outcome === undefined) throw new PortFailure(failure('CANCELED', 'it was interrupted before'));
  if ('failure' in outcome) throw new PortFailure(outcome.failure);
  return outcome.value;
}
