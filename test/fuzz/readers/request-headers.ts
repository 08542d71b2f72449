// What the headers of a request say: who asks, in which dialect, for which bytes, and whether a browser is behind it.
import fc from 'fast-check';
import type { IncomingHttpHeaders } from 'node:http';
import { PROFILES } from '../../../src/servers/profiles.ts';
import { guardOf } from '../../../src/simulator/admin/guard.ts';
import { basicOf, cookieOf, tokenOf } from '../../../src/simulator/http/credentials.ts';
import { languageOf } from '../../../src/simulator/http/language.ts';
import { rangeIn } from '../../../src/simulator/http/range.ts';
import { placeIn } from '../../../src/simulator/http/upload.ts';
import { faultOfData } from '../judge.ts';
import { almostText, longText, UNITS } from '../mutate-bytes.ts';
import { nothing, type Reader, reader } from '../reader.ts';

const header = fc.constantFrom(
  'bytes=0-1',
  'bytes=-2',
  `bytes=${'9'.repeat(400)}-`,
  'Basic dXNlcjpwYXNz',
  'Bearer 0123456789abcdef',
  'a=b; vmware-api-session-id=x; ',
  'application/xml;q=0.9, application/json;q=1.2.3',
  'http://[::1]:80/',
  '127.0.0.1:1'
);
const asHeaders = (text: string): IncomingHttpHeaders => ({
  range: text,
  authorization: text,
  cookie: text,
  accept: text,
  host: text,
  origin: text,
  'vmware-api-session-id': undefined
});
const visits = guardOf({ token: 'a'.repeat(16) });

export const requestHeaderReaders: readonly Reader[] = [
  reader({
    name: 'headers of a request',
    covers: [
      'src/simulator/http/credentials.ts',
      'src/simulator/http/range.ts',
      'src/simulator/http/language.ts',
      'src/simulator/http/upload.ts',
      'src/simulator/admin/guard.ts'
    ],
    inputs: {
      structured: header,
      bytes: almostText(header),
      long: longText(
        UNITS,
        [
          ['', ''],
          ['bytes=', ''],
          ['Basic ', ''],
          ['Bearer ', ''],
          ['http://', '']
        ],
        100_000
      )
    },
    read: text => {
      const headers = asHeaders(text);
      visits({ address: text, headers });
      visits({ address: '127.0.0.1', headers });
      languageOf(PROFILES['6.0'], text, headers);
      return [
        rangeIn(headers, 5) ?? null,
        basicOf(headers) ?? null,
        tokenOf(headers) ?? null,
        cookieOf(headers, 'b') ?? null,
        ...placeIn(`/cls/data/${text}`)
      ];
    },
    declared: nothing,
    check: read => {
      const [range] = read as [{ from: number; to: number } | string | null];
      if (typeof range === 'object' && range !== null && !(range.from >= 0 && range.from <= range.to && range.to <= 5))
        return `the range is ${range.from} to ${range.to} of 5`;
      return faultOfData(read);
    }
  })
];
