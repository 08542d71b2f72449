// What a person, a script or an environment says to the command: words, options, variables, files that they name.
import fc from 'fast-check';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError, InvalidArgumentError } from 'commander';
import { addressOf, mayHaveSession, usableUploadUrl } from '../../../src/adapters/http/address.ts';
import { httpReach } from '../../../src/adapters/http/reach.ts';
import { pinOf } from '../../../src/adapters/http/pin.ts';
import { transferUrl } from '../../../src/adapters/http/transfer-failure.ts';
import { makeAgents } from '../../../src/adapters/http/trust.ts';
import { tunnelThrough } from '../../../src/adapters/http/tunnel.ts';
import { settingsFound } from '../../../src/cli/environment.ts';
import { type Ending, UsageError } from '../../../src/cli/exit.ts';
import type { Io } from '../../../src/cli/io.ts';
import { jobsOf, labelOf } from '../../../src/cli/jobs.ts';
import { byteRate, duration, limitRate, wholeNumber } from '../../../src/cli/options.ts';
import { createOutput, voiceOf } from '../../../src/cli/output.ts';
import { placeOf } from '../../../src/cli/place.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { proxyFound } from '../../../src/cli/proxy.ts';
import { pullsOf } from '../../../src/cli/pulls.ts';
import { run } from '../../../src/cli/run.ts';
import { sessionIdOf } from '../../../src/cli/session-kinds.ts';
import { configuredBy } from '../../../src/cli/simulate-config.ts';
import { byteCount, durationMs } from '../../../src/figures.ts';
import { DEFAULT_TIMEOUTS } from '../../../src/policy.ts';
import { columnsOf, cut, harmless, shortened } from '../../../src/view/words.ts';
import { CANARY, faultOfData, faultOfSentence } from '../judge.ts';
import { almostText, longText, UNITS } from '../mutate-bytes.ts';
import { almostJson } from '../mutate-json.ts';
import { type Declared, nothing, oneOf, portFailure, type Reader, reader } from '../reader.ts';
import { certificate } from './sources.ts';

/** What a wrong call ends with; whoever prints it makes it harmless. */
const usage: Declared = cause => (cause instanceof UsageError ? harmless(cause.message) : undefined);
const wrongOption: Declared = cause => (cause instanceof InvalidArgumentError ? cause.message : undefined);
const misuse = oneOf(usage, portFailure());

const word = fc.constantFrom(
  'upload',
  'download',
  'ls',
  'sessions',
  'library',
  'item',
  'doctor',
  'simulate',
  'demo',
  'resume',
  'create',
  'rm',
  'show',
  'a.iso',
  'images',
  'images/ubuntu',
  'id:8c2e9a6e-7f51/x',
  '--',
  '-',
  '--json',
  '--progress',
  'ndjson',
  '-vv',
  '-q',
  '--parallel',
  '3',
  '--deadline',
  '1h30m',
  '--limit-rate=20M',
  '--url',
  'https://h',
  '--pull',
  'https://h/a?x',
  '--checksum',
  'sha256:00',
  '--dialect',
  'api',
  '--port',
  '0',
  '--library',
  '--help',
  '--nonsense',
  '--faults',
  '--if-exists',
  'skip'
);
const words = fc.array(word, { maxLength: 7 });

const url = fc.constantFrom(
  'https://vc.example.com',
  'vc.example.com/sdk',
  '[::1]:8443',
  'http://127.0.0.1:8989/',
  '0.0.0.0',
  `https://me:${CANARY}@vc.example.com:444/sdk?x#y`
);
const plainUrl = fc.constantFrom('https://vc.example.com', '[::1]:8443', 'http://127.0.0.1:8989/x?y#z');
const variables = fc.record(
  {
    SHELVER_URL: url,
    SHELVER_USERNAME: fc.constantFrom('me', 'administrator@vsphere.local', ''),
    SHELVER_PASSWORD: fc.constant(CANARY),
    SHELVER_INSECURE: fc.constantFrom('1', 'TRUE', 'maybe', ''),
    SHELVER_THUMBPRINT: fc.constant('AA:'.repeat(31)),
    SHELVER_DIALECT: fc.constantFrom('api', '2014', 'x'),
    SHELVER_PROXY: fc.constantFrom(`http://u:${CANARY}@p:3128`, 'none'),
    SHELVER_PROGRESS: fc.constantFrom('plain', 'x'),
    GOVC_URL: url,
    GOVC_USERNAME: fc.constant('me'),
    GOVC_PASSWORD: fc.constant(CANARY),
    GOVC_INSECURE: fc.constantFrom('true', '0'),
    VSPHERE_SERVER: url,
    VSPHERE_USER: fc.constant('me'),
    VSPHERE_PASSWORD: fc.constant(CANARY),
    HTTPS_PROXY: fc.constantFrom('p:3128', `http://u:${CANARY}@p:3128`, '://'),
    NO_PROXY: fc.constantFrom('*', '.example.com', '10.0.0.0/8,[::1]:443', '300.0.0.0/99', 'vc.example.com:443')
  },
  { requiredKeys: [], noNullPrototype: true }
);
const oddVariables = fc
  .tuple(
    variables,
    fc.array(
      fc.tuple(fc.nat(99), almostText(fc.oneof(plainUrl, fc.constantFrom('*', '10.0.0.0/8,x', 'true', 'p:3128')))),
      {
        maxLength: 3
      }
    )
  )
  .map(([env, changed]) => {
    const names = Object.keys(env);
    const own = changed.flatMap(([at, text]) =>
      names.length === 0 ? [] : [[names[at % names.length], text.replaceAll('\0', '')]]
    );
    return { ...env, ...Object.fromEntries(own) } as Record<string, string>;
  });

function ioOf(env: Readonly<Record<string, string>>, stdin = ''): Io & { said(): string } {
  let said = '';
  const write = (text: string): void => {
    said += text;
  };
  const sink = { isTTY: false, columns: 100, rows: 30, write };
  async function* input(): AsyncIterable<Uint8Array> {
    yield Buffer.from(stdin);
  }
  return {
    stdin: Object.assign(input(), { isTTY: false }),
    stdout: sink,
    stderr: sink,
    env: { SHELVER_JOURNAL: 'none', ...env },
    onSignal: () => () => undefined,
    said: () => said
  };
}

const commander: Declared = cause => (cause instanceof CommanderError ? harmless(cause.message) || 'help' : undefined);

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
const vcenter = addressOf('https://vc.example.com');
const folder = mkdtempSync(join(tmpdir(), 'shelver-fuzz-'));
const print = fc.constantFrom('AA'.repeat(32), `sha256:${'a1:'.repeat(31)}a1`, 'sha1=00', 'bb'.repeat(20));
const shownText = fc.string({ unit: 'binary', maxLength: 200 });

export const commandReaders: readonly Reader[] = [
  reader({
    name: 'words of a call',
    covers: [
      'src/cli/program.ts',
      'src/cli/options.ts',
      'src/cli/program-doctor.ts',
      'src/cli/program-tidy.ts',
      'src/cli/program-learn.ts'
    ],
    cost: 2,
    inputs: {
      structured: words,
      bytes: fc.tuple(words, almostText(word)).map(([its, odd]) => [...its, odd]),
      long: fc
        .tuple(
          words,
          longText(
            ['-', '=', ' ', '\n', "'", 'a'],
            [
              ['', ''],
              ['--', ''],
              ['--no-', '=']
            ],
            100_000
          )
        )
        .map(([its, odd]) => [...its, odd])
    },
    read: async argv => {
      await createProgram(
        ioOf({}),
        async () => undefined,
        () => undefined
      ).parseAsync([...argv], { from: 'user' });
    },
    declared: cause => oneOf(commander, wrongOption, usage)(cause)?.slice(0, 1_000)
  }),
  reader({
    name: 'a wrong call, told',
    covers: ['src/cli/run.ts', 'src/cli/output.ts', 'src/cli/exit.ts'],
    cost: 3,
    inputs: {
      structured: words.map(its => [`--pasword=${CANARY}`, ...its]),
      bytes: fc.tuple(words, almostText(word)).map(([its, odd]) => ['nonsense', odd, ...its]),
      long: longText(
        ['-', '=', ' ', '\n', " '", '\r\n', 'a ', '\n(Did you mean '],
        [
          ['', ''],
          ['--', ''],
          ["--a='", '']
        ],
        100_000
      ).map(odd => [odd])
    },
    // Only calls that end before a server is asked for.
    read: async argv => {
      const io = ioOf({});
      const code = await run(argv, io);
      if (code === 70) throw new Error('exit code 70');
      return io.said();
    },
    declared: nothing,
    check: said =>
      said.includes(CANARY)
        ? `it tells a secret: ${said.slice(0, 200)}`
        : said.includes('    at ')
          ? `it tells a stack: ${said.slice(0, 200)}`
          : undefined
  }),
  reader({
    name: 'libraries, items and sessions as they are written',
    covers: ['src/cli/place.ts', 'src/cli/jobs.ts', 'src/cli/session-kinds.ts'],
    inputs: {
      structured: words,
      bytes: fc.array(almostText(word), { minLength: 1, maxLength: 4 }),
      long: longText(UNITS).map(text => [text, text])
    },
    read: its => {
      const last = its.at(-1) ?? '';
      const jobs = [
        () => jobsOf(its).map(({ files }) => files.map(labelOf)),
        () => jobsOf([last], [{ pull: last }]),
        () => placeOf(last),
        () => sessionIdOf(last)
      ];
      const thrown = jobs.map(job => {
        try {
          job();
          return undefined;
        } catch (cause) {
          return cause;
        }
      });
      for (const cause of thrown) if (cause !== undefined && usage(cause) === undefined) throw cause;
      const first = thrown.find(cause => cause !== undefined);
      if (first !== undefined) throw first;
    },
    declared: cause => usage(cause)?.slice(0, 1_000)
  }),
  reader({
    name: 'server, user and trust in the environment',
    covers: ['src/cli/environment.ts', 'src/cli/output.ts'],
    inputs: {
      structured: variables,
      bytes: oddVariables,
      long: fc
        .tuple(
          fc.constantFrom('SHELVER_URL', 'GOVC_URL', 'NO_PROXY', 'SHELVER_PASSWORD', 'HTTPS_PROXY'),
          longText(
            UNITS,
            [
              ['', ''],
              ['http://', '@h'],
              ['https://u:', '@h']
            ],
            100_000
          )
        )
        .map(([name, text]) => ({ SHELVER_USERNAME: 'me', [name]: text }))
    },
    read: async env => {
      const io = ioOf(env, `${CANARY}\r\n`);
      voiceOf({}, io.env);
      const { settings, origins } = await settingsFound({ passwordStdin: env.GOVC_INSECURE === '0' }, io);
      const told = JSON.stringify([origins, settings.url, settings.username]);
      if (told.includes(CANARY)) throw new Error(`it tells a secret: ${told.slice(0, 200)}`);
      return [addressOf(settings.url).origin, settings.password];
    },
    declared: cause => misuse(cause)?.slice(0, 1_000)
  }),
  reader({
    name: 'proxy in the environment',
    covers: ['src/cli/proxy.ts', 'src/adapters/http/tunnel.ts', 'src/adapters/http/reach.ts'],
    inputs: {
      structured: fc.tuple(url, oddVariables),
      bytes: fc.tuple(almostText(url), oddVariables),
      long: fc.tuple(
        url,
        longText(
          [' ', ',', ':', '[', ']', '10.0.0.0/8,', 'a', '*.', '/'],
          [
            ['', ''],
            ['[', ''],
            ['.', ':80']
          ]
        ).map((text): Record<string, string> => ({ HTTPS_PROXY: 'p:1', NO_PROXY: text }))
      )
    },
    read: ([its, env]) => {
      const found = proxyFound(its, undefined, env);
      if (found === undefined) return 'none';
      httpReach({ vcenter, timeouts: DEFAULT_TIMEOUTS, proxy: found.proxy });
      return tunnelThrough(found.proxy, 1_000).place;
    },
    declared: misuse,
    check: place => (place.includes(CANARY) ? `it tells a secret: ${place}` : undefined)
  }),
  reader({
    name: 'address of a server, and where it sends bytes',
    covers: ['src/adapters/http/address.ts', 'src/adapters/http/transfer-failure.ts'],
    inputs: {
      structured: url,
      bytes: almostText(url),
      long: longText(UNITS, [
        ['', ''],
        ['https://', ''],
        ['http://', '/']
      ])
    },
    read: text => {
      const asked = [() => transferUrl(text, vcenter), () => addressOf(text)].map(ask => {
        try {
          const found = ask();
          return found instanceof URL ? mayHaveSession(found, vcenter, [text]) : found.name;
        } catch (cause) {
          if (portFailure('UNSUPPORTED', 'BAD_ADDRESS')(cause) === undefined) throw cause;
          return cause;
        }
      });
      if (URL.canParse(text)) usableUploadUrl(text, vcenter);
      const failed = asked.find(each => each instanceof Error);
      if (failed !== undefined) throw failed;
    },
    declared: portFailure('UNSUPPORTED', 'BAD_ADDRESS')
  }),
  reader({
    name: 'fingerprint and authorities',
    covers: ['src/adapters/http/pin.ts', 'src/adapters/http/trust.ts'],
    inputs: {
      structured: print,
      bytes: fc.oneof(almostText(print), almostText(fc.constant(certificate))),
      long: longText(
        [':', ' ', 'a', 'aa:', '\u2003', '-----BEGIN CERTIFICATE-----\n'],
        [
          ['', ''],
          ['sha256:', ''],
          [certificate, '']
        ]
      )
    },
    read: text => {
      try {
        makeAgents({ ca: text, connectMs: 1, keepAlive: false }).destroy();
      } catch (cause) {
        if (portFailure('INVALID_SPEC')(cause) === undefined) throw cause;
      }
      return pinOf(text).hex.length;
    },
    declared: portFailure('INVALID_SPEC')
  }),
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
