// Scenarios as data: steps that a client takes over HTTP, each with what has to come of it, in a few words.
import type { Fault, Law, SimulatorOptions } from '../../src/simulator/index.ts';
import { createRequest, type Operation, requestOf } from './calls.ts';
import { type Answer, openWorld, type RawPut, rawPut, until, type World } from './world.ts';

export interface Step {
  readonly does: string;
  readonly expects: string;
  run(stage: Stage): Promise<string>;
}
export interface Scenario {
  readonly name: string;
  /** The item that the session is on: one without a type, or an OVF package. */
  readonly on?: 'plain' | 'package';
  readonly options?: Partial<SimulatorOptions>;
  readonly steps: readonly Step[];
}
/** What a scenario has at hand. */
export interface Stage {
  readonly world: World;
  readonly item: string;
  readonly session: string;
  /** The upload URL of each file, the newest. */
  readonly uris: Map<string, string>;
  readonly bodies: Map<string, RawPut>;
  /** The download session, once there is one, and the newest link of each of its files. */
  readonly download: { session: string; readonly links: Map<string, string> };
}

/** Plays a scenario under a law; answers which step went otherwise than it should, and how. */
export async function play({ on = 'plain', options, steps }: Scenario, law: Law): Promise<string | undefined> {
  const world = await openWorld({ ...options, law });
  try {
    const item = world[on];
    const { body } = await world.ask(createRequest('api', item));
    const download = { session: '', links: new Map() };
    const stage = { world, item, session: String(body), uris: new Map(), bodies: new Map(), download };
    for (const { does, expects, run } of steps) {
      const outcome = await run(stage).catch((error: Error) => `broke: ${error.message}`);
      if (outcome !== expects) return `${does}: ${outcome}, not ${expects}`;
    }
    return undefined;
  } finally {
    await world.close();
  }
}

/** One operation on the session. */
export function ask(operation: Operation, expects = 'done', warnings?: readonly string[]): Step {
  const ignored = warnings?.map(type => ({ type, ignored: true }));
  return step(operation, expects, async stage => said(await asked(stage, operation, { warnings: ignored })));
}

export function add(file: string, expects = 'WAITING_FOR_TRANSFER', more: object = {}): Step {
  return step(`file add ${file}`, expects, async stage => {
    const spec = { name: file, source_type: 'PUSH', ...more };
    const answer = await asked(stage, 'file add', { spec });
    if (answer.status >= 300) return said(answer);
    const { status, upload_endpoint } = answer.body as { status: string; upload_endpoint: { uri: string } };
    stage.uris.set(file, upload_endpoint.uri);
    return status;
  });
}

/** Adds a file with source NONE: it shall be what the item has. */
export function leave(file: string, expects = 'READY'): Step {
  return step(`file add ${file} (NONE)`, expects, async stage => {
    const answer = await asked(stage, 'file add', { spec: { name: file, source_type: 'NONE' } });
    return (answer.body as { status?: string }).status ?? said(answer);
  });
}

/** Lets the service fetch a file; what it fetches is put into it from here. */
export function pull(file: string): Step {
  return step(`file add ${file} (PULL)`, 'WAITING_FOR_TRANSFER', async stage => {
    const spec = { name: file, source_type: 'PULL', source_endpoint: { uri: `http://elsewhere/${file}` } };
    const answer = await asked(stage, 'file add', { spec });
    stage.uris.set(file, stage.world.pullUri(file));
    return (answer.body as { status: string }).status;
  });
}

export function remove(file: string, expects = 'done'): Step {
  return step(`file remove ${file}`, expects, async stage => said(await asked(stage, 'file remove', { file })));
}

export function put(file: string, content = 'hello', expects = 'done'): Step {
  return step(`PUT ${file}`, expects, async ({ world, uris }) => said(await world.put(uris.get(file)!, content)));
}

/** Begins a body of `whole` and leaves it when `part` of it has come. `as` names the body. */
export function begin(file: string, part: string, whole: string, expects = 'TRANSFERRING', as = file): Step {
  return step(`PUT ${file}, begun`, expects, async stage => {
    const body = rawPut(stage.uris.get(file)!, whole.length);
    stage.bodies.set(as, body);
    body.send(part);
    for (let asks = 0; asks < 300 && body.said() === ''; asks++) {
      const answer = await asked(stage, 'file get', { file });
      if (answer.status !== 200) return said(answer);
      const { status, bytes_transferred } = answer.body as { status: string; bytes_transferred: number };
      if (status === 'TRANSFERRING' && bytes_transferred === part.length) return status;
    }
    return body.said() || 'nothing came';
  });
}

/** Sends the rest of a body that was begun. */
export function goOn(as: string, rest: string, expects: string): Step {
  return step(`PUT ${as}, the rest`, expects, async ({ bodies }) => {
    const body = bodies.get(as)!;
    body.send(rest);
    await until('the body is answered', () => body.said() !== '');
    return body.said();
  });
}

/** Breaks a body off, as a client that crashes. */
export function breakOff(as: string): Step {
  return step(`PUT ${as}, broken off`, 'noticed', async ({ bodies, world }) => {
    const before = world.simulator.requests.length;
    bodies.get(as)!.break();
    await until('the end of the body is noticed', () => world.simulator.requests.length > before);
    return 'noticed';
  });
}

/** The state of the session, as the service shows it. */
export function state(expects: string): Step {
  return step('get', expects, async stage => {
    const answer = await asked(stage, 'get', {});
    return (answer.body as { state?: string }).state ?? said(answer);
  });
}

/** The status of a file of the session, as the service shows it. */
export function status(file: string, expects: string): Step {
  return step(`file get ${file}`, expects, async stage => {
    const answer = await asked(stage, 'file get', { file });
    return (answer.body as { status?: string }).status ?? said(answer);
  });
}

/** The names of the session's files. */
export function files(...expects: string[]): Step {
  return step('file list', expects.join(), async stage => {
    const answer = await asked(stage, 'file list', {});
    return answer.status === 200 ? (answer.body as { name: string }[]).map(({ name }) => name).join() : said(answer);
  });
}

/** The names of the item's files, which everyone sees. */
export function visible(...expects: string[]): Step {
  return step('item file list', expects.join(), async ({ world, item }) => {
    const { body } = await world.ask({ method: 'GET', path: `/api/content/library/item/${item}/file` });
    return (body as { name: string }[]).map(({ name }) => name).join();
  });
}

export function deleteItem(): Step {
  return step('item delete', 'done', async ({ world, item }) =>
    said(await world.ask({ method: 'DELETE', path: `/api/content/library/item/${item}` }))
  );
}

export function wait(ms: number): Step {
  return happens(`${ms} ms pass`, ({ world }) => world.clock.advanceBy(ms));
}

export function expire(): Step {
  return happens('the session expires', ({ world, session }) => world.simulator.expire(session));
}

export function loseStorage(): Step {
  return happens('the storage goes', ({ world }) => world.simulator.loseStorage(world.library));
}

export function inject(fault: Fault): Step {
  return happens(`a fault is waiting: ${fault.do}`, ({ world }) => void world.simulator.inject(fault));
}

export function step(does: string, expects: string, run: Step['run']): Step {
  return { does, expects, run };
}

export function happens(does: string, act: (stage: Stage) => unknown): Step {
  return step(does, 'so', async stage => {
    await act(stage);
    return 'so';
  });
}

interface More {
  readonly file?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly unknown[];
}

function asked({ world, item, session }: Stage, operation: Operation, more: More): Promise<Answer> {
  return world.ask(requestOf('api', operation, { item, session, file: '', ...more }));
}

/** `done`, or the error's status and the last word of its message id. */
export function said({ status, body }: Answer): string {
  if (status < 300) return 'done';
  const { messages = [] } = (body ?? {}) as { messages?: { id: string }[] };
  return `${status} ${messages[0]?.id.split('.').at(-1) ?? ''}`.trim();
}
