// One call of the command, from its words to its exit code.
import { CommanderError } from 'commander';
import { type Ending, endingOfThrown, UsageError } from './exit.ts';
import type { Io } from './io.ts';
import { createOutput, voiceIn, voiceOf } from './output.ts';
import { type Act, createProgram } from './program.ts';

/**
 * Runs one call of the command and answers its exit code. Never throws.
 *
 * @example `await run(['ls', 'images'], { stdin, stdout, stderr, env: process.env })`
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const voice = voiceIn(argv, io.env);
  let out = createOutput(io, voice);
  let code = 0;
  let heard = '';
  const act: Act = async (flags, command) => {
    out = createOutput(io, voiceOf(flags, io.env));
    code = await command({ io, out });
  };
  try {
    refuseSecrets(argv);
    await createProgram(io, act, text => {
      heard += text;
    }).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (cause) {
    if (cause instanceof CommanderError && cause.exitCode === 0) return 0;
    if (cause instanceof CommanderError && cause.code === 'commander.help' && !out.lines) {
      // Somebody who looks for the way in is shown it; in a script it is still a wrong call.
      io.stderr.write(heard);
      return 2;
    }
    const ending = cause instanceof CommanderError ? misused(cause, argv) : endingOfThrown(cause);
    out.fail(ending);
    if (voice.json) out.object({ failure: { code: ending.code, message: ending.message, next: ending.next } });
    return ending.exit;
  }
}

/** A fault in the words of the call, in one sentence without any value that was given with `=`. */
function misused(cause: CommanderError, argv: readonly string[]): Ending {
  const command = argv.filter(word => /^[a-z]+$/.test(word)).slice(0, 1);
  const help = ['shelver', ...(COMMANDS.includes(command[0] ?? '') ? command : []), '--help'].join(' ');
  const said =
    cause.code === 'commander.help'
      ? 'a command is missing'
      : withoutBreak(cause.message)
          .replace(/^error: /, '')
          .replace(/(unknown option '[^'=]*)=.*'(?= \(did you mean |$)/s, "$1'")
          .replace(/\. (Allowed choices are|It must be) (.*?)\.?$/s, (_, words: string, rest: string) =>
            words.startsWith('A') ? `: choose ${rest}` : `: it must be ${rest}`
          )
          .replace(/\. Expected/, ': expected')
          .replace(/\.$/, '');
  return { code: 'INVALID_SPEC', message: said, next: `see ${help}`, exit: 2 };
}

/** What Commander adds on a line of its own, on the same line. */
function withoutBreak(message: string): string {
  const at = message.lastIndexOf(HINT);
  return at < 0 ? message : `${message.slice(0, at)} (did you mean ${message.slice(at + HINT.length)}`;
}
const HINT = '\n(Did you mean ';
const COMMANDS = [
  'upload',
  'download',
  'transfers',
  'resume',
  'cleanup',
  'ls',
  'library',
  'item',
  'sessions',
  'doctor',
  'demo',
  'simulate',
  'diagram'
];

/** What others can see in a list of processes is no secret any more, so it is not even read. */
function refuseSecrets(argv: readonly string[]): void {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  if (!words.some(word => word === '--password' || word.startsWith('--password='))) return;
  throw new UsageError(
    'there is no option --password, because others can see a command line',
    'use --password-stdin, --password-file or SHELVER_PASSWORD'
  );
}
