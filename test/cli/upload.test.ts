import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobsOf } from '../../src/cli/jobs.ts';
import { call, folderWith, left, serve } from './call.ts';

const MIB = 1024 * 1024;
const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

describe('the items that a call asks for', () => {
  it('should be one for LIBRARY/ITEM, and one a file for LIBRARY', () => {
    expect(jobsOf(['a.vmdk', 'b.vmdk', 'images/vm'])).toEqual([
      { to: { library: 'images', item: 'vm' }, files: ['a.vmdk', 'b.vmdk'] }
    ]);
    expect(jobsOf(['x/a.iso', 'b.tar.gz', 'images/'])).toEqual([
      { to: { library: 'images', item: 'a' }, files: ['x/a.iso'] },
      { to: { library: 'images', item: 'b.tar' }, files: ['b.tar.gz'] }
    ]);
    expect(jobsOf(['a.iso', 'id:1-2/id:3-4'])[0]?.to).toEqual({ library: 'id:1-2', item: 'id:3-4' });
  });
});

describe('shelver upload', () => {
  it('should put each file into an item of its own, and print a report for each', async () => {
    const folder = folderWith({ 'a.iso': 'first', 'b.txt': 'second' });
    const { env, simulator } = await serve();
    const { code, stdout, stderr } = await call(
      ['upload', join(folder, 'a.iso'), join(folder, 'b.txt'), 'images', '--progress', 'plain'],
      { env }
    );
    expect(code).toBe(0);
    expect(stdout.match(/^done$/gm)).toHaveLength(2);
    expect(stdout).toMatch(/a\.iso +5 B +ready +SHA1 digest/);
    // Both at the same time: either may begin first.
    expect(stderr).toContain('images/a on 127');
    expect(stderr).toContain('images/b on 127');
    expect(left(simulator)).toEqual({ items: expect.arrayContaining(['a', 'b']), sessions: [] });
    expect(simulator.contents('a')?.files[0]).toMatchObject({ name: 'a.iso', size: 5 });
  });

  it('should put all files into the item that is named, by id as well', async () => {
    const folder = folderWith({ 'a.bin': 'first', 'b.bin': 'second' });
    const { env, simulator } = await serve({ libraries: [{ name: 'images', items: [{ name: 'vm' }] }] });
    const id = simulator.contents('vm')?.id;
    const words = ['upload', join(folder, 'a.bin'), join(folder, 'b.bin'), `images/id:${id}`];
    const { code, stdout } = await call([...words, '--json'], { env });
    expect(code).toBe(0);
    const { schema, items, notBegun } = JSON.parse(stdout);
    expect({ schema, notBegun }).toEqual({ schema: 1, notBegun: [] });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ v: 1, outcome: 'done', item: { id, name: 'vm', made: false } });
    expect(
      simulator
        .contents('vm')
        ?.files.map(file => file.name)
        .sort()
    ).toEqual(['a.bin', 'b.bin']);
  });

  it('should do what is asked when the item is there', async () => {
    const folder = folderWith({ 'a.iso': 'new', 'b.bin': 'other' });
    const { env, simulator } = await serve();
    const to = async (name: string, ...more: string[]) =>
      (await call(['upload', join(folder, name), 'images/x', '--json', ...more], { env })).code;
    const held = () =>
      simulator
        .contents('x')
        ?.files.map(file => file.name)
        .sort();
    expect(await to('a.iso', '--type', 'iso')).toBe(0);
    expect(await to('b.bin', '--if-exists', 'fail')).toBe(11);
    expect(await to('b.bin', '--if-exists', 'skip')).toBe(0);
    expect(held()).toEqual(['a.iso']);
    expect(await to('b.bin')).toBe(0);
    expect(held()).toEqual(['a.iso', 'b.bin']);
    expect(await to('b.bin', '--if-exists', 'replace')).toBe(0);
    expect(held()).toEqual(['b.bin']);
    expect(left(simulator).sessions).toEqual([]);
  });

  it('should refuse a warning that there is none of before it asks the server', async () => {
    const { env, simulator } = await serve();
    const { code, stderr } = await call(['upload', 'a.iso', 'images', '--accept-warning', 'RAIN'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/RAIN/);
    expect(simulator.requests).toEqual([]);
  });

  it('should say every line as JSON under ndjson, whichever run it is of', async () => {
    const folder = folderWith({ 'a.iso': 'first', 'b.iso': 'second' });
    const { env } = await serve({ faults: [{ on: 'put', file: 'b.iso', do: 'answer', status: 503 }] });
    const { code, stderr } = await call(
      [
        'upload',
        join(folder, 'a.iso'),
        join(folder, 'b.iso'),
        'images',
        '--parallel-items',
        '2',
        '--progress',
        'ndjson'
      ],
      { env }
    );
    expect(code).toBe(0);
    const lines = linesOf(stderr);
    expect(new Set(lines.map(line => line.schema))).toEqual(new Set([1]));
    const ends = lines.filter(line => line.type === 'summary');
    expect(ends.map(line => [line.to, line.outcome]).sort()).toEqual([
      ['images/a', 'done'],
      ['images/b', 'done']
    ]);
    expect(new Set(lines.map(line => line.run)).size).toBe(2);
    expect(lines.filter(line => line.type === 'retry').map(line => line.to)).toEqual(['images/b']);
  });

  it('should tell items that go at the same time apart in plain lines', async () => {
    const folder = folderWith({ 'a.iso': 'first', 'b.iso': 'second' });
    const { env } = await serve();
    const { code, stderr } = await call(
      ['upload', join(folder, 'a.iso'), join(folder, 'b.iso'), 'images', '--parallel-items', '2'],
      { env, tty: ['stderr'] }
    );
    expect(code).toBe(0);
    expect(
      stderr
        .trim()
        .split('\n')
        .every(line => /^images\/[ab] \[/.test(line))
    ).toBe(true);
  });

  it('should draw on a terminal, give the cursor back, and put words of its own above', async () => {
    const folder = folderWith({ 'a.iso': 'first' });
    const { env } = await serve();
    const { code, stderr } = await call(['upload', join(folder, 'a.iso'), 'images'], {
      env,
      tty: ['stderr', 'stdout']
    });
    expect(code).toBe(0);
    expect(stderr.startsWith('\x1b[?25l')).toBe(true);
    expect(stderr.endsWith('\x1b[?25h')).toBe(true);
    expect(stderr).toContain('images/a');
  });

  it('should say nothing but errors under -q, and nothing of progress without it', async () => {
    const folder = folderWith({ 'a.iso': 'first' });
    const { env } = await serve();
    const good = await call(['upload', join(folder, 'a.iso'), 'images', '-q'], { env, tty: ['stderr'] });
    expect(good).toMatchObject({ code: 0, stderr: '' });
    const bad = await call(['upload', join(folder, 'none.iso'), 'images', '-q'], { env, tty: ['stderr', 'stdout'] });
    expect(bad.code).toBe(3);
    // The report on the same screen tells it.
    expect(bad.stderr).toBe('');
    expect(bad.stdout).toMatch(/^failed: .*none\.iso/);
    const piped = await call(['upload', join(folder, 'none.iso'), 'images', '--progress', 'ndjson', '-q'], { env });
    expect(linesOf(piped.stderr)).toMatchObject([{ type: 'error', code: 'SOURCE_UNREADABLE', exit: 3 }]);
  });

  it('should say why it failed once, beside a report that names the code, and whose failure it is where there are several', async () => {
    const folder = folderWith({ 'a.iso': 'first', 'b.iso': 'second' });
    const { env } = await serve({ libraries: ['isos'] });
    const count = (text: string) => text.split('there is no library "images"').length - 1;
    const alone = await call(['upload', join(folder, 'a.iso'), 'images'], { env });
    expect([count(alone.stdout), count(alone.stderr)]).toEqual([0, 1]);
    expect(alone.stdout).toMatch(/^failed: NOT_FOUND\n {2}server /);
    expect(alone.stdout).not.toMatch(/^ {2}(next|code)/m);
    expect(alone.stderr).toMatch(/\] failed\nerror: there is no library/);
    const watched = await call(['upload', join(folder, 'a.iso'), 'images'], { env, tty: ['stdout'] });
    expect([count(watched.stdout), count(watched.stderr)]).toEqual([1, 1]);
    const words = ['upload', join(folder, 'a.iso'), join(folder, 'b.iso'), 'images', '--parallel-items', '2'];
    const both = await call(words, { env });
    expect([count(both.stdout), count(both.stderr)]).toEqual([0, 2]);
    expect(both.stdout.match(/^failed: NOT_FOUND$/gm)).toHaveLength(2);
    expect(both.stderr).toMatch(/^error: images\/a: there is/m);
    expect(both.stderr).toMatch(/^error: images\/b: there is/m);
  });

  it('should draw nothing of what could not begin', async () => {
    const { env } = await serve();
    const words = ['upload', join(folderWith(), 'none.iso'), 'images'];
    const { stdout, stderr } = await call(words, { env, tty: ['stderr', 'stdout'] });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\nfailed: .*none\.iso cannot be read/);
    const piped = await call(words, { env, tty: ['stderr'] });
    expect(piped.stderr.split('\n')[0]).toMatch(/^\S*error:\S* .*none\.iso cannot be read/);
  });

  it('should tell each call under -v', async () => {
    const folder = folderWith({ 'a.iso': 'first' });
    const { env } = await serve({ faults: [{ on: 'file.add', do: 'answer', status: 503, message: 'busy' }] });
    const { stderr } = await call(['upload', join(folder, 'a.iso'), 'images', '-v'], { env, tty: ['stderr'] });
    expect(stderr).toMatch(/\naddFile a\.iso: .*busy/);
    expect(stderr).toMatch(/\npush a\.iso: ok\n/);
  });

  it('should add the path that the run took', async () => {
    const folder = folderWith({ 'a.iso': 'first' });
    const { env } = await serve();
    const words = ['upload', join(folder, 'a.iso'), 'images', '--show-path'];
    expect((await call(words, { env })).stdout).toMatch(/\nstateDiagram-v2\n[\s\S]*"upToDate"|"done"/);
    const { items } = JSON.parse((await call([...words, '--json'], { env })).stdout);
    expect(items[0].pathDiagram).toMatch(/^stateDiagram-v2\n[\s\S]*"upToDate"/);
    expect(items[0].outcome).toBe('upToDate');
  });

  it('should go on with the other items when one fails, and end with the worst code', async () => {
    const folder = folderWith({ 'b.iso': 'second' });
    const { env, simulator } = await serve();
    const words = ['upload', join(folder, 'none.iso'), join(folder, 'b.iso'), 'images', '--json'];
    const { code, stdout } = await call(words, { env });
    expect(code).toBe(3);
    const { items } = JSON.parse(stdout);
    expect(items.map((item: { outcome: string }) => item.outcome)).toEqual(['failed', 'done']);
    expect(items[0].failure.next).toBe('check the path and its permissions');
    expect(left(simulator).items).toEqual(['b']);
  });

  it('should begin nothing more after a failure under --fail-fast', async () => {
    const folder = folderWith({ 'b.iso': 'second' });
    const { env, simulator } = await serve();
    const words = ['upload', join(folder, 'none.iso'), join(folder, 'b.iso'), 'images', '--json', '--fail-fast'];
    const { code, stdout, stderr } = await call([...words, '--parallel-items', '1'], { env });
    expect(code).toBe(3);
    expect(JSON.parse(stdout).notBegun).toEqual([
      { files: [join(folder, 'b.iso')], to: { library: 'images', item: 'b' } }
    ]);
    expect(stderr).toMatch(/warning: not begun: .*b\.iso\n/);
    expect(left(simulator)).toEqual({ items: [], sessions: [] });
  });

  it('should cancel what is under way when another item fails under --fail-fast', async () => {
    const folder = folderWith({ 'a.iso': 'a', 'b.iso': 'b' });
    const { env, simulator } = await serve({
      faults: [
        { on: 'put', file: 'a.iso', do: 'stall' },
        { on: 'put', file: 'b.iso', do: 'answer', status: 400, times: 'always' }
      ]
    });
    const words = ['upload', join(folder, 'a.iso'), join(folder, 'b.iso'), 'images', '--json', '--parallel-items', '2'];
    const { code, stdout } = await call([...words, '--fail-fast'], { env });
    const outcomes = JSON.parse(stdout).items.map((item: { outcome: string }) => item.outcome);
    expect(outcomes).toEqual(['canceled', 'failed']);
    expect(code).toBe(6);
    expect(left(simulator)).toEqual({ items: [], sessions: [] });
  });

  it('should count as a retry what is sent again at once', async () => {
    const folder = folderWith({ 'a.iso': 'a' });
    const { env } = await serve({ faults: [{ on: 'put', do: 'corrupt' }] });
    const words = ['upload', join(folder, 'a.iso'), 'images', '--json', '--progress', 'ndjson'];
    const { code, stdout, stderr } = await call(words, { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).items).toMatchObject([{ retries: 1, sent: 2, files: [{ attempts: 2 }] }]);
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).toMatchObject({ type: 'summary', retries: 1, sent: 2 });
  });

  it('should give up at the deadline, clean up, and begin nothing after it', async () => {
    const folder = folderWith({ 'a.iso': 'a', 'b.iso': 'b' });
    const { env, simulator } = await serve({ faults: [{ on: 'put', do: 'stall', times: 'always' }] });
    const words = ['upload', join(folder, 'a.iso'), join(folder, 'b.iso'), 'images', '--json', '--deadline', '500ms'];
    const { code, stdout, stderr } = await call([...words, '--parallel-items', '1'], { env });
    expect(code).toBe(10);
    expect(stderr).toMatch(/error: the time given by --deadline was over before everything was begun\n/);
    const { items, notBegun } = JSON.parse(stdout);
    expect(items[0].failure.code).toBe('DEADLINE');
    expect(notBegun).toHaveLength(1);
    expect(left(simulator)).toEqual({ items: [], sessions: [] });
  });

  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const) {
    it(`should clean up on the server at ${signal}, and end with ${exit}`, async () => {
      const folder = folderWith({ 'a.iso': Buffer.alloc(4 * MIB), 'b.iso': 'b' });
      const { env, simulator } = await serve({ bandwidth: MIB });
      let sent = false;
      const { code, stdout, stderr } = await call(
        [
          ...['upload', join(folder, 'a.iso'), join(folder, 'b.iso'), 'images', '--json', '--progress', 'plain'],
          ...['--parallel-items', '1']
        ],
        {
          env,
          onText: (text, send) => {
            if (sent || !text.includes('a.iso: pushing')) return;
            sent = true;
            send(signal);
          }
        }
      );
      expect(code).toBe(exit);
      const { items, notBegun } = JSON.parse(stdout);
      expect(items.map((item: { outcome: string }) => item.outcome)).toEqual(['canceled']);
      expect(notBegun).toHaveLength(1);
      expect(items[0].failure.message).toBe(`canceled: interrupted (${signal})`);
      expect(stderr).toContain('canceling, and cleaning up on the server; once more ends it at once\n');
      expect(left(simulator)).toEqual({ items: [], sessions: [] });
      expect(simulator.requests.at(-1)?.op).toBe('login.delete');
    });
  }

  it('should end at once at the second signal', async () => {
    const folder = folderWith({ 'a.iso': Buffer.alloc(4 * MIB) });
    const { env } = await serve({ bandwidth: MIB });
    const exits: number[] = [];
    let sent = false;
    await call(['upload', join(folder, 'a.iso'), 'images', '--progress', 'plain'], {
      env,
      onText: (text, send) => {
        if (sent || !text.includes('a.iso: pushing')) return;
        sent = true;
        send('SIGINT');
        send('SIGINT');
      },
      onExit: code => exits.push(code)
    });
    expect(exits).toEqual([130]);
  });

  it('should end while it logs in, too', async () => {
    const { env } = await serve({ faults: [{ on: 'login.create', do: 'stall' }] });
    const pending = call(['upload', 'a.iso', 'images'], {
      env: { ...env, SHELVER_PASSWORD: undefined, SHELVER_PASSWORD_FILE: join(folderWith({ pw: 'pass' }), 'pw') },
      onText: () => undefined,
      signalSoon: 'SIGINT'
    });
    const { code, stderr } = await pending;
    expect(code).toBe(130);
    expect(stderr).toMatch(/error: interrupted \(SIGINT\)/);
  });
});
