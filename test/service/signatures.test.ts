// A package under a manifest and a signature: what the service compares, and what it takes as it is.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignatureOf, readCertificate } from '../../src/simulator/service/certificate.ts';
import { readManifest } from '../../src/simulator/service/manifest.ts';
import { signedPackage } from '../sources/signed-package.ts';
import { ED25519, SELF_SIGNED } from './certificates.ts';
import { type Model, Service } from './fixture.ts';

const AT = Date.parse('2027-01-01T00:00:00Z');
const ORDER = ['vm.mf', 'vm.cert', 'vm.ovf', 'vm-disk1.vmdk'];

/** What the service finds wrong with a signed package that was changed on its way. */
function findings(change: (files: Record<string, string | Uint8Array>) => void = () => undefined) {
  const s = new Service();
  s.at = AT;
  const item = s.item('ovf');
  const id = s.session(item);
  const { files } = signedPackage(AT, change);
  for (const name of ORDER) {
    // with the digest that a client takes from the manifest, so that the service makes one by the same algorithm
    const content = String(files[name] ?? '');
    const checksum_info = { algorithm: 'SHA256', checksum: sha256(content) };
    if (files[name] !== undefined) s.put(s.add(id, name, { checksum_info }), content);
  }
  const { invalid_files } = s.do<{ invalid_files: { name: string; error_message: { args: string[] } }[] }>(
    'file.validate',
    { update_session_id: id }
  );
  return invalid_files.map(({ name, error_message }) => `${name}: ${error_message.args[1]}`);
}

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');

describe('a signed package', () => {
  it('should be found whole when it is', () => {
    expect(findings()).toEqual([]);
  });

  it('should not hold another manifest than the one that was signed', () => {
    expect(
      findings(files => {
        files['vm.mf'] = `${files['vm.mf']}\n`;
      })
    ).toEqual(['vm.cert: its signature is not over vm.mf as it is']);
  });

  it('should not be signed by another key than that of its certificate', () => {
    expect(
      findings(files => {
        const cert = String(files['vm.cert']);
        files['vm.cert'] = `${cert.slice(0, cert.indexOf('-----'))}${SELF_SIGNED}`;
      })
    ).toEqual(['vm.cert: its signature is not over vm.mf as it is']);
  });

  it('should not hold other files than the manifest says', () => {
    const wrong = findings(files => {
      files['vm-disk1.vmdk'] = 'other sectors';
    });
    expect(wrong).toEqual([
      expect.stringMatching(/^vm-disk1\.vmdk: its SHA256 checksum is \w{64}, and vm\.mf says \w{64}$/)
    ]);
  });

  it('should be taken where there is nothing to compare: no manifest, no signature, a line or an algorithm unknown', () => {
    const changes: ((files: Record<string, string | Uint8Array>) => void)[] = [
      files => {
        delete files['vm.mf'];
      },
      files => {
        files['vm.cert'] = SELF_SIGNED;
      },
      files => {
        delete files['vm.cert'];
        files['vm.mf'] = `SHA256(vm.ovf)= 00\nWHIRLPOOL(vm.ovf)= 00\nSHA256(none.vmdk)= ${'0'.repeat(64)}`;
      },
      files => {
        delete files['vm.cert'];
        files['vm.mf'] = `SHA512(vm.ovf)= ${'0'.repeat(128)}`;
      }
    ];
    for (const change of changes) expect(findings(change)).toEqual([]);
  });

  it('should not be completed when something in it is not what was signed', () => {
    const s = new Service();
    s.at = AT;
    const id = s.session(s.item('ovf'));
    const { files } = signedPackage(AT);
    s.put(s.add(id, 'vm.mf'), `${files['vm.mf']} `);
    for (const name of ORDER.slice(1)) s.put(s.add(id, name), String(files[name]));
    expect(s.refusal('session.complete', { update_session_id: id })).toContain('missing_or_invalid_files');
    expect((s.get(id) as Model).state).toBe('ACTIVE');
  });
});

describe('a manifest', () => {
  it('should be read line by line, in any case, and not when it is too large', () => {
    const sha1 = 'AB'.repeat(20);
    expect(readManifest(`SHA1(a (1).ovf)= ${sha1}\r\nsha1(b)=${sha1}\nnonsense`)?.digests).toEqual([
      { name: 'a (1).ovf', algorithm: 'SHA1', checksum: sha1.toLowerCase() },
      { name: 'b', algorithm: 'SHA1', checksum: sha1.toLowerCase() }
    ]);
    expect(readManifest(undefined)).toBeUndefined();
    expect(readManifest('x'.repeat(1024 * 1024 + 1))).toBeUndefined();
  });
});

describe('a signature', () => {
  it('should hold for nothing where there is none, or where its key cannot be used', () => {
    for (const text of [SELF_SIGNED, `SHA256(vm.mf)= 00\n${ED25519}`]) {
      const facts = readCertificate(text);
      expect(facts.fault).toBeUndefined();
      if (facts.fault === undefined) expect(isSignatureOf(facts, 'x')).toBe(false);
    }
  });
});
