import { describe, expect, it } from 'vitest';
import { call } from './call.ts';

const COMMANDS = [
  'upload',
  'ls',
  'library create',
  'library rm',
  'item rm',
  'sessions ls',
  'sessions show',
  'sessions keep-alive',
  'sessions cancel',
  'sessions fail',
  'sessions rm',
  'doctor',
  'demo',
  'simulate',
  'diagram'
];

describe('help', () => {
  for (const name of COMMANDS) {
    it(`should show how shelver ${name} is called`, async () => {
      const { code, stdout, stderr } = await call([...name.split(' '), '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: shelver ${name} `);
      expect(stdout).toMatch(new RegExp(`\nExamples:\n  \\$ shelver ${name}`));
      expect(stdout.split('\n').filter(line => line.length > 105)).toEqual([]);
    });
  }

  it('should name every command, and no option that does nothing', async () => {
    const { stdout } = await call(['--help']);
    for (const name of COMMANDS) expect(stdout).toContain(name.split(' ')[0]);
    expect(stdout).toMatch(/Examples:\n {2}\$ shelver demo\n/);
    const all = (await Promise.all(COMMANDS.map(name => call([...name.split(' '), '--help'])))).map(its => its.stdout);
    for (const later of ['--dashboard', '--record', '--password ']) {
      expect(all.join('')).not.toContain(later);
    }
  });

  it('should print the version', async () => {
    const { code, stdout } = await call(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a wrong call', () => {
  const TABLE: readonly [words: string[], says: string, next: string][] = [
    [['uplod'], "unknown command 'uplod' (did you mean upload?)", 'see shelver --help'],
    [['ls', '--bogus'], "unknown option '--bogus'", 'see shelver ls --help'],
    [['ls', '--passwd=hunter2'], "unknown option '--passwd'", 'see shelver ls --help'],
    [
      ['ls', '--password=hunter2'],
      'there is no option --password, because others can see a command line',
      'use --password-stdin, --password-file or SHELVER_PASSWORD'
    ],
    [
      ['upload', '--password', 'hunter2', 'a', 'b'],
      'there is no option --password, because others can see a command line',
      'use --password-stdin, --password-file or SHELVER_PASSWORD'
    ],
    [['ls', 'a', 'b'], "too many arguments for 'ls': expected 1 argument but got 2", 'see shelver ls --help'],
    [['upload'], "missing required argument 'paths'", 'see shelver upload --help'],
    [['upload', 'a.iso'], 'files and where they go are needed: FILE... LIBRARY[/ITEM]', 'see shelver upload --help'],
    [
      ['upload', 'x/a.iso', 'a.ova', 'images'],
      'x/a.iso and a.ova would both become the item "a"',
      'name the item, or upload them apart'
    ],
    [
      ['upload', '--if-exists', 'ask', 'a', 'b'],
      "option '--if-exists <what>' argument 'ask' is invalid: choose fail, skip, update, replace",
      'see shelver upload --help'
    ],
    [
      ['upload', '--parallel', '99', 'a', 'b'],
      "option '--parallel <n>' argument '99' is invalid: it must be a whole number from 1 to 16",
      'see shelver upload --help'
    ],
    [['upload', 'a', 'id:/x'], '"id:" is not an id', 'write it as id:UUID'],
    [['ls', '/x'], '"/x" is not LIBRARY or LIBRARY/ITEM', 'a name that holds a slash is given by its id: id:UUID'],
    [['ls', 'a/ '], '"a/ " is not LIBRARY or LIBRARY/ITEM', 'a name that holds a slash is given by its id: id:UUID'],
    [['item', 'rm', 'a'], '"a" names no item', 'write LIBRARY/ITEM or id:UUID'],
    [['library', 'rm', 'a/b'], '"a/b" names an item, not a library', 'remove an item by shelver item rm'],
    [['library', 'create', ' '], 'the name of the library is empty', 'choose another name'],
    [['library', 'create', 'id:x'], 'the name of the library looks like an id', 'choose another name'],
    [['sessions', 'ls', 'a'], '"a" names no item', 'write LIBRARY/ITEM, or nothing for all sessions'],
    [['sessions', 'rm', 'a/b'], '"a/b" is not the id of a session', 'see shelver sessions ls'],
    [['sessions', 'fail', 'a'], "required option '--message <text>' not specified", 'see shelver sessions --help'],
    [['sessions', 'fail', 'a', '--message', ' '], 'the message is empty', 'say why the session fails: --message'],
    [['ls'], 'no server is named', 'use --url or SHELVER_URL'],
    [['diagram', 'toString'], 'there is no machine "toString"', 'choose service/update-session'],
    [['simulate', '--profile', '1.0'], 'there is no server profile "1.0"', 'choose ']
  ];
  for (const [words, says, next] of TABLE) {
    it(`should end shelver ${words.join(' ')} with exit code 2 and one sentence`, async () => {
      const { code, stdout, stderr } = await call(words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: .*\nnext: .*\n$/);
      expect(stderr.split('\n')[0]).toBe(`error: ${says}`);
      expect(stderr.split('\n')[1]).toContain(`next: ${next}`);
      expect(stderr).not.toContain('hunter2');
    });
  }

  it('should be told as JSON on stderr under ndjson, and on stdout under --json', async () => {
    const { code, stdout, stderr } = await call(['ls', '--progress', 'ndjson', '--json', '--bogus']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ schema: 1, type: 'error', code: 'INVALID_SPEC', exit: 2 });
    expect(JSON.parse(stdout)).toEqual({
      schema: 1,
      failure: { code: 'INVALID_SPEC', message: "unknown option '--bogus'", next: 'see shelver ls --help' }
    });
  });

  it('should show the way in to whoever calls it without a command', async () => {
    for (const words of [[], ['library']]) {
      const { code, stdout, stderr } = await call(words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^Usage: shelver /);
    }
    const { code, stderr } = await call([], { env: { SHELVER_PROGRESS: 'ndjson' } });
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ type: 'error', message: 'a command is missing' });
  });

  it('should take what follows -- as it is', async () => {
    const { stderr } = await call(['ls', '--', '--password']);
    expect(stderr).toContain('no server is named');
  });
});

describe('shelver diagram', () => {
  it('should list the machines, and draw each in each format', async () => {
    const { code, stdout } = await call(['diagram']);
    expect(code).toBe(0);
    const names = stdout.trim().split('\n');
    expect(names).toContain('workflow/upload');
    for (const name of names) {
      expect((await call(['diagram', name])).stdout).toMatch(/^stateDiagram-v2\n/);
      expect((await call(['diagram', name, '--format', 'dot'])).stdout).toMatch(/^digraph /);
      expect(JSON.parse((await call(['diagram', name, '--format', 'json'])).stdout).schema).toBe(1);
    }
  });
});
