// The command as a process of its own: what only a real one shows.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { builtCommand, removeBuilt } from './built-command.ts';
import { folderWith, left, serve } from './call.ts';

let main = '';
beforeAll(() => {
  main = builtCommand();
});
afterAll(() => removeBuilt());

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function begin(words: readonly string[], env: Readonly<Record<string, string | undefined>> = {}, input?: string) {
  const child: ChildProcess = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env.PATH, SHELVER_JOURNAL: 'none', ...env },
    stdio: ['pipe', 'pipe', 'pipe']
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = { stdout: '', stderr: '' };
  const waiting = new Map<RegExp, () => void>();
  const look = (): void => {
    for (const [pattern, resolve] of waiting) if (pattern.test(said.stdout + said.stderr)) resolve();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      look();
    });
  }
  child.stdin?.end(input);
  return {
    child,
    heard: (pattern: RegExp): Promise<void> =>
      new Promise(resolve => {
        waiting.set(pattern, resolve);
        look();
      }),
    ended: new Promise<Ended>(resolve => {
      child.on('close', (code, signal) => resolve({ code, signal, ...said }));
    })
  };
}

describe('the process', () => {
  it('should begin with the line that makes it a program', () => {
    expect(readFileSync(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('should read a password from a pipe, and end by itself', async () => {
    const { env } = await serve();
    const { ended } = begin(['ls', '--password-stdin'], { ...env, SHELVER_PASSWORD: 'wrong' }, 'pass\n');
    expect(await ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^NAME[\s\S]*\nimages /) });
  });

  it('should load neither the HTTP client nor the machines for its help', async () => {
    const { code, stdout } = await begin(['--help']).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: shelver/);
    const loaded = new Set<string>();
    const follow = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(
        /^(?:import|export) [^;]*?from ["']([^"']+)/gm
      )) {
        if (target.startsWith('.')) follow(join(file, '..', target));
        else loaded.add(target);
      }
    };
    follow(main);
    const outside = [...loaded].filter(name => !name.startsWith(dirname(main)) && !name.startsWith('node:'));
    // words and tables, which load nothing else
    const plain = ['machines/failures', 'machines/vocabulary', 'src/figures', 'src/servers/profiles'];
    expect(outside.sort()).toEqual([...plain.map(name => join(main, '../../..', `${name}.js`)), 'commander']);
  });

  it('should end quietly when whoever reads along goes away', async () => {
    const { child, ended } = begin(['diagram', 'workflow/upload', '--format', 'json']);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  // A device that is always full: only Linux has it.
  it.runIf(existsSync('/dev/full'))('should not end well when its words find no room', () => {
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    const { status } = spawnSync(process.execPath, [main, 'diagram', 'workflow/lease'], {
      stdio: ['ignore', full, 'pipe']
    });
    expect(status).toBe(1);
  });

  it('should go on with an upload that nobody watches any more', async () => {
    const folder = folderWith({ 'a.iso': 'bytes' });
    const { simulator, env } = await serve();
    const { child, heard, ended } = begin(['upload', join(folder, 'a.iso'), 'images'], env);
    await heard(/images\/a on/);
    child.stderr?.destroy();
    expect(await ended).toMatchObject({ code: 0, signal: null, stdout: expect.stringMatching(/^done/) });
    expect(simulator.contents('a')?.files).toHaveLength(1);
  });

  it('should end with the code of a failure that nobody hears of', async () => {
    const { env } = await serve();
    const { child, ended } = begin(['upload', 'nothing.iso', 'images', '--progress', 'none'], env);
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect(await ended).toMatchObject({ code: 3, signal: null });
  });

  it('should clean up at SIGINT, and end with 130', async () => {
    const folder = folderWith({ 'a.iso': Buffer.alloc(4 * 1024 * 1024) });
    const { simulator, env } = await serve({ bandwidth: 1024 * 1024 });
    const { child, heard, ended } = begin(['upload', join(folder, 'a.iso'), 'images'], env);
    await heard(/a\.iso: pushing/);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, signal: null, stdout: expect.stringMatching(/^canceled/) });
    expect(left(simulator)).toEqual({ items: [], sessions: [] });
  });

  it('should end at once at the second signal, whatever hangs', async () => {
    const folder = folderWith({ 'a.iso': 'bytes' });
    const { env } = await serve({
      faults: [
        { on: 'put', do: 'stall' },
        { on: ['session.cancel', 'session.fail', 'session.get'], do: 'stall', times: 'always' }
      ]
    });
    const { child, heard, ended } = begin(['upload', join(folder, 'a.iso'), 'images'], env);
    await heard(/a\.iso: pushing/);
    child.kill('SIGTERM');
    await heard(/cleaning up on the server/);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 143, signal: null });
  });

  it('should serve until SIGTERM, and end with 0', async () => {
    const { child, heard, ended } = begin(['simulate', '--tls']);
    await heard(/"thumbprint"/);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });
});
