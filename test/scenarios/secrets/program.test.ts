// A program that uses the library: what it gets to see (streams, report, errors) and what is written down, also after a crash.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { sqliteJournal } from '../../../src/adapters/sqlite/journal.ts';
import { type Connection, connect } from '../../../src/connect.ts';
import type { Journal } from '../../../src/ports.ts';
import { orThrow, type UploadSpec, upload } from '../../../src/index.ts';
import { call, folderWith, serve } from '../../cli/call.ts';
import { inlineHasher } from '../../client/inline-hasher.ts';
import { type Canary, leaks } from '../../invariants/secrets.ts';
import { witness } from '../../invariants/witness.ts';
import { bytesOf } from '../../run/bytes.ts';
import { mortal } from '../../run/crashing.ts';
import { type Parrot, parrotBefore, type Rule } from './parrot.ts';
import { PASSWORD, PLANTED, SIGNATURE } from './planted.ts';

const SHORT = { baseMs: 2, capMs: 10, watchMs: 20, pollMs: 5, maxAttempts: 2 };
const SOURCE = `http://127.0.0.1:1/c.iso?X-Amz-Signature=${encodeURIComponent(SIGNATURE)}`;

async function house(journal?: Journal): Promise<{ parrot: Parrot; login: Parameters<typeof connect>[0] }> {
  const { listening } = await serve({ users: { user: PASSWORD }, pull: { hosts: ['127.0.0.1:1'], attempts: 1 } });
  const parrot = await parrotBefore(listening.url);
  const login = {
    url: parrot.url,
    username: 'user',
    password: PASSWORD,
    hasher: inlineHasher(),
    onWarning: () => undefined
  };
  return { parrot, login: { ...login, ...(journal && { journal }) } };
}

async function open(login: Parameters<typeof connect>[0]): Promise<Connection> {
  const connection = await connect(login);
  onTestFinished(() => connection.close());
  return connection;
}

/** Everything that a program could log of a run. */
async function seen(connection: Connection, spec: UploadSpec): Promise<Record<string, unknown>> {
  const its = witness(connection);
  const run = upload(its.ports, spec, { policy: SHORT });
  const streams: unknown[] = [];
  run.state$.subscribe(value => streams.push(value));
  run.progress$.subscribe(value => streams.push(value));
  run.timeline$.subscribe(value => streams.push(value));
  const report = await run.report;
  const thrown = await Promise.resolve(report)
    .then(orThrow)
    .catch((cause: unknown) => cause);
  const inspected = inspect([connection, run, report, connection.library, connection.bytes], {
    depth: 9,
    showHidden: true
  });
  return { streams, report, thrown, 'errors of ports': its.thrown, journal: its.records, inspected };
}

const silent = (places: Record<string, unknown>, heard: readonly Canary[]): void =>
  expect(leaks(places, [...PLANTED, ...heard], { parts: 12 })).toEqual([]);

const RULES: readonly Rule[] = [
  { on: /action=find/, status: 503, type: 'SERVICE_UNAVAILABLE' },
  { on: /^POST .*update-session(\?client_token.*)?$/, status: 500, type: 'ERROR', as: 'text' },
  { on: /^PUT /, status: 400 },
  { on: /^PUT /, status: 500, as: 'text' },
  { on: /^PUT /, status: 401 },
  { on: /^PUT /, status: 413, as: 'html' },
  { on: /^GET .*update-session\/[^/?]+$/ },
  { on: /^GET .*update-session\/[^/]+\/file\/[^/]+$/ },
  { on: /action=complete/, status: 500, type: 'ERROR' },
  { on: /^DELETE /, status: 403, type: 'UNAUTHORIZED' }
];

it('should see no secret, whatever is refused, and how often it is tried again', async () => {
  const { parrot, login } = await house();
  const connection = await open(login);
  for (const [index, rule] of RULES.entries()) {
    const followed: Rule = { ...rule };
    parrot.rules = [followed];
    const files = [{ name: 'a.iso', source: bytesOf('bytes') }];
    const places = await seen(connection, { to: `images/x${index}`, files });
    expect(followed.followed === undefined && `${rule.on} was not met`).toBe(false);
    silent(places, parrot.heard());
  }
});

it('should see no secret of a source that cannot be fetched', async () => {
  const { parrot, login } = await house();
  const connection = await open(login);
  const spec: UploadSpec = { to: 'images/c', files: [{ pull: SOURCE, probe: false }] };
  for (const rules of [[], [{ on: /update-session\/[^/]+\/file(\?|$)/, status: 400 }]]) {
    parrot.rules = rules;
    const places = await seen(connection, spec);
    expect(places.report).toMatchObject({ outcome: 'failed' });
    silent(places, parrot.heard());
  }
});

it('should be thrown no secret by a login that fails', async () => {
  const { parrot, login } = await house();
  const rules: Rule[] = [
    { on: /session/, status: 401 },
    { on: /session/, status: 403, as: 'text' },
    { on: /session/, status: 404, as: 'html' },
    { on: /appliance/, status: 401 }
  ];
  for (const rule of rules) {
    parrot.rules = [rule];
    const outcome = await connect(login).then(
      connection => connection.close(),
      (cause: unknown) => cause
    );
    silent({ outcome: outcome ?? 'logged in' }, parrot.heard());
  }
  const places: Record<string, unknown> = {};
  for (const [index, wrong] of [
    { url: `https://user:${encodeURIComponent(PASSWORD)}@x` },
    { thumbprint: PASSWORD }
  ].entries()) {
    places[`call ${index}`] = await connect({ ...login, url: 'https://x', ...wrong }).catch((cause: unknown) => cause);
  }
  silent(places, parrot.heard());
});

it('should leave no secret in a journal, its free pages too, when it dies and is taken up again', async () => {
  const folder = folderWith();
  const path = join(folder, 'journal.db');
  for (const at of [6, 9]) {
    const journal = await sqliteJournal({ path, now: Date.now });
    const { parrot, login } = await house(journal);
    const connection = await open(login);
    parrot.rules = [{ on: /^GET .*update-session\/[^/]+\/file\/[^/]+$/, status: 400 }];
    const dying = mortal(connection, { at: at * 2, acts: true });
    const files = [{ name: 'a.iso', source: bytesOf('bytes') }];
    const run = upload(dying.ports, { to: 'images/x', files }, { policy: SHORT });
    await Promise.race([dying.dead, run.report]);
    await journal.close();
    const places: Record<string, unknown> = { 'journal after the crash': readFileSync(path) };
    const env = {
      SHELVER_URL: parrot.url,
      SHELVER_USERNAME: 'user',
      SHELVER_PASSWORD: PASSWORD,
      SHELVER_JOURNAL: path
    };
    for (const words of [
      ['transfers'],
      ['resume', run.id.slice(0, 8), '-v'],
      ['cleanup', run.id.slice(0, 8), '--json']
    ]) {
      const { stdout, stderr } = await call(words, { env });
      places[words[0]!] = stdout + stderr;
    }
    // Rows that were deleted leave their bytes behind.
    const later = await sqliteJournal({ path, now: Date.now });
    await later.forget(Date.now() + 1_000);
    await later.close();
    silent({ ...places, journal: readFileSync(path) }, parrot.heard());
    expect(String(places.transfers)).toContain('images/x');
  }
});
