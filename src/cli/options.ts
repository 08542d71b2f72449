// The options that commands share, and how their values are read.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { byteCount, durationMs } from '../figures.ts';
import type { ServerFlags } from './environment.ts';
import type { JournalFlags } from './journal.ts';
import { LOG_FORMATS, MODES, type Voice } from './output.ts';

/** What a command with a server is told. */
export interface CommonFlags extends ServerFlags, Voice, JournalFlags {}

/** Which server, as whom, and how it is trusted. */
export function withServer(command: Command): Command {
  return command
    .optionsGroup('Server:')
    .option('--url <url>', 'address of the vCenter Server (SHELVER_URL, GOVC_URL, VSPHERE_SERVER)')
    .option('--username <name>', 'who logs in (SHELVER_USERNAME, GOVC_USERNAME, VSPHERE_USER)')
    .option('--password-stdin', 'read the password from standard input')
    .option('--password-file <file>', 'read it from a file (SHELVER_PASSWORD_FILE; or SHELVER_PASSWORD itself)')
    .option('--ca-file <file>', 'believe these certificate authorities, PEM (SHELVER_CA_FILE, GOVC_TLS_CA_CERTS)')
    .option('--thumbprint <hex>', 'believe the one certificate with this fingerprint (SHELVER_THUMBPRINT)')
    .option('--insecure', 'believe any certificate, with a warning (SHELVER_INSECURE, GOVC_INSECURE)')
    .option('--proxy <url>', 'proxy to go through, or "none" (SHELVER_PROXY, HTTPS_PROXY, HTTP_PROXY, NO_PROXY)')
    .addOption(
      new Option(
        '--dialect <name>',
        'how the server is spoken to: found at login, but 2014, the first preview, has to be named (SHELVER_DIALECT)'
      ).choices(['auto', 'api', 'rest', '2014'])
    );
}

/** Where what must survive a crash is written down. */
export function withJournal(command: Command): Command {
  return command
    .optionsGroup('Server:')
    .option(
      '--journal <file>',
      'where runs are written down, so that a crash loses nothing; "none" for nowhere (SHELVER_JOURNAL; default: $XDG_STATE_HOME/shelver/journal.db)'
    );
}

/** What is said, and how. `progress`: whether there is any to show. */
export function withOutput(command: Command, has: { readonly progress?: boolean } = {}): Command {
  command.optionsGroup('Output:').option('--json', 'print one JSON object on stdout');
  const what = has.progress ? 'how progress is shown on stderr' : 'form of what is said on stderr';
  return withLog(
    command.addOption(
      new Option(
        '--progress <mode>',
        `${what}; ndjson makes every line JSON; auto by default (SHELVER_PROGRESS)`
      ).choices(MODES)
    )
  );
}

export function withLog(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '--log-format <format>',
        'form of warnings, errors and the log on stderr; text by default (SHELVER_LOG_FORMAT)'
      ).choices(LOG_FORMATS)
    )
    .option('-q, --quiet', 'say nothing on stderr but errors')
    .option('-v, --verbose', 'say more on stderr; -vv: every step and request', (_, times: number) => times + 1, 0);
}

/** @example `duration('90')` and `duration('1m30s')` are 90 000 (milliseconds). */
export function duration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('It must be a time such as 90, 30s, 15m or 2h.');
  return ms;
}

/** @example `byteRate('20M')` is 20 971 520 (bytes a second). */
export function byteRate(text: string): number {
  const bytes = byteCount(text);
  if (bytes === undefined) throw new InvalidArgumentError('It must be bytes a second, such as 500K or 20M.');
  return bytes;
}

/** A limit: less than 1K would be a slip of the pen. @example `limitRate('20M')` is 20 971 520 (bytes a second). */
export function limitRate(text: string): number {
  const bytes = byteCount(text);
  if (bytes !== undefined && bytes >= 1024) return bytes;
  throw new InvalidArgumentError('It must be bytes a second, 1K at least, such as 500K or 20M.');
}

/** A reader of whole numbers. @example `wholeNumber(1, 16)('3')` is 3. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** A reader of an option that may be given several times. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** The last lines of a command's help: how it is called, and what else there is to know. */
export function examples(calls: readonly string[], more = ''): string {
  return `\nExamples:\n${calls.map(call => `  $ ${call}`).join('\n')}${more === '' ? '' : `\n\n${more}`}`;
}
