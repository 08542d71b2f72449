// Items of type ovf: what the descriptor references, the order of the manifest, archives, signatures.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DESCRIPTOR_LIMIT, readDescriptor } from '../../src/simulator/service/descriptor.ts';
import { findTransfer } from '../../src/simulator/service/transfers.ts';
import { SELF_SIGNED, SIGNED_BY_OTHER } from './certificates.ts';
import { type Model, received, Service, said } from './fixture.ts';

function ovf(...hrefs: string[]): string {
  const files = hrefs.map(href => `<File ovf:id="f" ovf:href="${href}"/>`).join('');
  return `<?xml version="1.0"?><Envelope xmlns:ovf="x"><References>${files}</References></Envelope>`;
}

/** A service with a session on an ovf item. */
function onOvf(rules = {}) {
  const s = new Service({}, rules);
  s.at = Date.parse('2027-01-01T00:00:00Z');
  const item = s.item('ovf');
  const id = s.session(item);
  const validate = () => s.do<Model>('file.validate', { update_session_id: id });
  return { s, item, id, args: { update_session_id: id }, validate };
}

describe('an ovf item', () => {
  it('should name the files that its descriptor references and the session lacks', () => {
    const { s, id, args, validate } = onOvf();
    s.push(id, 'vm.ovf', ovf('disk1.vmdk', 'disk%202.vmdk', 'disk1.vmdk', 'https://elsewhere/x'));
    expect(validate()).toEqual({ has_errors: true, missing_files: ['disk1.vmdk', 'disk 2.vmdk'], invalid_files: [] });
    expect(s.refusal('session.complete', args)).toBe(
      'NOT_ALLOWED_IN_CURRENT_STATE com.vmware.vdcs.cls-main.update_session_has_missing_or_invalid_files disk1.vmdk, disk 2.vmdk '
    );
    expect(s.get(id).state).toBe('ACTIVE');
    s.push(id, 'disk1.vmdk');
    s.push(id, 'disk 2.vmdk');
    expect(validate()).toEqual({ has_errors: false, missing_files: [], invalid_files: [] });
    s.complete(id);
    expect(s.get(id).state).toBe('DONE');
  });

  it('should refuse to be validated before all is received', () => {
    const { s, id, args } = onOvf();
    s.add(id, 'vm.ovf');
    expect(s.refusal('file.validate', args)).toContain('update_session_file_not_received vm.ovf WAITING');
  });

  it('should name a descriptor that cannot be read', () => {
    const { s, id, args, validate } = onOvf();
    s.push(id, 'vm.ovf', '<Envelope>');
    expect(validate()).toMatchObject({
      has_errors: true,
      missing_files: [],
      invalid_files: [{ name: 'vm.ovf', error_message: { id: 'shelver.simulator.invalid_file' } }]
    });
    expect(s.refusal('session.complete', args)).toMatch(/missing_or_invalid_files {2}vm\.ovf$/);
  });

  it('should remember what its descriptor references in a later session', () => {
    const { s, item, id } = onOvf();
    s.push(id, 'vm.ovf', ovf('disk.vmdk'));
    s.push(id, 'disk.vmdk');
    s.complete(id);
    const later = s.session(item);
    s.do('file.remove', { update_session_id: later, file_name: 'disk.vmdk' });
    expect(s.refusal('session.complete', { update_session_id: later })).toContain('missing_or_invalid_files disk.vmdk');
  });

  it('should not be looked into when it is of another type', () => {
    const s = new Service();
    const id = s.session(s.item('iso'));
    const transfer = s.add(id, 'vm.ovf');
    expect(findTransfer(s.state, transfer)).not.toHaveProperty('textLimit');
    s.put(transfer, '<nonsense');
    s.push(id, 'vm.mf');
    expect(s.file(id, 'vm.mf').keep_in_storage).toBe(true);
    expect(s.do<Model>('file.validate', { update_session_id: id }).has_errors).toBe(false);
    s.complete(id);
  });

  it('should ask for the text of what it looks into', () => {
    const { s, id } = onOvf();
    const wants = (name: string) => {
      const transfer = s.add(id, name);
      return findTransfer(s.state, transfer)?.textLimit;
    };
    expect(wants('vm.mf')).toBe(DESCRIPTOR_LIMIT);
    expect(wants('vm.cert')).toBe(DESCRIPTOR_LIMIT);
    expect(wants('VM.OVF')).toBe(DESCRIPTOR_LIMIT);
    expect(wants('disk.vmdk')).toBeUndefined();
    expect(wants('ovf')).toBeUndefined();
    expect(wants('x.constructor')).toBeUndefined();
  });

  it('should take manifest and certificate before the descriptor only, and not store them', () => {
    const { s, item, id, args } = onOvf();
    s.push(id, 'vm.mf', 'SHA256(vm.ovf)= 00');
    s.push(id, 'vm.ovf', ovf());
    const add = (name: string) => ({ ...args, spec: { name, source_type: 'PUSH' } });
    expect(s.refusal('file.add', add('late.mf'))).toBe(
      'NOT_ALLOWED_IN_CURRENT_STATE shelver.simulator.manifest_after_descriptor late.mf'
    );
    expect(s.refusal('file.add', add('late.cert'))).toContain('manifest_after_descriptor late.cert');
    s.push(id, 'readme.txt', 'x');
    expect(s.file(id, 'vm.mf').keep_in_storage).toBe(false);
    s.complete(id);
    expect(s.do<Model[]>('itemFile.list', { library_item_id: item }).map(file => file.name)).toEqual([
      'vm.ovf',
      'readme.txt'
    ]);
    expect(s.freed).toEqual(['blob-1']);
    const later = s.session(item);
    s.push(later, 'vm.mf', 'a manifest before the descriptor that replaces the old one');
  });
});

describe('an archive', () => {
  const members = () => [
    { name: 'vm.ovf', ...received('part-1', ovf('disk.vmdk')) },
    { name: 'vm.mf', ...received('part-2', 'SHA1(vm.ovf)= 00') },
    { name: 'disk.vmdk', ...received('part-3', 'disk') }
  ];

  it('should be replaced by its members when it is received', () => {
    const { s, item, id } = onOvf();
    s.push(id, 'disk.vmdk', 'old');
    const transfer = s.add(id, 'vm.ova');
    expect(findTransfer(s.state, transfer)?.unpack).toBe(true);
    const { error, freed } = s.put(transfer, 'archive', { members: members() });
    expect(error).toBeUndefined();
    expect(freed).toEqual(['blob-1']);
    expect(s.do('file.list', { update_session_id: id })).toMatchObject([
      { name: 'vm.ovf', status: 'READY', source_type: 'PUSH' },
      { name: 'vm.mf', status: 'READY', keep_in_storage: false },
      { name: 'disk.vmdk', status: 'READY', size: 4, bytes_transferred: 4 }
    ]);
    expect(findTransfer(s.state, transfer)).toBeUndefined();
    expect(said(s.put(transfer, 'again').error!)).toContain('no_such_upload');
    s.complete(id);
    expect(s.do<Model[]>('itemFile.list', { library_item_id: item }).map(file => file.name)).toEqual([
      'vm.ovf',
      'disk.vmdk'
    ]);
    expect(s.freed).toEqual(['blob-1', 'part-2']);
  });

  it('should leave nothing behind when it cannot be used', () => {
    const { s, id } = onOvf();
    const transfer = s.add(id, 'vm.ova');
    expect(said(s.put(transfer, 'archive', { members: members(), fault: 'it is cut short' }).error!)).toContain(
      'cut short'
    );
    expect(s.freed).toEqual(['part-1', 'part-2', 'part-3']);
    expect(s.file(id, 'vm.ova').status).toBe('ERROR');
  });

  it('should not be given with a checksum', () => {
    const { s, args } = onOvf();
    const spec = { name: 'vm.ova', source_type: 'PUSH', checksum_info: { checksum: 'ab' } };
    expect(s.refusal('file.add', { ...args, spec })).toContain('INVALID_ARGUMENT');
    const plain = new Service();
    plain.do('file.add', { update_session_id: plain.session(), spec });
  });

  it('should be dropped with its members when its session ends while it is checked', () => {
    const { s, id, args } = onOvf({ validatingMs: 50 });
    s.put(s.add(id, 'vm.ova'), 'archive', { members: members() });
    s.do('session.cancel', args);
    expect(s.freed).toEqual(['part-1', 'part-2', 'part-3']);
  });
});

describe('the preview', () => {
  it('should become AVAILABLE when descriptor, manifest and certificate are there', () => {
    const { s, id } = onOvf();
    const preview = () => (s.get(id).preview_info as Model).state;
    expect(preview()).toBe('UNAVAILABLE');
    s.push(id, 'vm.mf', 'x');
    expect(preview()).toBe('PREPARING');
    const transfer = s.add(id, 'vm.ovf');
    expect(preview()).toBe('PREPARING');
    s.put(transfer, ovf());
    expect(s.get(id).preview_info).toEqual({ state: 'AVAILABLE', warnings: [] });
  });

  function signed(pem: string) {
    const made = onOvf();
    made.s.push(made.id, 'vm.cert', `SHA256(vm.mf)= 00\n${pem}`);
    made.s.push(made.id, 'vm.ovf', ovf());
    const warnings = () => {
      const { warnings } = made.s.get(made.id).preview_info as { warnings: { type: string; ignored: boolean }[] };
      return warnings.map(({ type, ignored }) => `${type} ${ignored}`);
    };
    return { ...made, warnings };
  }

  it('should warn of a self-signed certificate, which ends the session unless it is ignored', () => {
    const { s, id, args, warnings } = signed(SELF_SIGNED);
    expect(warnings()).toEqual(['SELF_SIGNED_CERTIFICATE false']);
    expect(s.get(id).preview_info).toMatchObject({
      certificate_info: { issuer: 'CN=Publisher', subject: 'CN=Publisher', self_signed: true }
    });
    const ignoring = { warning_behavior: [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }] };
    s.do('session.update', { ...args, spec: ignoring });
    expect(warnings()).toEqual(['SELF_SIGNED_CERTIFICATE true']);
    s.complete(id);
    expect(s.get(id).state).toBe('DONE');
    const refused = signed(SELF_SIGNED);
    expect(refused.s.refusal('session.complete', refused.args)).toBe(
      'NOT_ALLOWED_IN_CURRENT_STATE shelver.simulator.warning_not_ignored SELF_SIGNED_CERTIFICATE'
    );
    expect(refused.s.get(refused.id)).toMatchObject({
      state: 'ERROR',
      error_message: { id: 'shelver.simulator.warning_not_ignored' }
    });
  });

  it('should warn of a certificate out of its time', () => {
    const { s, args, warnings } = signed(SIGNED_BY_OTHER);
    expect(warnings()).toEqual([]);
    const { at } = s;
    // The session is kept alive while the clock leaps.
    const leap = (to: string) => {
      s.state = { ...s.state, settings: { ...s.state.settings, sessionTimeoutMs: Number.MAX_SAFE_INTEGER / 4 } };
      s.do('session.keepAlive', args);
      s.at = Date.parse(to);
    };
    leap('2130-01-01T00:00:00Z');
    expect(warnings()).toEqual(['EXPIRED_CERTIFICATE false']);
    s.at = Date.parse('2026-01-01T00:00:00Z');
    expect(warnings()).toEqual(['NOT_YET_VALID_CERTIFICATE false']);
    s.at = at;
  });

  it('should not come of a certificate that cannot be read, which is an invalid file', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    for (const [pem, why] of [
      ['nothing here', 'there is no certificate'],
      [broken, 'cannot be read']
    ] as const) {
      const { validate, warnings } = signed(pem);
      expect(warnings()).toEqual([]);
      expect(JSON.stringify(validate().invalid_files)).toContain(why);
    }
  });

  it('should end a session that waits for a pull, when what came is not fit', () => {
    const cases = [
      ['vm.ovf', ovf('disks/disk.vmdk'), 'missing_or_invalid_files'],
      ['vm.cert', SELF_SIGNED, 'warning_not_ignored']
    ] as const;
    for (const [name, text, why] of cases) {
      const { s, id, args } = onOvf();
      const spec = { name, source_type: 'PULL', source_endpoint: { uri: 'https://x/y' } };
      s.do('file.add', { ...args, spec });
      if (name === 'vm.cert') s.push(id, 'vm.ovf', ovf());
      s.complete(id);
      const transfer = s.transferOf(id, name);
      s.put(transfer, text);
      expect(s.get(id).state).toBe('ERROR');
      expect(JSON.stringify(s.get(id).error_message)).toContain(why);
    }
  });
});

describe('a descriptor', () => {
  const fault = (text: string | undefined) => readDescriptor(text).fault;

  it('should be read whatever its namespaces', () => {
    expect(
      readDescriptor('<o:Envelope xmlns:o="x"><o:References><o:File o:href="a"/></o:References></o:Envelope>')
    ).toEqual({
      references: ['a']
    });
    expect(
      readDescriptor(
        '<Envelope><!-- <x> --><Other/><References><![CDATA[<<<]]><File href="100%"/></References></Envelope>'
      )
    ).toEqual({
      references: ['100%']
    });
  });

  it('should be refused when it is hostile or not a descriptor', () => {
    expect(fault(undefined)).toContain('8 MiB');
    expect(fault(' '.repeat(DESCRIPTOR_LIMIT + 1))).toContain('8 MiB');
    expect(fault('<!DOCTYPE x [<!ENTITY a "b">]><Envelope/>')).toContain('DOCTYPE');
    expect(fault('<a>'.repeat(50_000))).toContain('deeper');
    expect(fault('<Envelope')).toContain('well-formed');
    expect(fault('')).toContain('well-formed');
    expect(fault('<Else/>')).toContain('Envelope');
    expect(fault('<Envelope><References><File/></References></Envelope>')).toContain('no href');
    expect(fault(`<Envelope>${'<a/>'.repeat(100)}</Envelope>`)).toBeUndefined();
  });

  it('should never throw, whatever it holds', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      '<a',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&',
      '"',
      ' href="x"',
      '<Envelope>',
      '</Envelope>',
      'x'
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), parts => {
        expect(Array.isArray(readDescriptor(parts.join('')).references)).toBe(true);
      })
    );
  });
});
