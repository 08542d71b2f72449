// What the service shall fetch: how it is described, what of its address may be said, and what is learned by looking at it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan, pullMeansOf } from '../../src/plan.ts';
import { PortFailure, type Probed, type ProbeRequest } from '../../src/ports.ts';
import type { PulledFile } from '../../src/sources/planned-file.ts';
import type { PullMeans } from '../../src/sources/pull.ts';
import {
  addressFault,
  hasUser,
  isWeb,
  mayHoldSecret,
  nameIn,
  secretsIn,
  shownAddress
} from '../../src/sources/pull-address.ts';
import { pullFaults } from '../../src/sources/pull-file.ts';
import { checkSpec, type PullFile } from '../../src/spec.ts';
import { certificateFor } from '../client/certificates.ts';
import { bytesOf } from '../run/bytes.ts';

const SHA256 = { algorithm: 'SHA256', checksum: 'a'.repeat(64) };
const OURS = certificateFor('ours');
const PRINT = OURS.sha1.replace(/[:\s]/g, '').toUpperCase().match(/../g)!.join(':');
const refusal = async (work: () => unknown) => {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof PortFailure) return cause.failure;
    throw cause;
  }
  throw new Error('nothing was refused');
};

describe('the description of a file to pull', () => {
  const checked = (pull: object) => checkSpec({ to: 'l/i', files: [pull] });

  it('should be taken as it is', () => {
    for (const pull of [
      { pull: 'https://x.example/a.iso' },
      { pull: 'ds:///vmfs/volumes/1/a.iso', name: 'b.iso', checksum: SHA256, size: 0, probe: false },
      { pull: 'http://x.example/d?id=1', name: 'b.iso', thumbprint: OURS.sha1, proxy: 'http://p:1', ca: OURS.cert },
      { pull: 'file:///a.iso', certificate: OURS.cert },
      { pull: 'file:///a.iso', name: `${'é'.repeat(127)}a` }
    ]) {
      expect(checked(pull).files).toEqual([pull]);
    }
  });
  it.each([
    [{ pull: 7 }, 'files[0]: pull: it is not a text'],
    [{ pull: 'a.iso' }, 'pull: it is not a URL such as'],
    [{ pull: ' https://x/a' }, 'pull: it is not a URL such as'],
    [{ pull: 'https://x/a\u0007' }, 'pull: it is not a URL such as'],
    [{ pull: 'ftp://x/a' }, 'begins with "ftp:", and the service fetches from http:, https:, file: and ds:'],
    [{ pull: 'https://x.example/' }, 'the address ends in no file name (a file name must not be empty): give a name'],
    [{ pull: 'https://x.example/..%2f' }, 'the address ends in no file name'],
    [{ pull: 'https://x.example/a', name: 'a/b' }, '"a/b" holds a "/"'],
    [{ pull: 'https://x.example/a', name: '  ' }, 'a file name must not be empty'],
    [{ pull: 'https://x.example/a', name: `${'é'.repeat(127)}ab` }, 'is longer than 255 bytes'],
    [{ pull: 'https://x.example/a', name: 7 }, 'the name must be a text'],
    [
      { pull: 'https://x.example/a', checksum: { algorithm: 'CRC', checksum: '' } },
      'checksum.algorithm must be one of'
    ],
    [{ pull: 'https://x.example/a', checksum: 7 }, 'checksum.algorithm must be one of'],
    [{ pull: 'https://x.example/a', checksum: null }, 'checksum.algorithm must be one of'],
    [
      { pull: 'https://x.example/a', checksum: { ...SHA256, checksum: `${'a'.repeat(63)}g` } },
      'checksum.checksum must be 64 lower'
    ],
    [
      { pull: 'https://x.example/a', checksum: { ...SHA256, checksum: 'A'.repeat(64) } },
      'checksum.checksum must be 64 lower'
    ],
    [{ pull: 'https://x.example/a', size: -1 }, 'size must be a whole number of bytes'],
    [{ pull: 'https://x.example/a', size: '1' }, 'size must be a whole number of bytes'],
    [{ pull: 'https://x.example/a', thumbprint: 'abc' }, 'thumbprint must be a fingerprint'],
    [{ pull: 'https://x.example/a', thumbprint: `${'a'.repeat(64)}b` }, 'thumbprint must be a fingerprint'],
    [{ pull: 'https://x.example/a', thumbprint: `${'a'.repeat(40)}b` }, 'thumbprint must be a fingerprint'],
    [{ pull: 'https://x.example/a', thumbprint: `x${'a'.repeat(64)}` }, 'thumbprint must be a fingerprint'],
    [{ pull: 'https://x.example/a', thumbprint: 7 }, 'thumbprint must be a fingerprint'],
    [{ pull: 'https://x.example/a', certificate: 'abc' }, 'certificate must be a certificate in PEM'],
    [{ pull: 'https://x.example/a', ca: 7 }, 'ca must be a certificate in PEM'],
    [{ pull: 'https://x.example/a', thumbprint: OURS.sha1, certificate: OURS.cert }, 'say the same: give one'],
    [{ pull: 'https://x.example/a', proxy: 7 }, 'proxy must be a text'],
    [{ pull: 'https://x.example/a', probe: 'no' }, 'probe must be true or false'],
    [{ pull: 'https://x.example/a', source: 1 }, 'there is no "source" in a source to pull']
  ])('should be refused with a sentence: %j', async (pull, says) => {
    const { code, message } = await refusal(() => checked(pull));
    expect([code, message]).toEqual(['INVALID_SPEC', expect.stringContaining(says)]);
  });
  it('should never be repeated, whatever is wrong with it', async () => {
    const pull = {
      pull: 'ftp://me:canary-1@x.example/?canary-2',
      name: '',
      size: 'canary',
      checksum: 'canary',
      thumbprint: 'canary'
    };
    expect(pullFaults(pull).length).toBeGreaterThan(4);
    expect((await refusal(() => checked(pull))).message).not.toContain('canary');
  });
  it('should be no OVA or OVF where an item shall hold exactly what is known', async () => {
    const files = (name: string) => ({
      to: 'l/i',
      ifExists: 'replace',
      files: [{ pull: `https://x.example/${name}` }]
    });
    for (const name of ['a.ova', 'a.OVF']) {
      expect((await refusal(() => checkSpec(files(name)))).message).toContain('an OVA or OVF to pull brings more');
    }
    expect(checkSpec(files('a.iso')).ifExists).toBe('replace');
    const named = { to: 'l/i', ifExists: 'replace', files: [{ pull: 'https://x.example/d', name: 'd.ova' }, 'a'] };
    expect((await refusal(() => checkSpec(named))).message).toContain('brings more');
    const wrong = { to: 'l/i', ifExists: 'replace', files: [{ pull: 7 }, { pull: 'nothing' }] };
    expect((await refusal(() => checkSpec(wrong))).message).not.toContain('brings more');
  });
});

describe('an address', () => {
  it.each([
    ['https://me:pw@x.example:8443/a%20b.iso?sig=1#top', 'https://x.example:8443/a%20b.iso', 'a b.iso'],
    ['http://x.example/%E0%A4%A', 'http://x.example/%E0%A4%A', '%E0%A4%A'],
    ['ds:///vmfs/volumes/1-2/lib/a.iso', 'ds:///vmfs/volumes/1-2/lib/a.iso', 'a.iso'],
    ['ds://me:pw@store/vmfs/a.iso?token=1', 'ds://store/vmfs/a.iso', 'a.iso'],
    ['file:///srv/a.iso#part', 'file:///srv/a.iso', 'a.iso']
  ])('should be shown without what may be a secret, and name its file: %s', (uri, shown, name) => {
    expect([shownAddress(uri), nameIn(uri)]).toEqual([shown, name]);
  });
  it('should be no more than a source where it is no address', () => {
    expect(shownAddress('canary')).toBe('the source');
  });
  it('should say whether it holds a user or can be looked at from here', () => {
    expect(['https://me@x/a', 'https://:pw@x/a', 'http://[me@x'].map(hasUser)).toEqual([true, true, true]);
    expect(['https://x/a@b', 'https://x//a@b', 'http://[x'].map(hasUser)).toEqual([false, false, false]);
    expect(['HTTPS://x/a', 'http://x/a', 'ds:///a', 'file:///http:/a'].map(isWeb)).toEqual([true, true, false, false]);
    expect(addressFault('https://x/a')).toBeUndefined();
  });
  it('should be written down only where there is nothing in it that may be a secret', () => {
    const some = ['https://me@x.example/a', 'https://x.example/a?sig=1', 'https://x.example/a#part'];
    expect(some.map(mayHoldSecret)).toEqual([true, true, true]);
    expect(mayHoldSecret('https://x.example/a/b.iso')).toBe(false);
  });
  it('should give away none of its secrets when what holds them is cut out', () => {
    const text = fc.stringMatching(/^[\w%/+ .-]{6,20}$/);
    fc.assert(
      fc.property(text, text, text, text, (user, password, key, value) => {
        const uri = `https://${encodeURIComponent(user)}:${encodeURIComponent(password)}@x.example/a.iso?${new URLSearchParams({ [key]: value })}`;
        const secrets = secretsIn(uri);
        const echo = `GET ${uri} as ${user} with ${password} and ${value}, or ${encodeURIComponent(value)}`;
        const left = [...secrets]
          .sort((a, b) => b.length - a.length)
          .reduce((said, secret) => said.replaceAll(secret, '#'), echo);
        expect(left.replace(/^GET # as # with # and #, or #$/, '')).toBe('');
      })
    );
    expect(secretsIn('https://x.example/a.iso?v=2')).toEqual([]);
    // a short password is one, too
    const short = secretsIn('https://me:pw@x.example/a');
    expect([short.includes('https://me:pw@x.example/a'), short.includes('me:pw')]).toEqual([true, true]);
    expect(secretsIn('https://me:100%25safe@x.example/')).toContain('100%safe');
    expect(secretsIn('https://me:100%safe@x.example/')).toContain('100%safe');
  });
});

describe('a plan with files to pull', () => {
  const looking = (seen: Partial<Probed> = {}) => {
    const asked: ProbeRequest[] = [];
    const means: PullMeans = {
      probe: {
        probe: async request => {
          asked.push(request);
          return { uri: request.uri, ...seen };
        }
      }
    };
    return { means, asked };
  };
  const planned = async (
    pulls: readonly (PullFile | object)[],
    means: PullMeans = looking().means,
    more: object = {}
  ) => plan(checkSpec({ to: 'l/i', files: pulls, ...more }), undefined, means);
  const CERTIFICATE = { pem: OURS.cert, thumbprint: PRINT };

  it('should have looked at each source, with what the caller believes of it', async () => {
    const { means, asked } = looking({ size: 5, certificate: CERTIFICATE });
    const pull = { pull: 'https://x.example/a.iso?sig=secret', ca: OURS.cert, proxy: 'http://p:1', checksum: SHA256 };
    const { files, itemName, itemType, notes } = await planned([pull], means, { to: 'l' });
    expect([itemName, itemType, notes]).toEqual(['a', 'iso', []]);
    expect(files).toEqual([
      {
        name: 'a.iso',
        role: 'plain',
        from: 'https://x.example/a.iso',
        size: 5,
        digest: SHA256,
        pull: { uri: pull.pull, thumbprint: PRINT }
      }
    ]);
    expect(asked).toEqual([
      { uri: pull.pull, thumbprint: undefined, ca: OURS.cert, proxy: 'http://p:1', signal: undefined }
    ]);
  });
  it('should hand the certificate itself to a service that takes it, and pin what the caller gave', async () => {
    const { means, asked } = looking({ certificate: CERTIFICATE });
    const { files } = await planned([{ pull: 'https://x.example/a', certificate: OURS.cert }], {
      ...means,
      certificates: true
    });
    expect((files[0] as PulledFile).pull).toEqual({ uri: 'https://x.example/a', certificate: OURS.cert });
    expect(asked[0]?.thumbprint?.replaceAll(':', '')).toBe(OURS.sha256.replaceAll(':', '').toUpperCase());
  });
  it('should send the service where redirects lead to, and say so when that is another host', async () => {
    const there = looking({ uri: 'https://cdn.example/x?sig=secret' });
    const { files, notes } = await planned([{ pull: 'https://x.example/a.iso' }], there.means);
    expect((files[0] as PulledFile).pull.uri).toBe('https://cdn.example/x?sig=secret');
    expect(files[0]).toMatchObject({ name: 'a.iso', from: 'https://x.example/a.iso' });
    expect(notes).toEqual(['a.iso: x.example redirects to cdn.example, and the server was sent there']);
    const near = looking({ uri: 'http://x.example/b' });
    expect((await planned([{ pull: 'http://x.example/a' }], near.means)).notes).toEqual([]);
  });
  it.each([
    ['as asked', { pull: 'https://x.example/a', probe: false }, looking().means],
    ['nothing here could', { pull: 'https://x.example/a' }, {}],
    ['only the server can', { pull: 'ds:///vmfs/a' }, looking().means]
  ])('should say that a source was not looked at: %s', async (why, pull, means) => {
    const { notes, files } = await planned([pull], means);
    expect(notes).toEqual([`a: the source was not looked at before (${why})`]);
    expect((files[0] as PulledFile).pull).toEqual({ uri: pull.pull });
  });
  it('should hand on the fingerprint of a source that is not looked at, in the form of the service', async () => {
    const unseen = async (more: object, means: PullMeans = {}) =>
      ((await planned([{ pull: 'https://x.example/a', probe: false, ...more }], means)).files[0] as PulledFile).pull;
    const plain = OURS.sha1.replaceAll(':', '').toLowerCase();
    expect(await unseen({ thumbprint: plain })).toMatchObject({ thumbprint: PRINT });
    expect(await unseen({ certificate: OURS.cert })).toMatchObject({ thumbprint: PRINT });
    expect(await unseen({ certificate: OURS.cert }, { certificates: true })).toMatchObject({ certificate: OURS.cert });
    expect(await unseen({ thumbprint: plain, pull: 'http://x.example/a' })).toEqual({ uri: 'http://x.example/a' });
    const failure = await refusal(() => unseen({ thumbprint: OURS.sha256 }));
    expect([failure.code, failure.next]).toEqual(['INVALID_SPEC', expect.stringContaining('SHA-1')]);
    const broken = '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----';
    expect((await refusal(() => unseen({ certificate: broken }))).message).toContain('cannot be read');
  });
  it('should be refused when the source has another size than the caller says', async () => {
    const pull = { pull: 'https://x.example/a?sig=secret', size: 4 };
    const failure = await refusal(() => planned([pull], looking({ size: 5 }).means));
    expect([failure.code, failure.message]).toEqual([
      'SOURCE_DISAGREES',
      'https://x.example/a has 5 bytes, and 4 were said'
    ]);
    expect((await planned([pull], looking({ size: 4 }).means)).files[0]?.size).toBe(4);
    expect((await planned([pull], looking().means)).files[0]?.size).toBe(4);
    expect((await planned([{ ...pull, size: undefined }])).files[0]?.size).toBeUndefined();
  });
  it('should make an ovf item of an OVA or OVF, and know what its parts are for', async () => {
    const roles = async (names: readonly string[], more: object = {}) => {
      const { files, itemType } = await planned(
        names.map(name => ({ pull: `https://x.example/${name}` })),
        undefined,
        more
      );
      return [itemType, ...files.map(({ role }) => role)];
    };
    expect(await roles(['a.ova'])).toEqual(['ovf', 'archive']);
    expect(await roles(['a.mf', 'a.CERT', 'a.ovf', 'a.vmdk'])).toEqual([
      'ovf',
      'manifest',
      'certificate',
      'descriptor',
      'plain'
    ]);
    expect(await roles(['a.mf', 'a.iso'])).toEqual(['', 'plain', 'plain']);
    expect(await roles(['a.ova'], { itemType: 'file' })).toEqual(['file', 'plain']);
    expect((await refusal(() => roles(['a.ova', 'b.ovf']))).message).toContain('an item holds one template');
    const local = { name: 'd.vmdk', source: bytesOf(new Uint8Array(3), 3) };
    const mixed = await planned([{ pull: 'https://x.example/a.ovf' }, local]);
    expect(mixed.files.map(({ name, role }) => [name, role])).toEqual([
      ['a.ovf', 'descriptor'],
      ['d.vmdk', 'plain']
    ]);
  });
  it('should give no checksum for an OVA, because the service takes none', async () => {
    const failure = await refusal(() => planned([{ pull: 'https://x.example/a.ova', checksum: SHA256 }]));
    expect([failure.code, failure.message]).toEqual([
      'INVALID_SPEC',
      expect.stringContaining('no checksum for an OVA (a.ova)')
    ]);
  });
  it('should have the ports of a run for its means', () => {
    const { probe } = looking().means;
    const library = { server: { takesCertificates: true } } as never;
    expect(pullMeansOf({ probe, library })).toEqual({ probe, certificates: true, signal: undefined });
  });
});
