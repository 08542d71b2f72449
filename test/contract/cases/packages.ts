// Items of type ovf: the service looks into what it receives.
import { pack } from 'tar-stream';
import { expect } from 'vitest';
import { descriptor, SELF_SIGNED } from '../../law/world.ts';
import { added, begun, digestOf, failureOf, pushed, refused, visible } from '../asking.ts';
import type { Case, Subject } from '../contract.ts';

const LACKING = 'com.vmware.vdcs.cls-main.update_session_has_missing_or_invalid_files';
const SELF = 'SELF_SIGNED_CERTIFICATE';

async function tar(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A session that holds a package signed by nobody but itself. */
async function signed(subject: Subject): Promise<{ item: string; session: string }> {
  const its = await begun(subject, 'ovf');
  await pushed(subject, its.session, 'vm.cert', SELF_SIGNED);
  await pushed(subject, its.session, 'vm.ovf', descriptor());
  return its;
}

export const packageCases: readonly Case[] = [
  {
    name: 'say which files a descriptor lacks, and complete when they are there',
    check: async subject => {
      const { library } = subject;
      const { item, session } = await begun(subject, 'ovf');
      await pushed(subject, session, 'vm.ovf', descriptor('disk 1.vmdk', 'disk 2.vmdk'));
      await pushed(subject, session, 'disk 2.vmdk', 'two');
      expect(await library.validate(session)).toEqual({ hasErrors: true, missing: ['disk 1.vmdk'], invalid: [] });
      const { service } = await refused(library.complete(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      expect(service?.messages[0]).toMatchObject({ id: LACKING, args: ['disk 1.vmdk', ''] });
      expect((await library.getSession(session)).state).toBe('ACTIVE');
      await pushed(subject, session, 'disk 1.vmdk', 'one');
      expect(await library.validate(session)).toEqual({ hasErrors: false, missing: [], invalid: [] });
      await library.complete(session);
      expect(Object.keys(await visible(subject, item)).toSorted()).toEqual(['disk 1.vmdk', 'disk 2.vmdk', 'vm.ovf']);
    }
  },
  {
    name: 'say which descriptor is not one',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject, 'ovf');
      await pushed(subject, session, 'vm.ovf', '<Envelope>');
      expect(await library.validate(session)).toMatchObject({
        hasErrors: true,
        missing: [],
        invalid: [{ name: 'vm.ovf', message: expect.stringContaining('vm.ovf') }]
      });
      await refused(library.complete(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
    }
  },
  {
    name: 'look into no file of an item that is no package',
    check: async subject => {
      const { item, session } = await begun(subject);
      await pushed(subject, session, 'vm.ovf', '<Envelope>');
      await pushed(subject, session, 'vm.mf', 'x');
      expect((await subject.library.validate(session)).hasErrors).toBe(false);
      await subject.library.complete(session);
      expect(await visible(subject, item)).toEqual({ 'vm.ovf': 10, 'vm.mf': 1 });
    }
  },
  {
    name: 'take manifest and certificate before the descriptor only',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject, 'ovf');
      await added(subject, session, 'early.mf');
      await added(subject, session, 'vm.ovf');
      for (const name of ['vm.mf', 'vm.cert', 'VM.MF']) {
        await refused(library.addFile(session, { name, sourceType: 'PUSH' }), 'NOT_ALLOWED_IN_CURRENT_STATE');
      }
      await added(subject, session, 'disk.vmdk');
    }
  },
  {
    name: 'store descriptor and disks of a package, but not its manifest',
    check: async subject => {
      const { item, session } = await begun(subject, 'ovf');
      await pushed(subject, session, 'vm.mf', 'SHA256(vm.ovf)= 00');
      await pushed(subject, session, 'vm.ovf', descriptor('disk.vmdk'));
      await pushed(subject, session, 'disk.vmdk', 'disk');
      expect(await subject.library.listFiles(session)).toHaveLength(3);
      await subject.library.complete(session);
      expect(Object.keys(await visible(subject, item)).toSorted()).toEqual(['disk.vmdk', 'vm.ovf']);
    }
  },
  {
    name: 'unpack an OVA into its files',
    check: async subject => {
      const { library } = subject;
      const { item, session } = await begun(subject, 'ovf');
      const ova = await tar({ 'vm.ovf': descriptor('disk.vmdk'), 'vm.mf': 'x', 'disk.vmdk': 'disk' });
      await pushed(subject, session, 'vm.ova', ova, { size: ova.length });
      const files = await library.listFiles(session);
      expect(files.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
        'disk.vmdk READY',
        'vm.mf READY',
        'vm.ovf READY'
      ]);
      await library.complete(session);
      expect(await library.listItemFiles(item)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ name: 'disk.vmdk', size: 4, digest: digestOf('SHA1', 'disk') })
        ])
      );
      expect(Object.keys(await visible(subject, item)).toSorted()).toEqual(['disk.vmdk', 'vm.ovf']);
    }
  },
  {
    name: 'refuse a digest for an OVA, and an OVA that is none',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject, 'ovf');
      const spec = { name: 'vm.ova', sourceType: 'PUSH', digest: digestOf('SHA1', 'x') } as const;
      await refused(library.addFile(session, spec), 'INVALID_ARGUMENT');
      const { service } = await failureOf(pushed(subject, session, 'vm.ova', 'not a tar archive'));
      expect(service?.status).toBe(400);
      expect((await library.getFile(session, 'vm.ova')).status).toBe('ERROR');
    }
  },
  {
    name: 'preview a signed package, and warn of its certificate',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject, 'ovf');
      const preview = async () => (await library.getSession(session)).preview;
      expect(await preview()).toEqual({ state: 'UNAVAILABLE', warnings: [] });
      await pushed(subject, session, 'vm.cert', SELF_SIGNED);
      await added(subject, session, 'vm.ovf');
      expect((await preview())?.state).toBe('PREPARING');
      await pushed(subject, session, 'vm.ovf', descriptor());
      expect(await preview()).toMatchObject({ state: 'AVAILABLE', warnings: [{ type: SELF, ignored: false }] });
    }
  },
  {
    name: 'end in ERROR over a warning that nobody ignores',
    check: async subject => {
      const { library } = subject;
      const { item, session } = await signed(subject);
      await refused(library.complete(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      const { state, errorMessage } = await library.getSession(session);
      expect([state, errorMessage]).toEqual(['ERROR', expect.stringContaining(SELF)]);
      expect(await visible(subject, item)).toEqual({});
    }
  },
  {
    name: 'complete over a warning that is ignored, from the beginning or later',
    check: async subject => {
      const { library } = subject;
      const warnings = [{ type: SELF, ignored: true }];
      const first = await signed(subject);
      await library.updateSession(first.session, { warnings });
      expect((await library.getSession(first.session)).preview?.warnings).toMatchObject([
        { type: SELF, ignored: true }
      ]);
      await library.complete(first.session);
      expect(await visible(subject, first.item)).toHaveProperty('vm.ovf');
      const second = await library.createSession({ itemId: first.item, warnings });
      await pushed(subject, second, 'vm.cert', SELF_SIGNED);
      await pushed(subject, second, 'vm.ovf', descriptor());
      await library.complete(second);
      expect((await library.getSession(second)).state).toBe('DONE');
    }
  },
  {
    name: 'end in ERROR again where a warning is ignored no longer',
    check: async subject => {
      const { library } = subject;
      const { session } = await signed(subject);
      await library.updateSession(session, { warnings: [{ type: SELF, ignored: true }] });
      await library.updateSession(session, { warnings: [] });
      await refused(library.complete(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      expect((await library.getSession(session)).state).toBe('ERROR');
    }
  }
];
