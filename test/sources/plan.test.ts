import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { type Plan, type PlannedFile, plan } from '../../src/plan.ts';
import { MAX_DESCRIPTOR_BYTES } from '../../src/sources/descriptor.ts';
import { checkSpec, type UploadSpec } from '../../src/spec.ts';
import { failureOf } from './fails-with.ts';
import { testFolder } from './folder.ts';
import { sourceOf, textOf } from './memory-source.ts';
import { type Made, tar } from './tar-maker.ts';

const folder = testFolder();
const planned = (files: UploadSpec['files'], more: Partial<UploadSpec> = {}) =>
  plan(checkSpec({ to: 'images', files, ...more }));
const refused = (files: UploadSpec['files']) => failureOf(() => planned(files));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const ovf = (...files: string[]): string =>
  `<Envelope xmlns:ovf="o"><References>${files.map(each => `<File ${each}/>`).join('')}</References></Envelope>`;
const twoDisks = ovf('ovf:href="d1.vmdk" ovf:size="3"', 'ovf:href="d2.vmdk"');
const shown = async (file: PlannedFile) => [file.role, file.name, await textOf(file.source)];
const all = async (files: Plan['files']) => Promise.all((files as PlannedFile[]).map(shown));
let archives = 0;
const ova = (...entries: Made[]): string => {
  archives += 1;
  return folder.put(`ova${archives}/a.ova`, tar(...entries));
};
const invalid = (message: string) => failure('SOURCE_INVALID', message);
const badSpec = (faults: string) => failure('INVALID_SPEC', `the upload cannot be done as asked: ${faults}`);

describe('the plan of plain files', () => {
  it('should name the item after the first file, and tell its type by the files', async () => {
    const iso = folder.put('Tiny.2.ISO', 'iso');
    const txt = folder.put('notes.txt', 'text');
    const single = await planned([iso]);
    expect([single.itemName, single.itemType]).toEqual(['Tiny.2', 'iso']);
    expect(single.files).toMatchObject([{ name: 'Tiny.2.ISO', size: 3, role: 'plain', from: iso }]);
    const both = await planned([txt, iso]);
    expect([both.itemName, both.itemType]).toEqual(['notes', '']);
    expect(await all(both.files)).toEqual([
      ['plain', 'notes.txt', 'text'],
      ['plain', 'Tiny.2.ISO', 'iso']
    ]);
    await both.close();
  });

  it('should leave name and type to the caller who gives them', async () => {
    const iso = folder.put('x.iso', '');
    const made = await planned([iso], { to: { library: 'l', item: 'mine' }, itemType: 'other' });
    expect([made.itemName, made.itemType]).toEqual(['mine', 'other']);
    expect((await planned([iso], { to: 'l/id:3' })).itemName).toBe('x');
  });

  it('should take sources of the caller, with their digests', async () => {
    const digest = { algorithm: 'SHA1', checksum: 'a'.repeat(40) } as const;
    const { files, itemName } = await planned([{ name: '.config', source: sourceOf('abc'), digest }]);
    expect(itemName).toBe('.config');
    expect(files).toMatchObject([{ name: '.config', size: 3, role: 'plain', digest, from: '.config' }]);
  });

  it('should refuse what the service would not take, every fault at once', async () => {
    const source = sourceOf('');
    const long = `${'i'.repeat(81)}.iso`;
    expect(await refused([folder.put(`f/${long}`, ''), join(folder.path, 'a\\b'), '..', 'a.ova', 'b.OVF'])).toEqual(
      badSpec(
        'an item holds one template, and there are "a.ova", "b.OVF"; ' +
          `the item name told by "${long}" is longer than 80 characters: name the item; ` +
          '"a\\\\b" holds a "\\": the files of an item have no folders; ".." is a folder, not a file name'
      )
    );
    expect(
      await refused([
        { name: 'a', source },
        { name: 'a', source },
        { name: 'b', source }
      ])
    ).toEqual(badSpec('there are two files named "a", and an item holds one of a name'));
    expect((await refused(['.'])).message).toContain('"." is a folder');
    expect((await refused(['/'])).message).toContain('a file name must not be empty');
    expect((await refused([join(folder.path, 'none.iso')])).code).toBe('SOURCE_UNREADABLE');
  });
});

describe('the plan of an OVA', () => {
  const mf = `SHA256(a.ovf)= ${sha256(twoDisks)}\nSHA1(./d2.vmdk)= ${'b'.repeat(40)}\n`;

  it('should put manifest and certificate before the descriptor, and the disks behind, wherever they lie', async () => {
    const path = ova(
      { name: 'extra.nvram', body: 'n' },
      { name: './d2.vmdk', body: 'two' },
      { name: './a.ovf', body: twoDisks },
      { name: 'a.cert', body: 'cert' },
      { name: './d1.vmdk', body: 'one' },
      { name: 'a.mf', body: mf }
    );
    const { itemName, itemType, files } = await planned([path]);
    expect([itemName, itemType]).toEqual(['a', 'ovf']);
    expect(await all(files)).toEqual([
      ['manifest', 'a.mf', mf],
      ['certificate', 'a.cert', 'cert'],
      ['descriptor', 'a.ovf', twoDisks],
      ['disk', 'd1.vmdk', 'one'],
      ['disk', 'd2.vmdk', 'two'],
      ['disk', 'extra.nvram', 'n']
    ]);
    expect(files.map(file => file.digest)).toEqual([
      undefined,
      undefined,
      { algorithm: 'SHA256', checksum: sha256(twoDisks) },
      undefined,
      { algorithm: 'SHA1', checksum: 'b'.repeat(40) },
      undefined
    ]);
    expect(files.map(file => file.from)[3]).toBe('a.ova!d1.vmdk');
    // Each part can be read again by itself.
    expect(await all(files.slice(3, 4))).toEqual([['disk', 'd1.vmdk', 'one']]);
  });

  it('should find files whose names an href writes in percent signs', async () => {
    const path = ova(
      { name: 'a.ovf', body: ovf('href="d%201.vmdk"', 'href="50%.iso"') },
      { name: 'd 1.vmdk' },
      { name: '50%.iso' }
    );
    expect((await planned([path])).files.map(file => file.name)).toEqual(['a.ovf', 'd 1.vmdk', '50%.iso']);
  });

  it('should take a disk once that is referenced in two ways', async () => {
    const path = ova({ name: 'a.ovf', body: ovf('href="d 1"', 'href="d%201"') }, { name: 'd 1' });
    expect((await planned([path])).files.map(file => file.name)).toEqual(['a.ovf', 'd 1']);
  });

  const descriptor = { name: 'a.ovf', body: ovf('href="d.vmdk" size="3"') };
  const disk = { name: 'd.vmdk', body: 'one' };
  it.each<[string, Made[], string]>([
    [
      'a folder',
      [{ name: 'sub/a.ovf' }],
      'a.ova holds an entry at byte 512 that cannot be used: "sub/a.ovf" holds a "/": the files of an item have no folders'
    ],
    ['no descriptor', [disk], 'a.ova holds no descriptor (.ovf): it is no OVA'],
    ['two descriptors', [descriptor, { name: 'b.OVF' }], 'a.ova holds two descriptors, "a.ovf" and "b.OVF"'],
    [
      'a manifest of another',
      [descriptor, disk, { name: 'b.mf' }],
      'a.ova holds "b.mf", which by its name belongs to no descriptor: "a.mf" would'
    ],
    [
      'a certificate of another',
      [descriptor, disk, { name: 'b.cert' }],
      'a.ova holds "b.cert", which by its name belongs to no descriptor: "a.cert" would'
    ],
    ['a disk that is not there', [descriptor], 'a.ova!a.ovf references "d.vmdk", which is not in the archive'],
    [
      'a disk of another size',
      [descriptor, { name: 'd.vmdk', body: 'four' }],
      'a.ova!d.vmdk has 4 bytes, and a.ova!a.ovf says 3'
    ],
    [
      'a way out',
      [{ name: 'a.ovf', body: ovf('href="../d"') }],
      'a.ova!a.ovf references a file that cannot be used: "../d" holds a "/": the files of an item have no folders'
    ],
    [
      'a hidden way out',
      [{ name: 'a.ovf', body: ovf('href="..%2Fd"') }],
      'a.ova!a.ovf references "..%2Fd", which is not in the archive'
    ],
    [
      'a broken percent sign',
      [{ name: 'a.ovf', body: ovf('href="%zz"') }],
      'a.ova!a.ovf references "%zz", which is not in the archive'
    ],
    [
      'a manifest of more',
      [descriptor, disk, { name: 'a.mf', body: `SHA1(x)= ${'0'.repeat(40)}` }],
      'a.ova!a.mf names "x", which is not in the package'
    ],
    [
      'a manifest of nonsense',
      [descriptor, disk, { name: 'a.mf', body: '\nx' }],
      'a.ova!a.mf line 2: it is not of the form SHA256(name)= checksum, but "x"'
    ],
    [
      'a manifest that is no text',
      [descriptor, disk, { name: 'a.mf', body: new Uint8Array([0xff]) }],
      'a.ova!a.mf is not UTF-8 text'
    ],
    [
      'a manifest that is too large',
      [descriptor, disk, { name: 'a.mf', body: new Uint8Array(2 ** 20 + 1) }],
      'a.ova!a.mf has 1048577 bytes, more than the 1048576 that are taken'
    ],
    [
      'a descriptor that is too large',
      [{ name: 'a.ovf', body: new Uint8Array(MAX_DESCRIPTOR_BYTES + 1) }],
      'a.ova!a.ovf has 8388609 bytes, more than the 8388608 that are taken'
    ]
  ])('should refuse %s', async (_what, entries, message) => {
    expect(await refused([ova(...entries)])).toEqual(invalid(message));
  });

  it('should refuse a descriptor that is not what the manifest says', async () => {
    const told = sha256('another');
    const path = ova(descriptor, disk, { name: 'a.mf', body: `SHA256(a.ovf)= ${told}` });
    expect(await refused([path])).toEqual(
      failure(
        'SOURCE_DISAGREES',
        `a.ova!a.ovf is not what a.ova!a.mf says: its SHA256 is ${sha256(descriptor.body)}, not ${told}`
      )
    );
  });

  it('should refuse an archive that is cut short', async () => {
    const whole = tar(descriptor, disk);
    const path = folder.put('cut/a.ova', whole.subarray(0, whole.length - 1500));
    expect((await refused([path])).code).toBe('SOURCE_INVALID');
  });
});

describe('the plan of an OVF in a folder', () => {
  it('should bring what it references, and manifest and certificate of its name', async () => {
    const here = folder.sub('ovf');
    const path = here.put('a.ovf', twoDisks);
    here.put('d1.vmdk', 'one');
    here.put('d2.vmdk', 'two');
    here.put('a.cert', 'cert');
    here.put('a.mf', `SHA1(d1.vmdk)= ${'c'.repeat(40)}`);
    here.put('other.mf', 'not this one');
    const { files, itemType } = await planned([path]);
    expect(itemType).toBe('ovf');
    expect(await all(files)).toEqual([
      ['manifest', 'a.mf', `SHA1(d1.vmdk)= ${'c'.repeat(40)}`],
      ['certificate', 'a.cert', 'cert'],
      ['descriptor', 'a.ovf', twoDisks],
      ['disk', 'd1.vmdk', 'one'],
      ['disk', 'd2.vmdk', 'two']
    ]);
    expect(files[3]).toMatchObject({
      digest: { algorithm: 'SHA1', checksum: 'c'.repeat(40) },
      from: join(here.path, 'd1.vmdk')
    });
    // A shell pattern may name them as well.
    const again = await planned([
      join(here.path, 'd1.vmdk'),
      path,
      here.put('readme.txt', 'r'),
      join(here.path, 'a.mf')
    ]);
    expect(again.files.map(file => [file.role, file.name])).toEqual([
      ...files.map(file => [file.role, file.name]),
      ['plain', 'readme.txt']
    ]);
  });

  it('should name descriptor, file and folder when one is missing', async () => {
    const path = folder.put('lone/a.ovf', ovf('href="d.vmdk"'));
    expect(await refused([path])).toEqual(
      invalid(`${path} references "d.vmdk", which is not in its folder ${join(folder.path, 'lone')}`)
    );
  });

  it('should do so for the current folder, too', async () => {
    const files = {
      open: async (path: string) => ({
        ...sourceOf(ovf('href="d.vmdk"')),
        range: () => sourceOf(path),
        reading: () => Promise.reject()
      }),
      exists: async () => false
    };
    expect(await failureOf(() => plan(checkSpec({ to: 'l', files: ['a.ovf'] }), files))).toEqual(
      invalid('a.ovf references "d.vmdk", which is not in its folder (the current one)')
    );
  });

  it.each(['/etc/passwd', '../secret', 'sub/d', '..%2Fsecret', 'sub%2fd', '..\\\\d', '..', 'file:///etc/passwd'])(
    'should never leave its folder: %s',
    async href => {
      folder.put('secret', 's');
      folder.put('in/sub/d', 'd');
      expect((await refused([folder.put('in/a.ovf', ovf(`href="${href}"`))])).code).toBe('SOURCE_INVALID');
    }
  );

  it('should refuse a reference to a folder', async () => {
    folder.put('dir/sub/x', '');
    const failed = await refused([folder.put('dir/a.ovf', ovf('href="sub"'))]);
    expect([failed.code, basename(failed.message.split(' ')[0] as string)]).toEqual(['SOURCE_UNREADABLE', 'sub']);
  });
});

describe('the plan of a package in sources of the caller', () => {
  const descriptor = { name: 'a.ovf', source: sourceOf(twoDisks) };
  const disks = [
    { name: 'd2.vmdk', source: sourceOf('two') },
    { name: 'd1.vmdk', source: sourceOf('one') }
  ];
  it('should be in the order that the service takes', async () => {
    const digest = { algorithm: 'MD5', checksum: 'd'.repeat(32) } as const;
    const mf = { name: 'a.mf', source: sourceOf(`SHA1(d2.vmdk)= ${'c'.repeat(40)}\nSHA1(d1.vmdk)= ${'c'.repeat(40)}`) };
    const given = [
      { ...disks[0], digest },
      disks[1],
      descriptor,
      mf,
      { name: 'a.cert', source: sourceOf('') },
      { name: 'z', source: sourceOf('') }
    ];
    const { files, itemType, itemName } = await planned(given as UploadSpec['files']);
    expect([itemName, itemType]).toEqual(['d2', 'ovf']);
    expect(files.map(file => [file.role, file.name, file.digest?.algorithm])).toEqual([
      ['manifest', 'a.mf', undefined],
      ['certificate', 'a.cert', undefined],
      ['descriptor', 'a.ovf', undefined],
      ['disk', 'd1.vmdk', 'SHA1'],
      ['disk', 'd2.vmdk', 'MD5'],
      ['plain', 'z', undefined]
    ]);
  });
  it('should be refused when something is missing, or it is an OVA', async () => {
    expect(await refused([descriptor, disks[1] as { name: string; source: typeof descriptor.source }])).toEqual(
      invalid('a.ovf references "d2.vmdk", which is not in the sources given with it')
    );
    expect(await refused([{ name: 'a.ova', source: sourceOf('') }])).toEqual(
      badSpec('"a.ova": an OVA is read at many places, so give its path, or its files as sources')
    );
  });
});
