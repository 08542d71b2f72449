// What a person or a script says to the command: its words, and the names in them.
import fc from 'fast-check';
import { CommanderError, InvalidArgumentError } from 'commander';
import { UsageError } from '../../../src/cli/exit.ts';
import type { Io } from '../../../src/cli/io.ts';
import { jobsOf, labelOf } from '../../../src/cli/jobs.ts';
import { placeOf } from '../../../src/cli/place.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { run } from '../../../src/cli/run.ts';
import { sessionIdOf } from '../../../src/cli/session-kinds.ts';
import { harmless } from '../../../src/view/words.ts';
import { CANARY } from '../judge.ts';
import { almostText, longText, UNITS } from '../mutate-bytes.ts';
import { type Declared, nothing, oneOf, type Reader, reader } from '../reader.ts';

/** What a wrong call ends with; whoever prints it makes it harmless. */
export const usage: Declared = cause => (cause instanceof UsageError ? harmless(cause.message) : undefined);
export const wrongOption: Declared = cause => (cause instanceof InvalidArgumentError ? cause.message : undefined);

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

export function ioOf(env: Readonly<Record<string, string>>, stdin = ''): Io & { said(): string } {
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
  })
];
