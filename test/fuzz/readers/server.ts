// What a server tells of itself: logins, what kind of server it is, its room, its version, the headers of what it answers.
import fc from 'fast-check';
import type { IncomingHttpHeaders } from 'node:http';
import { freeSpaceOn } from '../../../src/adapters/http/datastore.ts';
import { detect } from '../../../src/adapters/http/detect.ts';
import { addressOf } from '../../../src/adapters/http/address.ts';
import { loginWith } from '../../../src/adapters/http/login.ts';
import { isUnread, retryAfter, serverNow } from '../../../src/adapters/http/request.ts';
import { makeSecrets } from '../../../src/adapters/http/secrets.ts';
import { profileNamed, profileOfVersion } from '../../../src/servers/profiles.ts';
import { retryAfterMs, withoutUploadUris } from '../../../src/wire/failures.ts';
import { encodingOf, wantedBy } from '../../../src/wire/media.ts';
import { CANARY, faultOfData } from '../judge.ts';
import { almostText, longText, UNITS } from '../mutate-bytes.ts';
import { almostJson } from '../mutate-json.ts';
import { type Kind, nothing, type Reader, reader, serviceFailure } from '../reader.ts';
import {
  answers,
  errorAnswer,
  errorText,
  headers,
  login,
  longBodies,
  seconds,
  sending,
  status
} from './http-answers.ts';

const address = addressOf('https://vc.example.com');

const headerTexts: Readonly<Record<Kind, fc.Arbitrary<IncomingHttpHeaders>>> = {
  structured: headers,
  bytes: almostText(seconds).map(text => ({
    'retry-after': text,
    date: text,
    connection: text as 'close',
    'content-type': text
  })),
  long: longText(
    UNITS,
    [
      ['', ''],
      ['Wed, ', ''],
      ['(', ''],
      ['a;q=', ''],
      ['1', '']
    ],
    100_000
  ).map(text => ({
    'retry-after': text,
    date: text,
    connection: text as 'close',
    'content-type': text
  }))
};

export const serverReaders: readonly Reader[] = [
  reader({
    name: 'login',
    covers: ['src/adapters/http/login.ts'],
    inputs: {
      structured: fc.record({
        status: fc.oneof(fc.constant(200), status) as fc.Arbitrary<number>,
        headers,
        body: almostJson(fc.constantFrom('token', { value: 'token' }))
      }),
      bytes: fc.record({
        status: fc.oneof(fc.constant(200), status) as fc.Arbitrary<number>,
        headers,
        body: almostText(errorText)
      }),
      long: errorAnswer(longBodies)
    },
    read: async answer => {
      const tryLogin = loginWith({ username: 'me', password: CANARY }, address, sending(answer), makeSecrets());
      await tryLogin(answer.body.length % 2 === 0 ? 'api' : '2014');
    },
    declared: serviceFailure()
  }),
  reader({
    name: 'which server it is',
    covers: ['src/adapters/http/detect.ts', 'src/servers/profiles.ts', 'src/adapters/http/login.ts'],
    inputs: {
      structured: fc.tuple(
        answers.structured,
        fc.record({
          status: fc.constant(200),
          headers,
          body: almostJson(fc.constantFrom({ version: '8.0.3.00100' }, { value: { version: '6.5.0' } }))
        })
      ),
      bytes: fc.tuple(
        answers.bytes,
        fc.record({
          status: fc.constantFrom(200, 404),
          headers,
          body: almostText(fc.constantFrom('{"version":"8.0.3"}', '404 page not found'))
        })
      ),
      long: fc.tuple(errorAnswer(longBodies), fc.record({ status: fc.constant(200), headers, body: longBodies }))
    },
    read: async ([refused, version]) => {
      const wanted = { dialect: 'auto' } as const;
      const logged = async () => ({ token: CANARY });
      const found = await detect(wanted, address, logged, sending(version), sending(version));
      await detect(wanted, address, async () => ({ answer: refused }), sending(version), sending(version)).catch(
        cause => {
          if (serviceFailure()(cause) === undefined) throw cause;
        }
      );
      await detect(
        wanted,
        address,
        loginWith({ username: 'me', password: CANARY }, address, sending(refused), makeSecrets()),
        sending(version),
        sending(version)
      );
      return found.profile;
    },
    declared: serviceFailure(),
    check: profile => faultOfData(profile)
  }),
  reader({
    name: 'room on a datastore',
    covers: ['src/adapters/http/datastore.ts'],
    inputs: {
      structured: almostJson(fc.constantFrom({ free_space: 7 }, { value: { free_space: 7 } })),
      bytes: almostText(fc.constant('{"value":{"free_space":7}}')),
      long: longBodies
    },
    read: body => freeSpaceOn('api', login, sending({ status: 200, headers: {}, body }))('d'),
    declared: nothing,
    check: free => faultOfData(free)
  }),
  reader({
    name: 'headers of an answer',
    covers: ['src/adapters/http/request.ts', 'src/wire/failures.ts', 'src/wire/media.ts'],
    inputs: headerTexts,
    read: (its: IncomingHttpHeaders) => {
      const type = its['content-type'];
      isUnread({ status: 400, headers: its, body: String(its.date) });
      return [
        retryAfter(its),
        serverNow(its),
        encodingOf(type),
        wantedBy(type),
        withoutUploadUris(String(its.date)),
        retryAfterMs(its['retry-after'], 0) ?? 0
      ];
    },
    declared: nothing,
    check: read => faultOfData(read.slice(0, -1))
  }),
  reader({
    name: 'version of a server',
    covers: ['src/servers/profiles.ts'],
    inputs: {
      structured: fc.constantFrom('8.0.3', '6.x', '99999999999.0', '-1.0', 'vcsim'),
      bytes: almostText(fc.constant('8.0.3')),
      long: longText(UNITS, [
        ['', ''],
        ['8.', '']
      ])
    },
    read: text => [profileOfVersion(text) ?? null, profileNamed(text) ?? null],
    declared: nothing,
    check: read => faultOfData(read)
  })
];
