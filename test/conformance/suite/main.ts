// `npm run conformance -- --url URL`: asks a server row by row whether it does what is documented.
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { lineOf, sumOf } from './print.ts';
import type { Group } from './row.ts';
import type { ServerOptions } from './server.ts';
import { conformance, type Finding } from './suite.ts';

export const USAGE = `npm run conformance -- --url URL [options]

Asks a content library service over HTTP, row by row, whether it does what is documented. It makes a library of its own
and deletes it again. ✓ as documented, ✗ different, – not served. Exit code 0: nothing differs, 1: something does,
2: the server cannot be asked.

  --url URL               https://vcenter.example or http://127.0.0.1:8989
  --username NAME         user unless said otherwise
  --password-stdin        reads the password from standard input; else it is in SHELVER_PASSWORD
  --second-username NAME  another user, for what one must not see of the other; the password is in
                          SHELVER_SECOND_PASSWORD
  --library NAME          works in this library instead of one of its own
  --datastore ID          where its own library lies; else the first datastore that is found
  --source-host HOST      this machine as the server can reach it, for files that the server pulls
  --insecure              takes a certificate that nobody vouches for
  --json                  prints the findings as JSON
  --out FILE              writes the findings as JSON to a file, too`;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream & AsyncIterable<unknown>;
  print(line: string): void;
  complain(line: string): void;
  readonly signal?: AbortSignal;
}

/** Runs the command and gives its exit code; all rows unless said otherwise. */
export async function main(args: readonly string[], around: Surroundings, groups?: readonly Group[]): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
    if (values.help || values.url === undefined) {
      (values.help ? around.print : around.complain)(USAGE);
      return values.help ? 0 : 2;
    }
    const server = await optionsOf(values, around);
    let group = '';
    const report = await conformance(server, {
      signal: around.signal,
      ...(groups && { groups }),
      onFinding: (finding: Finding, row, { title }) => {
        if (values.json) return;
        if (title !== group) around.print(`${group === '' ? '' : '\n'}${title}`);
        group = title;
        around.print(lineOf(finding, row));
      }
    });
    const json = `${JSON.stringify(report, undefined, 2)}\n`;
    if (values.out !== undefined) writeFileSync(values.out, json);
    around.print(values.json ? json.trimEnd() : `\n${sumOf(report)}`);
    return report.findings.some(({ mark }) => mark === 'differs') || report.left.length > 0 ? 1 : 0;
  } catch (cause) {
    around.complain(cause instanceof Error ? cause.message : String(cause));
    return 2;
  }
}

const OPTIONS = {
  url: { type: 'string' },
  username: { type: 'string' },
  'password-stdin': { type: 'boolean' },
  'second-username': { type: 'string' },
  library: { type: 'string' },
  datastore: { type: 'string' },
  'source-host': { type: 'string' },
  insecure: { type: 'boolean' },
  json: { type: 'boolean' },
  out: { type: 'string' },
  help: { type: 'boolean' }
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

async function optionsOf(values: Values, { env, stdin }: Surroundings): Promise<ServerOptions> {
  const url = String(values.url);
  if (!/^https?:\/\/[^/?#@]+\/?$/i.test(url)) {
    throw new Error('--url is not an address of a server: give one such as https://vcenter.example, without a path');
  }
  const password = values['password-stdin'] ? (await text(stdin)).replace(/\r?\n$/, '') : env.SHELVER_PASSWORD;
  if (password === undefined) throw new Error('there is no password: set SHELVER_PASSWORD or give --password-stdin');
  const second = values['second-username'];
  const its = env.SHELVER_SECOND_PASSWORD;
  if (second !== undefined && its === undefined) {
    throw new Error(`there is no password for ${second}: set SHELVER_SECOND_PASSWORD`);
  }
  return {
    url,
    username: values.username ?? 'user',
    password,
    ...(second !== undefined && { second: { username: second, password: its! } }),
    ...(values.library !== undefined && { library: values.library }),
    ...(values.datastore !== undefined && { datastore: values.datastore }),
    ...(values['source-host'] !== undefined && { sourceHost: values['source-host'] }),
    ...(values.insecure && { insecure: true })
  };
}

if (process.argv[1] === import.meta.filename) {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted: what was made is taken away again')));
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    stdin: process.stdin,
    print: line => void process.stdout.write(`${line}\n`),
    complain: line => void process.stderr.write(`${line}\n`),
    signal: interrupted.signal
  });
}
