import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameDanger, partName } from '../../src/adapters/files/safe-name.ts';

const RUN = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';

describe('a name that a server gives', () => {
  it.each([
    ['', 'it is empty'],
    ['../etc/passwd', 'it holds a "/"'],
    ['/etc/passwd', 'it holds a "/"'],
    ['a/b', 'it holds a "/"'],
    ['..\\x', 'it holds a "\\"'],
    ['\\\\host\\share', 'it holds a "\\"'],
    ['.', 'it begins with a dot'],
    ['..', 'it begins with a dot'],
    ['.bashrc', 'it begins with a dot'],
    ['a\0b', 'it holds a control character'],
    ['a\x1b[2J', 'it holds a control character'],
    ['a\u0085', 'it holds a control character'],
    ['\ud800', 'it is not valid Unicode'],
    ['gpj.\u202eexe', 'it holds a mark that turns the writing direction'],
    ['C:', 'it begins like a drive'],
    ['c:x', 'it begins like a drive'],
    ['CON', 'it names a device of Windows'],
    ['nul.txt', 'it names a device of Windows'],
    ['Com1.vmdk', 'it names a device of Windows'],
    ['lpt¹', 'it names a device of Windows'],
    ['CONIN$', 'it names a device of Windows'],
    ['a.', 'it begins with a blank, or ends with a blank or a dot'],
    ['a ', 'it begins with a blank, or ends with a blank or a dot'],
    [' a', 'it begins with a blank, or ends with a blank or a dot'],
    ['x'.repeat(256), 'it is longer than 255 bytes'],
    ['ü'.repeat(128), 'it is longer than 255 bytes']
  ])('should be refused: %j', (name, why) => {
    expect(nameDanger(name, 'linux')).toBe(why);
    expect(nameDanger(name, 'win32')).toBe(why);
  });

  it.each([
    'disk1.vmdk',
    'a',
    'x'.repeat(255),
    'ü'.repeat(127),
    'com10.bin',
    'console.log',
    'a..b',
    'a b (1).iso',
    '磁盘.vmdk'
  ])('should be taken: %j', name => {
    expect(nameDanger(name, 'linux')).toBeUndefined();
    expect(nameDanger(name, 'win32')).toBeUndefined();
  });

  it('should be held against what Windows does not allow only there', () => {
    expect(nameDanger('ab:c?.txt', 'linux')).toBeUndefined();
    expect(nameDanger('ab:c?.txt', 'win32')).toBe('it holds a character that Windows does not allow');
  });

  it('should be measured as it will be written', () => {
    // Two code points, three bytes; one and two once they are composed.
    expect(nameDanger('u\u0308'.repeat(127), 'linux')).toBeUndefined();
  });

  it('should never lead out of the folder when it is taken, nor be a part', () => {
    const evil = fc.string({
      unit: fc.constantFrom('.', '/', '\\', ':', 'C', 'a', '\0', ' ', 'é', '\u202e'),
      maxLength: 8
    });
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(evil, fc.string({ unit: 'binary', maxLength: 12 })), name => {
        if (nameDanger(name, 'linux') !== undefined) return;
        taken += 1;
        const written = name.normalize('NFC');
        expect(posix.dirname(posix.resolve('/srv/x', written))).toBe('/srv/x');
        expect(posix.basename(posix.join('/srv/x', written))).toBe(written);
        expect(win32.dirname(win32.join('D:\\x', written))).toBe('D:\\x');
        expect(written.startsWith('.')).toBe(false);
      }),
      { numRuns: 3_000 }
    );
    expect(taken).toBeGreaterThan(200);
  });
});

describe('the name of a part', () => {
  it('should tell file and run, and be hidden', () => {
    expect(partName('a.bin', RUN)).toBe(`.a.bin.${RUN}.part`);
  });
  it('should fit, and still differ, however long the names are', () => {
    const long = ['x', 'y', 'ü'].map(end => partName(`${'ü'.repeat(120)}${end}`, RUN));
    expect(new Set(long).size).toBe(3);
    for (const name of long) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(partName('u\u0308', RUN)).toBe(partName('\u00fc', RUN));
  });
});
