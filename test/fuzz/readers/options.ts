// What options of the command say, and the files that they name; and what it shows of whatever comes from elsewhere.
import fc from 'fast-check';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ending } from '../../../src/cli/exit.ts';
import { jobsOf, labelOf } from '../../../src/cli/jobs.ts';
import { byteRate, duration, limitRate, wholeNumber } from '../../../src/cli/options.ts';
import { createOutput } from '../../../src/cli/output.ts';
import { pullsOf } from '../../../src/cli/pulls.ts';
import { configuredBy } from '../../../src/cli/simulate-config.ts';
import { byteCount, durationMs } from '../../../src/figures.ts';
import { columnsOf, cut, harmless, shortened } from '../../../src/view/words.ts';
import { CANARY, faultOfData, faultOfSentence } from '../judge.ts';
import { almostText, longText, UNITS } from '../mutate-bytes.ts';
import { almostJson } from '../mutate-json.ts';
import { nothing, type Reader, reader } from '../reader.ts';
import { ioOf, wrongOption } from './command.ts';
import { misuse } from './environment.ts';

const figure = fc.constantFrom(
  '90',
  '1h30m',
  '15m',
  '20M',
  '500K',
  '1.5GiB',
  '9'.repeat(400),
  `${'9'.repeat(400)}d`,
  '0',
  '-1',
  '1e9'
);
const folder = mkdtempSync(join(tmpdir(), 'shelver-fuzz-'));
const shownText = fc.string({ unit: 'binary', maxLength: 200 });

export const optionReaders: readonly Reader[] = [
  reader({
    name: 'times, rates and numbers',
    covers: ['src/figures.ts', 'src/cli/options.ts'],
    inputs: {
      structured: figure,
      bytes: almostText(figure),
      long: longText(
        ['9', '1h', '.', '1.', '0', '9.9', ' ', 'k', '1ms'],
        [
          ['', ''],
          ['1', 'x']
        ]
      )
    },
    read: text => {
      const read = [durationMs(text) ?? null, byteCount(text) ?? null];
      const options = [duration, byteRate, limitRate, wholeNumber(1, 16)].map(option => {
        try {
          return option(text);
        } catch (cause) {
          if (wrongOption(cause) === undefined) throw cause;
          return null;
        }
      });
      return [...read, ...options];
    },
    declared: nothing,
    check: read => {
      const odd = read.find(its => its !== null && !(Number.isSafeInteger(its) && its >= 1));
      return odd === undefined ? undefined : `it takes it for ${odd}`;
    }
  }),
  reader({
    name: 'what --pull is told',
    covers: ['src/cli/pulls.ts'],
    inputs: {
      structured: fc.tuple(
        fc.constantFrom(`https://h/a?${CANARY}`, 'ds:///a'),
        fc.constantFrom('sha256:00', `md5:${'D4'.repeat(16)}`, ':', 'SHA-1:')
      ),
      bytes: fc.tuple(almostText(fc.constant('https://u:x@h/a')), almostText(fc.constant(`sha256:${'00'.repeat(32)}`))),
      long: fc.tuple(
        longText(UNITS, [
          ['', ''],
          ['https://', '@'],
          ['//', '']
        ]),
        longText(
          ['a', ':', '-'],
          [
            ['', ''],
            ['sha1:', '']
          ]
        )
      )
    },
    read: async ([pull, checksum]) => {
      const pulls = await pullsOf({ pull: [pull], checksum, probe: true }, { HTTPS_PROXY: 'p:1' });
      return jobsOf(['images'], pulls).flatMap(({ files }) => files.map(labelOf));
    },
    declared: misuse
  }),
  reader({
    name: 'file of a configuration',
    covers: ['src/cli/simulate-config.ts'],
    cost: 3,
    inputs: {
      structured: almostJson(
        fc.constantFrom(
          { users: { a: { passwordEnv: 'X' } } },
          { users: { a: { passwordFile: 'none' } }, admin: { tokenFile: 'config.json' } },
          { pull: { caFile: 'none', folder: 'x' } }
        )
      ),
      bytes: almostText(fc.constant('{"users":{"a":{"password":"x"}},"profile":"8.0"}'))
    },
    read: async text => {
      const path = join(folder, 'config.json');
      writeFileSync(path, text);
      const { options } = await configuredBy(path, { X: CANARY });
      return Object.keys(options).length;
    },
    declared: cause => misuse(cause)?.replaceAll(folder, '')
  }),
  reader({
    name: 'text from elsewhere, shown',
    covers: ['src/view/words.ts', 'src/cli/output.ts'],
    inputs: {
      structured: shownText,
      bytes: almostText(shownText),
      long: longText(
        [' ', '\r\n', ' \n', '\t', 'é', '\u200b', '\u{1f600}', '\u0301', ...UNITS],
        [
          ['', ''],
          ['a', 'b']
        ],
        200_000
      )
    },
    read: text => {
      const io = ioOf({});
      const out = createOutput(io, {}, () => 0);
      const ending: Ending = { code: 'NOT_FOUND', message: text, next: 'x', exit: 4 };
      out.fail(ending);
      out.log('warning', text);
      const lines = io.said().split('\n');
      const cuts = [cut(text.slice(0, 2_000), 40), shortened(text.slice(0, 2_000), 40)].map(columnsOf);
      return { lines, cuts, harmless: harmless(text) };
    },
    declared: nothing,
    check: ({ lines, cuts, harmless: shown }) => {
      if (lines.length !== 4) return `it says ${lines.length} lines`;
      if (cuts.some(columns => columns > 40)) return `it is wider than it may be: ${cuts.join(' ')}`;
      const said = lines.concat(shown).find(line => /\p{Cc}/u.test(line));
      return said === undefined ? faultOfData(cuts) : faultOfSentence(said);
    }
  })
];
