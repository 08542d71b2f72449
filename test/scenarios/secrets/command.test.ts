// The command, at every verbosity, before a server that repeats every secret it has heard: none of them is said, none is
// written down.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { call, type CallOptions, folderWith, serve } from '../../cli/call.ts';
import { simulating } from '../../cli/simulating.ts';
import { serveProxy, serve as serveSource } from '../../client/servers.ts';
import { leaks } from '../../invariants/secrets.ts';
import { type Parrot, parrotBefore, type Rule } from './parrot.ts';
import { ADMIN_TOKEN, KEY_TEXT, PASSWORD, PLANTED, PROXY_PASSWORD, SIGNATURE } from './planted.ts';

const VOICES: readonly (readonly string[])[] = [
  [],
  ['-q'],
  ['-v'],
  ['-v', '-v'],
  ['--json'],
  ['--progress', 'tty'],
  ['--progress', 'plain'],
  ['--progress', 'ndjson', '--json'],
  ['--log-format', 'json', '-v', '--json']
];

/** What was said and written down so far, by what it was. */
class Stage {
  readonly places: Record<string, unknown> = {};
  readonly parrot: Parrot;
  readonly env: Record<string, string>;
  readonly folder: string;
  #runs = 0;
  constructor(parrot: Parrot, env: Record<string, string>, folder: string) {
    this.parrot = parrot;
    this.env = env;
    this.folder = folder;
  }

  async run(words: readonly string[], options: CallOptions = {}): Promise<number> {
    const { code, stdout, stderr } = await call(words, { ...options, env: { ...this.env, ...options.env } });
    this.places[`output of ${++this.#runs}: ${words.join(' ').replaceAll(this.folder, '')}`] = `${stdout}\n${stderr}`;
    return code;
  }

  /** Everything that was said, and every byte in the folder: journals, downloads, parts, and what they are called. */
  silent(): void {
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    for (const file of files) {
      this.places[`name of ${file.name}`] = file.name;
      if (file.isFile() && !file.name.endsWith('.secret')) {
        this.places[`file ${file.name}`] = readFileSync(join(file.parentPath, file.name));
      }
    }
    expect(leaks(this.places, [...PLANTED, ...this.parrot.heard()], { parts: 12 })).toEqual([]);
    expect(Object.keys(this.places).length).toBeGreaterThan(1);
  }
}

async function stage(): Promise<Stage> {
  const source = await serveSource(({ method }, response) => {
    response.writeHead(200, { 'content-length': 5 });
    response.end(method === 'HEAD' ? undefined : 'hello');
  });
  const { listening } = await serve({ users: { user: PASSWORD }, pull: { hosts: [source.place] } });
  const parrot = await parrotBefore(listening.url);
  const folder = folderWith({ 'a.iso': 'some bytes', 'b.iso': 'other bytes', 'password.secret': PASSWORD });
  const env = {
    SHELVER_URL: parrot.url,
    SHELVER_USERNAME: 'user',
    SHELVER_PASSWORD: PASSWORD,
    SHELVER_JOURNAL: join(folder, 'journal.db'),
    SOURCE: `${source.url}/c.iso?X-Amz-Signature=${encodeURIComponent(SIGNATURE)}&n=1`
  };
  return new Stage(parrot, env, folder);
}

it('should be silent when all goes well, whatever it is asked to say', async () => {
  const its = await stage();
  const { folder } = its;
  for (const [index, voice] of VOICES.entries()) {
    // Both ways and all voices, but not each with each.
    const file = index % 2 === 0 ? [join(folder, 'a.iso')] : ['--pull', its.env.SOURCE!];
    expect(await its.run(['upload', ...file, 'images/one', ...voice])).toBe(0);
    if (index % 2 === 0) expect(await its.run(['download', 'images/one', folder, ...voice])).toBe(0);
  }
  for (const voice of [VOICES[3]!, VOICES[8]!]) {
    for (const words of [['ls', 'images'], ['transfers', '--all'], ['sessions', 'ls'], ['resume'], ['cleanup']]) {
      expect(await its.run([...words, ...voice])).toBe(0);
    }
    expect(await its.run(['doctor', 'images', '--write', ...voice])).toBe(0);
  }
  await its.run(['upload', join(folder, 'b.iso'), 'images', '--dry-run', '-v']);
  its.silent();
});

it('should be silent about every way in which the password may come in', async () => {
  const its = await stage();
  const { SHELVER_URL: url = '', SHELVER_JOURNAL } = its.env;
  const file = join(its.folder, 'password.secret');
  const withLogin = url.replace('//', `//user:${encodeURIComponent(PASSWORD)}@`);
  const ways: [words: string[], env: Record<string, string>, stdin?: string][] = [
    [['--password-stdin'], { SHELVER_URL: url, SHELVER_USERNAME: 'user' }, `${PASSWORD}\n`],
    [['--password-file', file], { SHELVER_URL: url, SHELVER_USERNAME: 'user' }],
    [[], { SHELVER_URL: url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD_FILE: file }],
    [[], { SHELVER_URL: url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: PASSWORD }],
    [[], { GOVC_URL: withLogin }],
    [[], { VSPHERE_SERVER: url, VSPHERE_USER: 'user', VSPHERE_PASSWORD: PASSWORD }]
  ];
  for (const [words, env, stdin] of ways) {
    for (const command of [['ls'], ['doctor'], ['ls', 'no-such-library']]) {
      const { code, stdout, stderr } = await call([...command, ...words, '-v', '--json'], {
        env: { ...env, SHELVER_JOURNAL: String(SHELVER_JOURNAL) },
        stdin
      });
      expect(code).toBe(command.length === 2 ? 4 : 0);
      its.places[`${command.join(' ')} with ${[...words, ...Object.keys(env)].join(' ')}`] = stdout + stderr;
    }
  }
  its.silent();
});

it('should be silent about secrets that were given where they do not belong', async () => {
  const its = await stage();
  const { folder, env } = its;
  const key = join(folder, 'key.secret');
  writeFileSync(key, `-----BEGIN PRIVATE KEY-----\n${KEY_TEXT}\n-----END PRIVATE KEY-----\n`);
  const url = String(env.SHELVER_URL);
  const inUrl = url.replace('//', `//user:${encodeURIComponent(PASSWORD)}@`);
  const wrong: [words: string[], env?: Record<string, string>][] = [
    [['ls', '--url', inUrl]],
    [['ls', '--password', PASSWORD]],
    [['ls', `--password=${PASSWORD}`]],
    [['ls', `--passwort=${PASSWORD}`]],
    [['ls', '--proxy', `http://px:${PROXY_PASSWORD}@127.0.0.1:1`]],
    [['ls', '--ca-file', key, '--url', 'https://127.0.0.1:1']],
    [['doctor', '--ca-file', key, '--url', 'https://127.0.0.1:1']],
    [['ls'], { SHELVER_URL: `ftp://user:${encodeURIComponent(PASSWORD)}@x` }],
    [['ls'], { SHELVER_URL: `http://user:${PASSWORD}@` }],
    [['ls'], { SHELVER_PROXY: `socks://px:${encodeURIComponent(PROXY_PASSWORD)}@127.0.0.1:1` }],
    [['ls'], { SHELVER_PROXY: `http://px:${encodeURIComponent(PROXY_PASSWORD)}@127.0.0.1:1` }],
    [['doctor'], { SHELVER_PROXY: `http://px:${encodeURIComponent(PROXY_PASSWORD)}@127.0.0.1:1` }],
    [['ls'], { SHELVER_THUMBPRINT: PASSWORD, SHELVER_URL: 'https://127.0.0.1:1' }],
    [['upload', '--pull', String(env.SOURCE).replace('//', `//me:${encodeURIComponent(PASSWORD)}@`), 'images']],
    [['upload', '--pull', `nonsense?X-Amz-Signature=${SIGNATURE}`, 'images']],
    [['upload', '--pull', `http://127.0.0.1:1/c.iso?X-Amz-Signature=${encodeURIComponent(SIGNATURE)}`, 'images']],
    [['simulate', '--bogus'], { SHELVER_PASSWORD: PASSWORD, SHELVER_ADMIN_TOKEN: ADMIN_TOKEN }]
  ];
  for (const [index, [words, more]] of wrong.entries()) {
    expect(await its.run([...words, ...VOICES[4 + (index % 5)]!], { env: more }), words.join(' ')).not.toBe(0);
  }
  // The words of the call are the caller's own; what is looked at is what the command says.
  const said = Object.entries(its.places).map(([, text], index) => [`wrong call ${index}`, text]);
  for (const place of Object.keys(its.places)) delete its.places[place];
  Object.assign(its.places, Object.fromEntries(said));
  its.silent();
});

it('should be silent about the password of a proxy, whether it lets through or not', async () => {
  const its = await stage();
  for (const refuse of [undefined, 407]) {
    const { port, asked } = await serveProxy({ refuse });
    const env = { SHELVER_PROXY: `http://px:${encodeURIComponent(PROXY_PASSWORD)}@127.0.0.1:${port}` };
    for (const words of [['ls'], ['upload', join(its.folder, 'a.iso'), 'images'], ['doctor', 'images', '--write']]) {
      expect(await its.run([...words, '-v', '--json'], { env })).toBe(refuse === undefined ? 0 : 5);
    }
    expect(asked[0]?.authorization).toContain('Basic ');
  }
  its.silent();
});

const AT: readonly (Rule & { readonly words?: readonly string[] })[] = [
  { on: /^POST \/api\/session$/, status: 401 },
  { on: /^POST \/api\/session$/, status: 403, as: 'text' },
  { on: /^POST \/(api|rest)\/.*session$/, status: 404, as: 'html' },
  { on: /^GET \/api\/appliance/, status: 403 },
  { on: /action=find/, status: 400 },
  { on: /action=find/, status: 400, as: 'text' },
  { on: /^POST \/api\/content\/library\/item(\?client_token.*)?$/, status: 403, type: 'UNAUTHORIZED' },
  { on: /^POST \/api\/content\/library\/item\/update-session\?client_token/, status: 400, type: 'RESOURCE_BUSY' },
  { on: /update-session\/[^/]+\/file(\?|$)/, status: 400 },
  { on: /update-session\/[^/]+\/file(\?|$)/, status: 400, as: 'text' },
  { on: /^GET .*update-session\/[^/?]+$/ },
  { on: /action=complete/, status: 400, type: 'NOT_ALLOWED_IN_CURRENT_STATE' },
  { on: /action=validate/, status: 400 },
  { on: /^DELETE .*update-session/, status: 400 },
  { on: /action=prepare/, status: 400, words: ['download'] },
  { on: /action=prepare/, words: ['download'] },
  { on: /.*/, status: 400, words: ['doctor'] },
  { on: /^POST .*update-session/, status: 400, words: ['doctor'] },
  { on: /update-session/, status: 403, type: 'UNAUTHORIZED', words: ['sessions'] }
];

it('should be silent when the server repeats its secrets in what it refuses with', async () => {
  const its = await stage();
  const { folder, parrot } = its;
  mkdirSync(join(folder, 'down'));
  expect(await its.run(['upload', join(folder, 'b.iso'), 'images/there'])).toBe(0);
  for (const [index, { words: [word = 'upload'] = [], ...rule }] of AT.entries()) {
    rmSync(join(folder, 'down', 'b.iso'), { force: true });
    const followed: Rule = { ...rule };
    parrot.rules = [followed];
    const voice = VOICES[index % VOICES.length]!;
    const calls: Record<string, readonly string[]> = {
      upload: ['upload', join(folder, 'a.iso'), '--pull', its.env.SOURCE!, `images/x${index}`, '--deadline', '3s'],
      download: ['download', 'images/there', join(folder, 'down'), '--deadline', '3s'],
      doctor: ['doctor', 'images', '--write'],
      sessions: ['sessions', 'ls', 'images/there']
    };
    await its.run([...calls[word]!, ...voice]);
    expect(followed.followed === undefined && `${rule.on} was not met`).toBe(false);
    parrot.rules = [];
  }
  await its.run(['transfers', '--all', '--json']);
  await its.run(['cleanup', '-v']);
  its.silent();
});

it('should be silent when it is interrupted', async () => {
  const its = await stage();
  const words = ['upload', join(its.folder, 'a.iso'), join(its.folder, 'b.iso'), 'images/c', '-v'];
  const onText: CallOptions['onText'] = (text, signal) => {
    if (/transferring|a\.iso/.test(text)) signal('SIGINT');
  };
  its.parrot.rules = [{ on: /^POST .*action=cancel/, status: 400 }];
  expect(await its.run([...words, '--progress', 'plain'], { onText })).toBe(130);
  expect(await its.run(['doctor', '-v'], { signalSoon: 'SIGTERM' })).toBe(143);
  its.silent();
});

it('should have a simulator that is silent, too', async () => {
  const its = await stage();
  const env = { SHELVER_USERNAME: 'user', SHELVER_PASSWORD: PASSWORD, SHELVER_ADMIN_TOKEN: ADMIN_TOKEN };
  const store = join(its.folder, 'store');
  const words = ['--admin', '-v', '--log-format', 'json', '--store', store, '--tls'];
  const { stdout, stderr } = await simulating(
    words,
    async ({ url, thumbprint = '' }) => {
      const own = { SHELVER_URL: url, SHELVER_THUMBPRINT: thumbprint };
      expect(await its.run(['upload', join(its.folder, 'a.iso'), 'images', '-v'], { env: own })).toBe(0);
      expect(await its.run(['ls'], { env: { ...own, SHELVER_PASSWORD: 'wrong' } })).toBe(7);
    },
    { env }
  );
  const [first = '', ...rest] = stdout.split('\n');
  // That is how the token is told, as documented.
  its.places['what the simulator says'] = [first.replace(ADMIN_TOKEN, ''), ...rest, stderr].join('\n');
  its.silent();
});
