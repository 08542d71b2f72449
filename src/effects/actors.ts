// The same effects for anyone's own actor system: `uploadMachine.provide({ actors: uploadActors(ports) })`.
import { type AnyActorLogic, fromPromise } from 'xstate';
import type { Answer } from '../../machines/vocabulary.ts';
import { attemptMachine } from '../../machines/workflow/attempt.ts';
import type { Order } from '../../machines/workflow/calls.ts';
import { fetchFileMachine } from '../../machines/workflow/fetch-file.ts';
import { leaseMachine } from '../../machines/workflow/lease.ts';
import { uploadFileMachine } from '../../machines/workflow/upload-file.ts';
import type { Means } from './calls.ts';
import { type CallLog, performCall, performDraw, performSleep } from './perform.ts';

/**
 * The children that `uploadMachine` names, over real ports: every child machine with its own effects filled in.
 *
 * @example `createActor(uploadMachine.provide({ actors: uploadActors(means) }), { input })`
 */
export function uploadActors(means: Means, log?: CallLog) {
  const shared = sharedActors(means, log);
  return { ...shared, uploadFile: uploadFileMachine.provide({ actors: inner(shared) }) } satisfies Actors;
}

/**
 * The same for `downloadMachine`; `means.target` says where the files go.
 *
 * @example `createActor(downloadMachine.provide({ actors: downloadActors(means) }), { input })`
 */
export function downloadActors(means: Means, log?: CallLog) {
  const shared = sharedActors(means, log);
  return { ...shared, fetchFile: fetchFileMachine.provide({ actors: inner(shared) }) } satisfies Actors;
}

type Actors = Record<string, AnyActorLogic>;

function sharedActors(means: Means, log?: CallLog) {
  const call = fromPromise<Answer, Order>(({ input, signal }) => performCall(means, input, signal, log));
  const sleep = fromPromise<Answer, { until: number }>(({ input, signal }) => performSleep(means, input, signal));
  const draw = fromPromise<Answer<{ granted: boolean }>, { cost: number }>(({ input, signal }) =>
    performDraw(means, input, signal)
  );
  const attempt = attemptMachine.provide({ actors: { call, draw, sleep } });
  return { attempt, sleep, lease: leaseMachine.provide({ actors: { attempt, sleep } }) };
}

function inner({ attempt, sleep }: ReturnType<typeof sharedActors>) {
  return { attempt, sleep };
}
