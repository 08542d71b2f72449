// shelver upload --pull: what may be asked for, and what is never said of it.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobsOf, labelOf } from '../../src/cli/jobs.ts';
import { pullsOf } from '../../src/cli/pulls.ts';
import { certificateFor } from '../client/certificates.ts';
import { serve as serveSource } from '../client/servers.ts';
import { call, folderWith, left, serve } from './call.ts';

const SECRET = 'canary-signature-0a1b';
const FOX = 'the quick brown fox';
const SUM = createHash('sha256').update(FOX).digest('hex');
const OURS = certificateFor('ours');
const source = (tls?: typeof OURS) =>
  serveSource(({ method, url }, response) => {
    if (!url?.includes(SECRET)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': FOX.length });
    return response.end(method === 'HEAD' ? undefined : FOX);
  }, tls && { tls });

describe('the sources that a call names', () => {
  it('should stand beside files, and become items of their own in a library', () => {
    const a = { pull: `https://x.example/pool/a%20b.iso?sig=${SECRET}` };
    expect(jobsOf(['images/vm'], [a])).toEqual([{ to: { library: 'images', item: 'vm' }, files: [a] }]);
    expect(jobsOf(['c.iso', 'images'], [a]).map(({ to }) => to.item)).toEqual(['c', 'a b']);
    expect(jobsOf(['images'], [{ pull: 'nothing' }])[0]?.to.item).toBe('item');
    expect([labelOf(a), labelOf('c.iso')]).toEqual(['https://x.example/pool/a%20b.iso', 'c.iso']);
    expect(() => jobsOf(['x/a b.iso', 'images'], [a])).toThrow(
      'x/a b.iso and https://x.example/pool/a%20b.iso would both become the item "a b"'
    );
  });
  it('should have what is given with them, and the proxy of their own host', async () => {
    const folder = folderWith({ 'ca.pem': OURS.cert });
    const env = { https_proxy: 'http://p:1', no_proxy: 'near.example' };
    const flags = { probe: false, sourceThumbprint: 'AA', sourceCaFile: join(folder, 'ca.pem') };
    const uris = ['https://far.example/a', 'https://near.example/b', 'ds:///c'];
    expect(await pullsOf({ ...flags, pull: uris }, env)).toEqual([
      { pull: uris[0], thumbprint: 'AA', ca: OURS.cert, proxy: 'http://p:1', probe: false },
      { pull: uris[1], thumbprint: 'AA', ca: OURS.cert, probe: false },
      { pull: uris[2], thumbprint: 'AA', ca: OURS.cert, probe: false }
    ]);
    expect(await pullsOf({ probe: true, pull: ['http://x/a'], checksum: `SHA-256:${SUM.toUpperCase()}` }, {})).toEqual([
      { pull: 'http://x/a', checksum: { algorithm: 'SHA256', checksum: SUM } }
    ]);
    expect(await pullsOf({ probe: true }, {})).toEqual([]);
  });
});

describe('shelver upload --pull', () => {
  it('should have the server fetch it, show how that goes, and never show what may be a secret', async () => {
    const { url, place } = await source();
    const { env, simulator } = await serve({ pull: { hosts: [place] } });
    const words = ['upload', '--pull', `${url}/fox.iso?sig=${SECRET}`, '--checksum', `sha256:${SUM}`, 'images'];
    const plain = await call([...words, '--progress', 'plain', '-v'], { env });
    expect(plain.code).toBe(0);
    expect(plain.stderr).toContain('fox.iso: the server fetches it');
    expect(plain.stdout).toMatch(/fox\.iso +19 B +ready +SHA256 digest +1 +0 B +19 B/);
    expect(plain.stdout).toContain(`pulled   fox.iso from ${url}/fox.iso\n`);
    const again = await call([...words, '--progress', 'ndjson', '--json'], { env });
    expect(JSON.parse(again.stdout).items).toMatchObject([{ outcome: 'upToDate', files: [{ name: 'fox.iso' }] }]);
    for (const { stdout, stderr } of [plain, again]) expect(stdout + stderr).not.toContain(SECRET);
    expect(left(simulator)).toEqual({ items: ['fox'], sessions: [] });
  });
  it('should say whose certificate is not trusted, and trust what it is told to trust', async () => {
    const { url, place } = await source(OURS);
    const folder = folderWith({ 'ca.pem': OURS.cert });
    const { env, simulator } = await serve({ pull: { hosts: [place] } });
    const words = ['upload', '--pull', `${url}/fox.iso?sig=${SECRET}`, 'images'];
    const refused = await call(words, { env });
    expect(refused.code).toBe(8);
    expect(refused.stderr).toContain(`the certificate of the source ${place} is not trusted`);
    expect(refused.stderr).toContain('--source-thumbprint');
    expect(left(simulator)).toEqual({ items: [], sessions: [] });
    const another = `${OURS.sha1.startsWith('0') ? '1' : '0'}${OURS.sha1.slice(1)}`;
    expect((await call([...words, '--source-thumbprint', another], { env })).code).toBe(8);
    expect((await call([...words, '--source-thumbprint', OURS.sha256], { env })).code).toBe(0);
    expect((await call([...words, '--source-ca-file', join(folder, 'ca.pem')], { env })).code).toBe(0);
  });
  it('should say what was not begun without the query of its address', async () => {
    const { env } = await serve();
    const words = [
      'upload',
      '--pull',
      `https://x.invalid/a.iso?sig=${SECRET}`,
      '--pull',
      `https://x.invalid/b.iso?sig=${SECRET}`
    ];
    const { stdout, stderr } = await call([...words, 'images', '--fail-fast', '--parallel-items', '1', '--json'], {
      env
    });
    expect(JSON.parse(stdout).notBegun).toEqual([
      { files: ['https://x.invalid/b.iso'], to: { library: 'images', item: 'b' } }
    ]);
    expect(stderr).toContain('not begun: https://x.invalid/b.iso');
    expect(stdout + stderr).not.toContain(SECRET);
  });

  const AT = 'https://x.example/a.iso';
  it.each([
    [
      ['--checksum', `sha256:${SUM}`, 'a', 'images'],
      '--checksum is about what the server fetches, and there is no --pull'
    ],
    [['--source-thumbprint', 'ab', 'a', 'images'], '--source-thumbprint is about what the server fetches'],
    [['--source-ca-file', 'x', 'a', 'images'], '--source-ca-file is about what the server fetches'],
    [['--no-probe', 'a', 'images'], '--no-probe is about what the server fetches'],
    [['--pull', AT, '--pull', `${AT}b`, '--checksum', 'md5:1', 'images'], '--checksum is for one file'],
    [['--pull', `https://me:${SECRET}@x.example/a.iso`, 'images'], 'holds a user name or password'],
    [['--pull', AT, '--checksum', SUM, 'images'], '--checksum must be an algorithm and its hexadecimal digits'],
    [
      ['--pull', AT, '--checksum', `crc:${SUM}`, 'images'],
      '--checksum must be an algorithm and its hexadecimal digits'
    ],
    [
      ['--pull', AT, '--source-ca-file', '/nowhere/ca.pem', 'images'],
      'the file /nowhere/ca.pem given by --source-ca-file cannot be read (ENOENT)'
    ],
    [['--pull', AT, '--source-thumbprint', 'ab', 'images'], 'thumbprint must be a fingerprint'],
    [['--pull', `nothing?${SECRET}`, 'images'], 'pull: it is not a URL such as'],
    [['--pull', `ftp://x.example/a?${SECRET}`, 'images'], 'it begins with "ftp:"'],
    [['--pull', `https://x.example/?${SECRET}`, 'images'], 'the address ends in no file name'],
    [['--pull', AT], "missing required argument 'paths'"]
  ])('should be refused in one sentence, before any server is asked: %j', async (words, says) => {
    const { code, stderr, stdout } = await call(['upload', ...words], { env: {} });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain(SECRET);
  });
});
