// What an upload, or an address, brings into the simulator: archives, packages, and where it is told to fetch from.
import fc from 'fast-check';
import { memoryBlobs } from '../../../src/simulator/blobs.ts';
import { PullFailure } from '../../../src/simulator/pull/failure.ts';
import { partsOf } from '../../../src/simulator/pull/folder.ts';
import { allowedHosts } from '../../../src/simulator/pull/hosts.ts';
import { pullPolicyOf } from '../../../src/simulator/pull/options.ts';
import { probeSource } from '../../../src/simulator/pull/probe.ts';
import { isSignatureOf, readCertificate } from '../../../src/simulator/service/certificate.ts';
import { readDescriptor } from '../../../src/simulator/service/descriptor.ts';
import { disagreements, readManifest } from '../../../src/simulator/service/manifest.ts';
import { unpack } from '../../../src/simulator/unpack.ts';
import { CANARY, faultOfData, faultOfSentence } from '../judge.ts';
import { almostBytes, almostText, longText, UNITS } from '../mutate-bytes.ts';
import { type Declared, nothing, portFailure, type Reader, reader } from '../reader.ts';
import { archive, descriptor, manifest, XML_UNITS } from './packages.ts';
import { certificate, withoutCanary } from './specs.ts';

const uri = fc.constantFrom(
  `https://u:${CANARY}@h/a?${CANARY}`,
  'ds:///vmfs/volumes/v/a%20b.iso',
  'ds:///vmfs/volumes/v/a.iso?serverId=x',
  'file:///a/../b',
  'file://localhost/%2e%2e/x',
  'http://127.0.0.1:1/',
  'x'
);
const pulled: Declared = cause => (cause instanceof PullFailure ? cause.message : undefined);
const policy = pullPolicyOf({ hosts: [] });
const host = fc.constantFrom(
  'example.com',
  '*.example.com:80',
  '[::1]:8080',
  '::ffff:1.2.3.4',
  '127.0.0.1',
  'é.example',
  '0x7f.1'
);

const member = fc.tuple(archive, fc.constantFrom('a.ova', '../x'));

export const broughtReaders: readonly Reader[] = [
  reader({
    name: 'what an archive brings into an item',
    covers: ['src/simulator/unpack.ts'],
    inputs: { structured: member, bytes: fc.tuple(almostBytes(archive), fc.constant('a.ova')) },
    read: async ([bytes, name]) => {
      const blobs = memoryBlobs(1e9);
      blobs.put('b', bytes);
      return unpack(blobs, 'b', bytes.length, name);
    },
    declared: nothing,
    check: members => (typeof members === 'string' ? faultOfSentence(members) : undefined)
  }),
  reader({
    name: 'what the service reads in a package',
    covers: [
      'src/simulator/service/descriptor.ts',
      'src/simulator/service/manifest.ts',
      'src/simulator/service/certificate.ts'
    ],
    inputs: {
      structured: fc.oneof(descriptor, manifest, fc.constant(`SHA256(a.mf)= 00\n${certificate}`)),
      bytes: fc.oneof(
        almostText(descriptor),
        almostText(manifest),
        almostText(fc.constant(`SHA256(a.mf)= 00\n${certificate}`))
      ),
      long: longText(
        ['SHA1(a)= 00', 'SHA1(a)=', 'SHA1(', ')= ', ...XML_UNITS],
        [
          ['', ''],
          ['SHA1(', ''],
          ['SHA1(a)= 0', 'x'],
          ['<Envelope>', '</Envelope>'],
          [certificate, '']
        ]
      )
    },
    read: text => {
      const read = readDescriptor(text);
      const facts = readManifest(text);
      const signed = readCertificate(text);
      if (signed.fault === undefined) isSignatureOf(signed, text);
      disagreements([{ name: 'a', content: { size: 1, digests: [], blob: 'b', manifest: facts } }]);
      return [read, facts ?? null, signed, read.fault ?? 'x'];
    },
    declared: nothing,
    check: read => faultOfData(read) ?? faultOfSentence(String(read.at(-1)))
  }),
  reader({
    name: 'what the service is to fetch',
    covers: ['src/simulator/pull/folder.ts', 'src/simulator/pull/probe.ts', 'src/simulator/http/pull-request.ts'],
    inputs: {
      structured: uri,
      bytes: almostText(uri.map(withoutCanary)),
      long: longText(UNITS, [
        ['', ''],
        ['ds://', ''],
        ['http://', '@h'],
        ['ds:', '?serverId=x'],
        ['file:///', '']
      ])
    },
    read: async text => {
      const probed = await probeSource(policy, { uri: text }, new AbortController().signal);
      const said = JSON.stringify(probed);
      if (said.includes(CANARY)) throw new Error(`it tells a secret: ${said.slice(0, 300)}`);
      const parts = partsOf(text);
      if (parts.some(part => part === '..' || part.includes('/')))
        throw new Error(`it leads out of the folder: ${parts.join(' ')}`);
      return parts;
    },
    declared: pulled
  }),
  reader({
    name: 'hosts to fetch from',
    covers: ['src/simulator/pull/hosts.ts', 'src/simulator/pull/addresses.ts', 'src/simulator/pull/options.ts'],
    inputs: {
      structured: fc.tuple(host, host),
      bytes: fc.tuple(almostText(host), almostText(host)),
      long: fc.tuple(
        longText(UNITS, [
          ['', ''],
          ['[', ']'],
          ['*.', '']
        ]),
        host
      )
    },
    read: ([pattern, other]) => {
      const hosts = allowedHosts([pattern]);
      const url = new URL('http://example.com/');
      return [hosts.allow(url), hosts.mayConnect(url, other)];
    },
    declared: portFailure('INVALID_SPEC')
  })
];
