// The command behind `npm run conformance`: what it prints, how it ends, and that it leaves nothing behind.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/index.ts';
import { values } from '../../src/simulator/service/table.ts';
import { main, USAGE } from './suite/main.ts';
import { bytes } from './suite/rows/bytes.ts';
import { login } from './suite/rows/login.ts';
import { privacy } from './suite/rows/privacy.ts';
import { conformance } from './suite/suite.ts';

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  args: readonly string[],
  more: { env?: Record<string, string>; stdin?: string; signal?: AbortSignal } = {}
) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(
    args,
    {
      env: more.env ?? { SHELVER_PASSWORD: 'pass' },
      stdin: Readable.from([more.stdin ?? '']),
      print: line => void out.push(line),
      complain: line => void err.push(line),
      signal: more.signal
    },
    [login]
  );
  return { code, out: out.join('\n'), err: err.join('\n') } satisfies Said;
}

async function withSimulator(
  act: (url: string, simulator: Simulator) => Promise<void>,
  options: Partial<Parameters<typeof createSimulator>[0]> = {}
): Promise<void> {
  const simulator = createSimulator({ clock: systemClock(), ...options });
  try {
    await act((await simulator.listen()).url, simulator);
  } finally {
    await simulator.close();
  }
}

describe('npm run conformance', () => {
  it('should print a line a row and the sum, end with 0, and leave nothing behind', async () => {
    await withSimulator(async (url, simulator) => {
      const { code, out, err } = await run(['--url', url]);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('✓ api  login.wrong-password: a wrong password is 401 UNAUTHENTICATED');
      expect(out).toMatch(/version 8\.\S+, \/api and \/rest: 20 rows, 20 as documented, 0 different, 0 not served$/);
      expect(values(simulator.state.libraries).map(({ name }) => name)).toEqual(['images']);
      expect([values(simulator.state.items), values(simulator.state.sessions)]).toEqual([[], []]);
    });
  });

  it('should write its findings as JSON, and only these with --json', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shelver-conformance-'));
    try {
      await withSimulator(async url => {
        const file = join(folder, 'found.json');
        const { out } = await run(['--url', url, '--json', '--out', file]);
        const found = JSON.parse(out) as { findings: unknown[] };
        expect(found.findings).toHaveLength(20);
        expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(found);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('should take a certificate that nobody vouches for only when it is told to', async () => {
    const simulator = createSimulator({ clock: systemClock() });
    try {
      const { url } = await simulator.listen({ tls: true });
      expect((await run(['--url', url, '--insecure'])).code).toBe(0);
      expect(await run(['--url', url])).toMatchObject({
        code: 2,
        err: `${url} cannot be reached: nobody vouches for its certificate (--insecure takes it all the same)`
      });
    } finally {
      await simulator.close();
    }
  });

  it('should take the password from standard input', async () => {
    await withSimulator(async url => {
      expect((await run(['--url', url, '--password-stdin'], { env: {}, stdin: 'pass\n' })).code).toBe(0);
    });
  });

  it('should work in a library that is there, and leave it', async () => {
    await withSimulator(async (url, simulator) => {
      expect((await run(['--url', url, '--library', 'images'])).code).toBe(0);
      expect(values(simulator.state.libraries).map(({ name }) => name)).toEqual(['images']);
      expect(await run(['--url', url, '--library', 'elsewhere'])).toMatchObject({
        code: 2,
        err: 'there is no library named elsewhere'
      });
    });
  });

  it('should take everything away again when it is interrupted', async () => {
    await withSimulator(async (url, simulator) => {
      const { signal, abort } = aborting();
      simulator.inject({ on: 'session.create', do: 'stall' });
      const running = run(['--url', url], { signal });
      await expect
        .poll(() => simulator.requests.some(({ fault }) => fault === 'stall'), { timeout: 20_000 })
        .toBe(true);
      abort();
      expect(await running).toMatchObject({ code: 2, err: 'interrupted' });
      expect(values(simulator.state.libraries).map(({ name }) => name)).toEqual(['images']);
      expect([values(simulator.state.items), values(simulator.state.sessions)]).toEqual([[], []]);
    });
  });

  it.each([
    [['--help'], 0, USAGE],
    [[], 2, USAGE],
    [
      ['--url', 'vcenter.example'],
      2,
      '--url is not an address of a server: give one such as https://vcenter.example, without a path'
    ],
    [
      ['--url', 'http://u:p@vcenter.example'],
      2,
      '--url is not an address of a server: give one such as https://vcenter.example, without a path'
    ],
    [
      ['--url', 'http://127.0.0.1:1', '--second-username', 'ann'],
      2,
      'there is no password for ann: set SHELVER_SECOND_PASSWORD'
    ],
    [
      ['--url', 'http://127.0.0.1:1'],
      2,
      'http://127.0.0.1:1 cannot be reached: the connection was closed without an answer'
    ],
    [['--colour'], 2, "Unknown option '--colour'"]
  ])('should answer %j with code %i and one clear sentence', async (args, code, said) => {
    const its = await run(args);
    expect(its.code).toBe(code);
    expect(`${its.out}${its.err}`).toContain(said);
  });

  it('should say that there is no password, or that it is wrong', async () => {
    expect((await run(['--url', 'http://127.0.0.1:1'], { env: {} })).err).toBe(
      'there is no password: set SHELVER_PASSWORD or give --password-stdin'
    );
    await withSimulator(async url => {
      const { code, err } = await run(['--url', url], { env: { SHELVER_PASSWORD: 'not it' } });
      expect([code, err]).toEqual([
        2,
        `${url} lets nobody in: /api/session answers 401, /rest/com/vmware/cis/session answers 401`
      ]);
    });
  });

  it('should say of a server without content libraries that it has none', async () => {
    const server = createServer((req, res) => {
      const login = req.url === '/api/session';
      res.writeHead(login ? 201 : 404, { 'content-type': 'application/json' }).end(login ? '"token"' : '');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(await run(['--url', url])).toMatchObject({
        code: 2,
        err: `${url} has no update sessions: it is not a content library service`
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('the suite', () => {
  const second = { username: 'other', password: 'word' };
  const users = { user: 'pass', other: 'word' };

  it('should see what a server does differently, and say what came instead', async () => {
    const wanted = ['put', 'put.no-login', 'put.wrong-complete'];
    const some = { title: bytes.title, rows: bytes.rows.filter(({ id }) => wanted.includes(id)) };
    const rules = { foreignSessions: 'open', putNeedsLogin: true, mismatch: 'sessionError' } as const;
    await withSimulator(
      async url => {
        const options = { url, username: 'user', password: 'pass', second };
        const { findings } = await conformance(options, { groups: [privacy, some] });
        const differing = findings.filter(({ mark, dialect }) => mark === 'differs' && dialect === 'rest');
        expect(differing.map(({ id }) => id)).toEqual([
          'other.get',
          'other.cancel',
          'other.download',
          'put.no-login',
          'put.wrong-complete'
        ]);
        expect(differing[0]).toEqual({
          id: 'other.get',
          dialect: 'rest',
          mark: 'differs',
          expected: 'session.get: status 404 NOT_FOUND',
          came: 'came status 200'
        });
      },
      { rules, users }
    );
  });

  it('should not wait for a row that does not end', async () => {
    await withSimulator(async (url, simulator) => {
      simulator.inject({ on: 'session.create', do: 'stall' });
      const options = { url, username: 'user', password: 'pass' };
      const { findings, left } = await conformance(options, { groups: [login], rowMs: 300 });
      const [late, next] = findings.filter(({ id }) => id === 'login.session-id-is-none');
      expect(late).toMatchObject({ mark: 'differs', expected: 'an end within 0.3 s', came: 'it took longer' });
      expect(next?.mark).toBe('ok');
      expect(left).toEqual([]);
    });
  });
});

function aborting() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error('interrupted')) };
}
