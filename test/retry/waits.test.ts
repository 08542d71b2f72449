// No wait without an end: every state that waits is in the table of bounds, its loop has the way out that the table names, and a
// service that stays as it is for ever brings every plan to that end.
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { machines } from '../../machines/index.ts';
import { attemptMachine } from '../../machines/workflow/attempt.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { fetchFileMachine } from '../../machines/workflow/fetch-file.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { UploadInput } from '../../machines/workflow/upload-facts.ts';
import { uploadFileMachine } from '../../machines/workflow/upload-file.ts';
import { byOp, type Play, type PlayOptions, play, refuse } from '../machines/play.ts';
import { fileIs, fileWith, GOOD, inputWith, POLICY, sessionIs } from '../machines/samples.ts';
import { BOUNDS } from './bounds.ts';

interface Way {
  readonly guard: string | undefined;
  readonly targets: readonly AnyStateNode[];
}

function* nodesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node;
  for (const child of Object.values(node.states)) yield* nodesOf(child as AnyStateNode);
}
const waitsIn = (machine: AnyStateMachine): AnyStateNode[] =>
  [...nodesOf(machine.root)].filter(({ invoke }) => invoke.some(({ src }) => src === 'sleep'));

/** The ways out of a state; those of the states around it are left out, for they end a loop and do not make it. */
function waysOf(node: AnyStateNode): Way[] {
  const all = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
  return all.map(({ guard, target = [] }) => ({
    guard: typeof guard === 'string' ? guard : undefined,
    targets: (target as readonly AnyStateNode[]).flatMap(entered)
  }));
}
/** A state with those that begin with it. */
function entered(node: AnyStateNode): AnyStateNode[] {
  const { initial } = node;
  if (node.type === 'parallel')
    return [node, ...Object.values(node.states).flatMap(child => entered(child as AnyStateNode))];
  return initial?.target === undefined
    ? [node]
    : [node, ...initial.target.flatMap(child => entered(child as AnyStateNode))];
}
const ABANDONING = 'upload.abandoning';
const idsOf = ({ targets }: Way): string[] => targets.map(({ id }) => id);

function reachable(from: AnyStateNode): Set<AnyStateNode> {
  const seen = new Set<AnyStateNode>();
  const next = [from];
  for (let node = next.pop(); node !== undefined; node = next.pop()) {
    for (const target of waysOf(node).flatMap(({ targets }) => targets)) {
      if (seen.has(target)) continue;
      seen.add(target);
      next.push(target);
    }
  }
  return seen;
}
/** The states from which a wait is come to, and which are come to from it. */
const loopThrough = (wait: AnyStateNode): AnyStateNode[] =>
  [...reachable(wait)].filter(node => reachable(node).has(wait));

describe('every wait', () => {
  const waits = Object.values(machines).flatMap(waitsIn);
  it('should be in the table of bounds, and the table hold no others', () => {
    expect(waits.map(({ id }) => id).sort()).toEqual(Object.keys(BOUNDS).sort());
  });
  it.each(waits.map(wait => [wait.id, wait] as const))('should have a way out of its loop: %s', (id, wait) => {
    const { guard } = BOUNDS[id]!;
    // Without a question it is left for good when its time is over: the plan that comes there again has begun anew.
    if (guard === undefined) return expect(waysOf(wait).flatMap(idsOf)).toEqual([ABANDONING, `${ABANDONING}.choosing`]);
    const loop = loopThrough(wait);
    // What ends a wait beside files stands around it.
    const around = id.includes('.watch.') ? [...nodesOf(wait.parent!.parent!)] : loop;
    expect(loop.map(node => node.id)).toContain(id);
    expect(around.flatMap(waysOf).map(way => way.guard)).toContain(guard);
  });
});

const PATIENT = { ...POLICY, patienceMs: 5_000 };
const HOUR = 3_600_000;
const FILE = fileWith({ policy: PATIENT, patienceMs: PATIENT.patienceMs });
const PULLED = fileIs('TRANSFERRING', { sourceType: 'PULL', bytesTransferred: 5 });
const FETCH = {
  run: 'r',
  index: 0,
  file: { name: 'a.bin', size: 1_600 },
  sessionId: 's1',
  server: { sessionTimeoutMs: 300_000, reportsSize: true, reportsDigest: false },
  policy: PATIENT,
  replace: true,
  attempts: 0
};
const preparing = (status: string) => ({ name: 'a.bin', status, bytesTransferred: 0 });
const ACTIVE = sessionIs('ACTIVE');
/** While the lease and the watch rest, nothing but the loop goes on. */
const ALONE: PlayOptions = { holdWaits: path => path.startsWith('lease') || path.startsWith('watch'), steps: 5_000 };
const uploading = (answers: object, more: Partial<UploadInput> = {}): Play =>
  play(
    uploadMachine,
    inputWith({ policy: PATIENT, ...more }),
    byOp({ ...GOOD, getSession: ACTIVE, ...answers }),
    ALONE
  );
const pulling = { files: [{ name: 'a.bin', role: 'descriptor', pull: true }] } as const;
const question: CallSpec = {
  op: 'push',
  args: { sessionId: 's1', file: 0, name: 'a.bin', size: 1_600, uri: 'u', hash: [] }
};

describe('a service that stays as it is for ever', () => {
  const rows: readonly (readonly [string, () => Play, string])[] = [
    [
      'validates a file',
      () => play(uploadFileMachine, FILE, byOp({ ...GOOD, getFile: fileIs('VALIDATING') })),
      'TIMED_OUT'
    ],
    [
      'fetches without moving',
      () =>
        play(
          uploadFileMachine,
          { ...FILE, file: { name: 'a.bin', role: 'plain', pull: true } },
          byOp({ addFile: PULLED, getFile: PULLED })
        ),
      'TIMED_OUT'
    ],
    [
      'waits for a body that was sent',
      () => play(uploadFileMachine, FILE, byOp({ ...GOOD, getFile: fileIs('WAITING_FOR_TRANSFER') })),
      'FILE_NOT_RECEIVED'
    ],
    [
      'prepares a file',
      () =>
        play(
          fetchFileMachine,
          FETCH,
          byOp({ prepareFile: preparing('PREPARING'), getDownloadFile: preparing('PREPARING') })
        ),
      'TIMED_OUT'
    ],
    [
      'forgets that a file was asked for',
      () =>
        play(
          fetchFileMachine,
          FETCH,
          byOp({ prepareFile: preparing('PREPARING'), getDownloadFile: preparing('UNPREPARED') })
        ),
      'TIMED_OUT'
    ],
    [
      'cannot prepare a file',
      () => play(fetchFileMachine, FETCH, byOp({ prepareFile: preparing('ERROR') })),
      'TRANSFER_REFUSED'
    ],
    [
      'receives what nobody sends',
      () =>
        play(
          attemptMachine,
          { call: question, policy: POLICY },
          byOp({ push: refuse('CONNECTION'), getFile: fileIs('TRANSFERRING') })
        ),
      'CONNECTION'
    ],
    [
      'answers no for now',
      () =>
        play(
          attemptMachine,
          { call: question, policy: POLICY },
          byOp({ push: refuse('UNAVAILABLE'), getFile: refuse('UNAVAILABLE') })
        ),
      'UNAVAILABLE'
    ],
    [
      'prepares a preview',
      () =>
        uploading(
          { getSession: sessionIs('ACTIVE', { preview: { state: 'PREPARING', warnings: [] } }) },
          { itemType: 'ovf' }
        ),
      'TIMED_OUT'
    ],
    ['completes', () => uploading({}), 'TIMED_OUT'],
    [
      'looks at bytes that came late',
      () => uploading({ validate: refuse('NOT_ALLOWED_IN_CURRENT_STATE'), listFiles: [fileIs('VALIDATING')] }),
      'TIMED_OUT'
    ],
    [
      'refuses what is READY',
      () => uploading({ complete: refuse('NOT_ALLOWED_IN_CURRENT_STATE'), listFiles: [fileIs('READY')] }),
      'NOT_ALLOWED_IN_CURRENT_STATE'
    ],
    ['refuses to complete for now', () => uploading({ complete: refuse('UNAVAILABLE') }), 'UNAVAILABLE'],
    [
      'fetches what a descriptor has brought',
      () =>
        uploading(
          { addFile: PULLED, getFile: fileIs('READY', { sourceType: 'PULL' }), listFiles: [PULLED] },
          { ...pulling, itemType: 'ovf' }
        ),
      'TIMED_OUT'
    ],
    [
      'is busy',
      () =>
        uploading({ listSessions: ['s0'], createSession: refuse('RESOURCE_BUSY'), ownersOf: [] }, { onBusy: 'wait' }),
      'RESOURCE_BUSY'
    ]
  ];
  it.each(rows)('should be given up within its bound: %s', (_, played, code) => {
    const its = played();
    expect(its.tree.snapshot.status).toBe('done');
    expect((its.output() as { failure?: { code: string } }).failure?.code).toBe(code);
    expect(its.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(HOUR);
  });
});
