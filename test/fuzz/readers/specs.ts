// What a program or a person wants: names of files, addresses to pull from, specs of uploads and downloads.
import { basename } from 'node:path';
import fc from 'fast-check';
import { nameDanger, partName } from '../../../src/adapters/files/safe-name.ts';
import { checkDownload, type DownloadSpec } from '../../../src/download-spec.ts';
import { PortFailure } from '../../../src/ports.ts';
import { nameFault } from '../../../src/sources/file-name.ts';
import { addressFault, hasUser, nameIn, secretsIn, shownAddress } from '../../../src/sources/pull-address.ts';
import { type PullFile, pullFaults } from '../../../src/sources/pull-file.ts';
import { planPull } from '../../../src/sources/pull.ts';
import { checkSpec } from '../../../src/spec.ts';
import { failure } from '../../../machines/vocabulary.ts';
import { CANARY, faultOfSentence } from '../judge.ts';
import { almostText, longText, UNITS } from '../mutate-bytes.ts';
import { almostValue, parsed } from '../mutate-json.ts';
import { nothing, portFailure, type Reader, reader } from '../reader.ts';
import { name } from './packages.ts';

export const certificate =
  '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUYqf4dBqv0Yx8g9s1xk0p\n-----END CERTIFICATE-----\n';
const address = fc.constantFrom(
  `https://user:${CANARY}@example.com/a.ova`,
  `https://example.com/dir/a%20b.ova?sig=${CANARY}#${CANARY}`,
  'ds:///vmfs/volumes/uuid/a.iso',
  'file:///a.iso',
  `http://[::1]:80/?${CANARY}`,
  'https://example.com'
);
export const withoutCanary = (text: string): string => text.replaceAll(CANARY, 'x');
const pull = fc.record(
  {
    pull: address,
    name: fc.constant('a.iso'),
    checksum: fc.constant({ algorithm: 'SHA1', checksum: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' }),
    size: fc.nat(),
    thumbprint: fc.constantFrom('AA'.repeat(20), `${'aa:'.repeat(31)}aa`),
    certificate: fc.constant(certificate),
    probe: fc.boolean()
  },
  { requiredKeys: ['pull'], noNullPrototype: true }
);
const uploadSpec = fc.record(
  {
    to: fc.oneof(fc.constantFrom('l/i', 'id:a-1/x'), fc.constant({ library: 'l', item: 'i' })),
    files: fc.array(fc.constantFrom('a.iso', { pull: 'https://h/a.ova?x' }, { pull: 'ds:///a', size: 7 }), {
      minLength: 1,
      maxLength: 3
    }),
    ifExists: fc.constantFrom('replace', 'update'),
    onBusy: fc.constantFrom('wait', 'take-over'),
    force: fc.boolean(),
    acceptWarnings: fc.constant(['SELF_SIGNED_CERTIFICATE']),
    parallel: fc.nat(20),
    deadlineMs: fc.nat(),
    hash: fc.boolean(),
    checksum: fc.constant('MD5'),
    itemType: fc.constant('iso')
  },
  { requiredKeys: ['to', 'files'], noNullPrototype: true }
);
const downloadSpec = fc.record(
  {
    from: fc.oneof(fc.constantFrom('l/i', 'id:a/id:b'), fc.constant({ library: 'l', item: 'i' })),
    to: fc.constant('.'),
    files: fc.constant(['a.iso']),
    ifExists: fc.constant('skip'),
    parallel: fc.nat(20),
    deadlineMs: fc.nat()
  },
  { requiredKeys: ['from', 'to'], noNullPrototype: true }
);

export const specReaders: readonly Reader[] = [
  reader({
    name: 'file name',
    covers: ['src/sources/file-name.ts', 'src/adapters/files/safe-name.ts', 'src/tar/quoted.ts'],
    inputs: { structured: name, bytes: almostText(name), long: longText(UNITS) },
    read: its => ({
      fault: nameFault(its),
      danger: nameDanger(its, 'linux') ?? nameDanger(its, 'win32'),
      part: partName(its, 'r')
    }),
    declared: nothing,
    check: ({ fault, danger, part }, its) => {
      if (danger === undefined && (its !== basename(its) || Buffer.byteLength(part) > 255))
        return 'the name leads elsewhere';
      return (fault && faultOfSentence(fault)) || (danger && faultOfSentence(danger)) || undefined;
    }
  }),
  reader({
    name: 'address to pull from',
    covers: ['src/sources/pull-address.ts', 'src/sources/pull-file.ts', 'src/sources/pull.ts'],
    inputs: {
      structured: almostValue(pull, false).map(parsed),
      // What is cut and moved may stand in a path afterwards, which is no secret.
      bytes: almostText(address.map(withoutCanary)).map(uri => ({ pull: uri })),
      long: longText(
        UNITS,
        [
          ['', ''],
          ['https://h/', ''],
          ['ds://', '@'],
          ['https://h/?', ''],
          ['https://h/#', '']
        ],
        100_000
      ).map(uri => ({ pull: uri }) as unknown)
    },
    read: async given => {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return;
      const faults = pullFaults(given as Readonly<Record<string, unknown>>);
      const uri = (given as { pull?: unknown }).pull;
      if (typeof uri === 'string') {
        hasUser(uri);
        shownAddress(uri);
        if (addressFault(uri) === undefined) [nameIn(uri), secretsIn(uri)].flat();
      }
      if (faults.length > 0) throw new PortFailure(failure('INVALID_SPEC', faults.join('; ')));
      const { notes, file: planned } = await planPull(given as PullFile, true, { certificates: false });
      const said = [planned.from.slice(0, 1_000), ...notes].map(faultOfSentence).find(fault => fault !== undefined);
      if (said !== undefined) throw new Error(said);
    },
    declared: portFailure('INVALID_SPEC', 'SOURCE_DISAGREES')
  }),
  reader({
    name: 'what an upload shall do',
    covers: ['src/spec.ts'],
    inputs: {
      structured: almostValue(uploadSpec).map(parsed),
      bytes: almostText(fc.constantFrom('l/i', 'id:a-1/x', 'a')).map(to => ({ to, files: [to] }) as unknown),
      long: longText(UNITS).map(to => ({ to, files: [to] }) as unknown)
    },
    read: checkSpec,
    declared: portFailure('INVALID_SPEC')
  }),
  reader({
    name: 'what a download shall do',
    covers: ['src/download-spec.ts'],
    inputs: {
      structured: almostValue(downloadSpec).map(parsed),
      bytes: almostText(fc.constantFrom('l/i', 'id:a-1/x')).map(from => ({ from, to: from, files: [from] }) as unknown),
      long: longText(UNITS).map(from => ({ from, to: from, files: [from] }) as unknown)
    },
    read: given => checkDownload(given as DownloadSpec),
    declared: portFailure('INVALID_SPEC')
  })
];
