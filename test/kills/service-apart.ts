// `shelver simulate --store` as a process of its own, which can be killed, too. What it sees it tells by its admin door.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import { createSimulator } from '../../src/simulator/index.ts';
import { BANDWIDTH } from './goods.ts';
import { foundIn, isOpening, librariesOf, lineOf, type Seen, type Service, type ServiceOptions } from './service.ts';

/** `shelver simulate` with a store in the folder. */
export async function serviceApart(
  command: string,
  folder: string,
  { profile, goods, origin }: ServiceOptions
): Promise<Service> {
  const store = join(folder, 'store');
  const config = join(folder, 'server.json');
  writeFileSync(config, JSON.stringify({ libraries: librariesOf(goods), pull: { hosts: [origin.place] } }));
  const words = ['simulate', '--store', store, '--config', config, '--admin', '--profile', profile];
  words.push('--bandwidth', String(BANDWIDTH));
  let its: Apart | undefined;
  let isDead = false;
  const earlier: string[] = [];
  const listeners = new Set<() => void>();
  const rise = async (port = '0'): Promise<void> => {
    its = await started([command, ...words, '--port', port], () => {
      for (const listener of listeners) listener();
    });
  };
  await rise();
  const { url } = its!;
  const state = async (): Promise<Shown> => (await its!.asked('/admin/state')) as Shown;
  return {
    url,
    byHand: `shelver ${words.join(' ')} --port ${new URL(url).port}`,
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    look: async () => {
      const { sessions, downloads } = await state();
      const ops = [...its!.seen];
      const files = [...sessions, ...downloads].flatMap(session => session.files);
      const completes = ops.filter(({ op, status }) => op === 'session.complete' && status !== undefined).length;
      return {
        arrived: ops.length,
        answered: ops.length,
        open: [...sessions, ...downloads].filter(session => session.state === 'ACTIVE').length,
        opened: ops.some(isOpening),
        bodies: files.filter(file => isMoving(file)).length,
        moved: files.reduce((sum, { received = 0, downloaded = 0 }) => sum + received + downloaded, 0),
        completing: completes,
        completed: completes
      };
    },
    log: async () => [...earlier, ...its!.seen.map(lineOf)],
    die: async () => {
      earlier.push(...its!.seen.map(lineOf), '--- the server is killed ---');
      its!.child.kill('SIGKILL');
      await its!.ended;
      isDead = true;
    },
    rise: async () => {
      if (isDead) await rise(new URL(url).port);
      isDead = false;
    },
    end: async () => {
      const { sessions, downloads } = await state();
      its!.child.kill('SIGTERM');
      await its!.ended;
      const simulator = createSimulator({ clock: systemClock(), store });
      const found = await foundIn(
        simulator,
        [...sessions, ...downloads].map(session => `${session.state} on ${session.itemId}`)
      );
      await simulator.close();
      return found;
    }
  };
}

interface ShownFile {
  readonly state: string;
  readonly received?: number;
  readonly downloaded?: number;
  readonly size?: number;
}
interface ShownSession {
  readonly state: string;
  readonly itemId: string;
  readonly files: readonly ShownFile[];
}
interface Shown {
  readonly sessions: readonly ShownSession[];
  readonly downloads: readonly ShownSession[];
}

function isMoving({ state, downloaded = 0, size = 0 }: ShownFile): boolean {
  return state === 'TRANSFERRING' || (downloaded > 0 && downloaded < size);
}

interface Apart {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<unknown>;
  readonly seen: readonly Seen[];
  asked(path: string): Promise<unknown>;
}

async function started(words: readonly string[], tell: () => void): Promise<Apart> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
  const ended = once(child, 'close');
  let out = '';
  let err = '';
  child.stderr?.on('data', chunk => {
    err += chunk;
  });
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    out += chunk;
    if (out.includes('\n')) break;
  }
  if (!out.includes('\n')) throw new Error(`the simulator did not start: ${err}`);
  const { url, admin } = JSON.parse(out) as { url: string; admin: { url: string; token: string } };
  const headers = { authorization: `Bearer ${admin.token}` };
  const seen: Seen[] = [];
  const events = await fetch(`${admin.url}/admin/events`, { headers });
  void follow(events, one => {
    seen.push(one);
    tell();
  });
  // A connection of its own: one that was kept may be closed by the server at the very moment when it is used again.
  const alone = { headers: { ...headers, connection: 'close' } };
  const asked = async (path: string): Promise<unknown> => (await fetch(`${admin.url}${path}`, alone)).json();
  return { child, url, ended, seen, asked };
}

/** The server's own stream of what it saw, until it dies. */
async function follow(events: Response, hear: (seen: Seen) => void): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of events.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) hear(JSON.parse(line.slice('data: '.length)) as Seen);
    }
  } catch {
    // It is gone.
  }
}
