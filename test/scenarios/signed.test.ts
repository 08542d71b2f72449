// Content that is signed: what the service says of the certificate is heeded before complete, not found out afterwards.
import { verify, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WarningType } from '../../machines/vocabulary.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { bytesOf } from '../run/bytes.ts';
import { testFolder } from '../sources/folder.ts';
import { signedPackage, tarOf } from '../sources/signed-package.ts';
import { type Ended, httpStage, left, portStage, type Stage } from './stage.ts';

const NOTHING = { sessions: [], items: [] };
const DAY_MS = 86_400_000;
const SELF = 'SELF_SIGNED_CERTIFICATE';
const EXPIRED = 'EXPIRED_CERTIFICATE';
const NOT_YET = 'NOT_YET_VALID_CERTIFICATE';
const folder = testFolder();
let made = 0;

/** Uploads a package that is valid from so many days before now: as files, as one archive, or out of memory. */
async function upload(
  stage: Stage,
  { daysAgo = 1, as, accept = [] }: { daysAgo?: number; as: Form; accept?: readonly WarningType[] }
): Promise<Ended> {
  const { files } = signedPackage(stage.clock.now() - daysAgo * DAY_MS);
  const truth = new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]));
  const spec = { to: 'images/vm', acceptWarnings: accept };
  if (as === 'sources') {
    const sources = Object.entries(files).map(([name, content]) => ({ name, source: bytesOf(content) }));
    return stage.play({ ...spec, files: sources });
  }
  const place = folder.sub(`p${++made}`);
  for (const [name, content] of Object.entries(files)) place.put(name, content);
  if (as === 'ova') place.put('vm.ova', await tarOf(files));
  return stage.play({ ...spec, files: [join(place.path, `vm.${as}`)] }, { truth });
}
const isReview = (state: string) => state.startsWith('holding.reviewing');
type Form = 'ovf' | 'ova' | 'sources';

describe('a signed package', () => {
  it('should be signed indeed', () => {
    const { files } = signedPackage();
    const cert = String(files['vm.cert']);
    const signature = Buffer.from(/= ([0-9a-f]+)\n/.exec(cert)![1]!, 'hex');
    const { publicKey } = new X509Certificate(cert.slice(cert.indexOf('-----BEGIN')));
    expect(verify('sha256', Buffer.from(String(files['vm.mf'])), publicKey, signature)).toBe(true);
  });
});

describe.each<[string, Form, () => Promise<Stage>]>([
  ['an .ovf with its files, over HTTP', 'ovf', () => httpStage()],
  ['an .ova, over HTTP', 'ova', () => httpStage()],
  ['files out of memory, by ports', 'sources', async () => portStage()]
])('a signed package: %s', (_, as, open) => {
  it('should stop an upload that nobody said may go on', async () => {
    const stage = await open();
    const ended = await upload(stage, { as });
    expect(ended.report).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'WARNINGS',
        message: expect.stringContaining(SELF),
        next: `check the certificate; to go on in spite of it: --accept-warning ${SELF}`
      }
    });
    expect(ended.report.path.some(isReview)).toBe(true);
    expect(ended.report.path).not.toContain('holding.completing');
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should be uploaded with the warning accepted, and the report say so', async () => {
    const stage = await open();
    const { report } = await upload(stage, { as, accept: [SELF] });
    expect(report).toMatchObject({
      outcome: 'done',
      notes: [expect.stringContaining(`in spite of ${SELF}, as asked`)]
    });
    expect(report.files.map(file => `${file.name} ${file.verified}`)).toEqual([
      'vm.mf notKept',
      'vm.cert notKept',
      'vm.ovf digest',
      'vm-disk1.vmdk digest'
    ]);
    expect(
      stage.simulator
        .contents('vm')
        ?.files.map(({ name }) => name)
        .toSorted()
    ).toEqual(['vm-disk1.vmdk', 'vm.ovf']);
  });

  it.each([
    [EXPIRED, 4000],
    [NOT_YET, -2]
  ] as const)('should stop for each warning that is not accepted: %s', async (type, daysAgo) => {
    const stage = await open();
    const { report } = await upload(stage, { as, daysAgo, accept: [SELF] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'WARNINGS' } });
    expect(report.failure?.message).toContain(type);
    expect(report.failure?.message).not.toContain(SELF);
    expect(report.failure?.next).toContain(`--accept-warning ${type}`);
    expect(left(stage)).toEqual(NOTHING);
    const both = await upload(stage, { as, daysAgo, accept: [SELF, type] });
    expect(both.report.outcome).toBe('done');
    expect(both.report.notes.join()).toMatch(new RegExp(`${SELF}.*${type}`));
  });
});

describe('a package that is not what was signed', () => {
  it('should end the upload before complete, whatever warnings are accepted', async () => {
    const stage = await httpStage();
    const { files } = signedPackage(undefined, its => {
      its['vm.mf'] = `${its['vm.mf']}\n`;
    });
    const sources = Object.entries(files).map(([name, content]) => ({ name, source: bytesOf(content) }));
    const { report } = await stage.play({ to: 'images/vm', files: sources, acceptWarnings: [SELF] });
    expect(report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'INVALID_FILES', message: expect.stringContaining('its signature is not over vm.mf') }
    });
    expect(report.path).not.toContain('holding.completing');
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('a server that shows no warnings', () => {
  it('should take a signed package, and the report say that nothing could be accepted', async () => {
    const stage = await httpStage({ profile: PROFILES['6.5'] });
    const ended = await upload(stage, { as: 'ovf' });
    expect(ended.report.outcome).toBe('done');
    expect(ended.report.notes).toContain(
      'vm.cert: this server does not say what it makes of a certificate, so there was nothing to accept'
    );
    expect(ended.report.path.some(isReview)).toBe(false);
    expect(ended.report.path).toContain('holding.completing');
  });
});

describe('an OVA that is sent as one file', () => {
  it('should be reviewed by what is in it', async () => {
    const { simulator, clock } = portStage();
    const { library, bytes } = simulator.ports();
    const [libraryId = ''] = await library.findLibraries({ name: 'images' });
    const itemId = await library.createItem({ libraryId, name: 'vm', type: 'ovf' });
    const session = await library.createSession({ itemId });
    const ova = await tarOf(signedPackage(clock.now() - 4000 * DAY_MS).files);
    const { uploadUri = '' } = await library.addFile(session, { name: 'vm.ova', sourceType: 'PUSH', size: ova.length });
    const source = {
      size: ova.length,
      read: async function* () {
        yield ova;
      }
    };
    await bytes.push({ uri: uploadUri, source, hash: [] });
    expect((await library.getSession(session)).preview).toMatchObject({
      state: 'AVAILABLE',
      warnings: [{ type: SELF }, { type: EXPIRED }]
    });
  });
});
