// Real processes: a simulator with a store that is killed in the middle of everything and started again, and programs that
// must end by themselves after they were aborted before a server that does not answer.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import { createSimulator } from '../../src/simulator/index.ts';
import { certificateFor } from '../client/certificates.ts';
import { serve as serveSource } from '../client/servers.ts';
import { builtCommand, removeBuilt } from './built-command.ts';

let command: string;
const folder = mkdtempSync(join(tmpdir(), 'shelver-restart-'));
const children = new Set<ChildProcess>();
const CONTENT = Buffer.alloc(2_000_000, 'the quick brown fox ');

beforeAll(() => {
  command = builtCommand();
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  removeBuilt();
  rmSync(folder, { recursive: true });
});

interface Begun {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out(): string;
  err(): string;
}
function begin(words: readonly string[], env: Readonly<Record<string, string>>): Begun {
  const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let out = '';
  let err = '';
  child.stdout?.on('data', chunk => {
    out += chunk;
  });
  child.stderr?.on('data', chunk => {
    err += chunk;
  });
  const ended = new Promise<number | null>(resolve =>
    child.on('close', code => {
      children.delete(child);
      resolve(code);
    })
  );
  return { child, ended, out: () => out, err: () => err };
}
async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  // A loop without a pause would take the core away from whom it waits for.
  while (!(await is())) await new Promise(resolve => setTimeout(resolve, 2));
}
async function killed({ child, ended }: Begun): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

interface Shown {
  readonly sessions: readonly { readonly files: readonly { name: string; state: string }[] }[];
  readonly downloads: readonly { readonly files: readonly { name: string; state: string }[] }[];
}

it('should go on after server and clients were killed: an upload, a pull and a download', async () => {
  const held = { released: false };
  const { place, url: origin } = await serveSource(({ method }, response) => {
    response.writeHead(200, { 'content-length': CONTENT.length });
    if (method === 'HEAD' || held.released) return response.end(method === 'HEAD' ? undefined : CONTENT);
    return response.write(CONTENT.subarray(0, 500_000));
  });
  writeFileSync(join(folder, 'small.txt'), 'small');
  writeFileSync(join(folder, 'fox.bin'), CONTENT);
  mkdirSync(join(folder, 'to'));
  const files = [{ name: 'old.bin', base64: CONTENT.toString('base64') }];
  const libraries = [{ name: 'images', items: [{ name: 'old', files }] }];
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ libraries, pull: { hosts: [place] } }));
  const env = { SHELVER_ADMIN_TOKEN: 'admin-token-of-this-test', HOME: folder, XDG_STATE_HOME: folder };
  const simulate = async (...words: string[]) => {
    const its = begin([command, 'simulate', '--store', 'store', '--config', 'config.json', '--admin', ...words], env);
    await until(() => its.out().includes('\n') || its.child.exitCode !== null);
    const { url, admin } = JSON.parse(its.out()) as { url: string; admin: { url: string } };
    const seen = async (path: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${env.SHELVER_ADMIN_TOKEN}` };
      return (await fetch(`${admin.url}${path}`, { headers })).json();
    };
    return { ...its, url, seen };
  };
  const first = await simulate('--bandwidth', '500K');
  const server = { ...env, SHELVER_URL: first.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
  const sum = createHash('sha256').update(CONTENT).digest('hex');
  const clients = [
    ['upload', 'small.txt', 'fox.bin', 'images/new', '--parallel', '1'],
    ['upload', '--pull', `${origin}/far.bin`, '--checksum', `sha256:${sum}`, 'images/far'],
    ['download', 'images/old', 'to']
  ].map(words => begin([command, ...words, '--progress', 'none'], server));
  // In the middle of everything: one file is there and one on its way, one is fetched, one is read.
  await until(async () => {
    const { sessions, downloads } = (await first.seen('/admin/state')) as Shown;
    const stands = sessions.flatMap(its => its.files.map(({ name, state }) => `${name} ${state}`)).join();
    return (
      /small.txt READY/.test(stands) &&
      /fox.bin TRANSFERRING/.test(stands) &&
      /far.bin TRANSFERRING/.test(stands) &&
      downloads.length > 0 &&
      readdirSync(join(folder, 'to')).length > 0
    );
  });
  await killed(first);
  await Promise.all(clients.map(killed));

  held.released = true;
  const second = await simulate('--port', new URL(first.url).port);
  expect(second.url).toBe(first.url);
  const resumed = begin([command, 'resume', '--json', '--progress', 'none'], server);
  expect(await resumed.ended, resumed.err()).toBe(0);
  const { runs } = JSON.parse(resumed.out()) as { runs: { outcome: string }[] };
  expect(runs.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
  expect(readFileSync(join(folder, 'to', 'old.bin')).equals(CONTENT)).toBe(true);
  const { requests } = (await second.seen('/admin/requests')) as { requests: { op: string; file?: string }[] };
  // What was READY is not sent again, and every session is gone on with.
  expect(requests.filter(({ op }) => op === 'put').map(({ file }) => file)).toEqual(['fox.bin']);
  expect(requests.filter(({ op }) => op === 'session.create' || op === 'download.create')).toEqual([]);
  const { sessions, downloads } = (await second.seen('/admin/state')) as Shown;
  expect([sessions, downloads]).toEqual([[], []]);
  second.child.kill('SIGTERM');
  await second.ended;
});

it.each(['http', 'https'])('should leave nothing that keeps a program alive after an abort: %s', async scheme => {
  const tls = scheme === 'https' ? certificateFor('ours') : undefined;
  const simulator = createSimulator({
    clock: systemClock(),
    libraries: [{ name: 'images', items: [{ name: 'old', files: [{ name: 'old.bin', text: 'old' }] }] }]
  });
  onTestFinished(() => simulator.close());
  const { url } = await simulator.listen(tls === undefined ? {} : { tls });
  for (const on of ['put', 'get'] as const) simulator.inject({ on, do: 'stall', times: 'always' });
  const index = pathToFileURL(join(dirname(command), '..', 'index.js')).href;
  // Each run is aborted when its bytes stand still; nothing ends the process but that nothing is left to do.
  const code = `
    import { connect, upload, download, bytesSource } from '${index}';
    const vcenter = await connect({ url: '${url}', username: 'user', password: 'pass', insecure: true, onWarning() {} });
    const source = bytesSource('x'.repeat(300000));
    const stop = new AbortController();
    const runs = [
      upload(vcenter, { to: 'images/new', files: [{ name: 'new.bin', source }] }, { signal: stop.signal }),
      download(vcenter, { from: 'images/old', to: ${JSON.stringify(join(folder, scheme))} }, { signal: stop.signal })
    ];
    const waiting = new Set(['push', 'fetch']);
    for (const run of runs) run.timeline$.subscribe(event => {
      if (event.type !== 'call' || !waiting.delete(event.op) || waiting.size > 0) return;
      setTimeout(() => stop.abort('enough'), 100);
    });
    for (const run of runs) console.log((await run.report).outcome);
    await vcenter.close();
    console.log(process.getActiveResourcesInfo().filter(its => /TCP|TLS|Timeout|Worker|MessagePort/.test(its)).join());`;
  mkdirSync(join(folder, scheme));
  const program = begin(['--input-type=module', '-e', code], { HOME: folder });
  expect(await program.ended, program.err()).toBe(0);
  expect(program.out()).toBe('canceled\ncanceled\n\n');
  expect(readdirSync(join(folder, scheme))).toEqual([]);
});
