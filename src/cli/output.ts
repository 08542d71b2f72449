// What the command says, and where: stdout carries data, stderr everything else, as text or as one JSON object a line.
import { type Ending, UsageError } from './exit.ts';
import type { Environment, Io, Sink } from './io.ts';

export const MODES = ['auto', 'tty', 'plain', 'ndjson', 'none'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;
export type Progress = (typeof MODES)[number];
/** `debug` is told under -v, `trace` under -vv. */
export type Level = 'warning' | 'info' | 'debug' | 'trace';

/** What the caller wants to hear. */
export interface Voice {
  readonly json?: boolean;
  readonly progress?: Progress;
  readonly logFormat?: (typeof LOG_FORMATS)[number];
  readonly quiet?: boolean;
  /** How often -v was given. */
  readonly verbose?: number;
}

/** What a command works with. */
export interface Context {
  readonly io: Io;
  readonly out: Output;
}

export interface Output {
  readonly json: boolean;
  /** Whether anybody hears what is said at that level. */
  hears(level: Level): boolean;
  /** Every line of stderr is JSON. */
  readonly lines: boolean;
  readonly progress: Exclude<Progress, 'auto'>;
  readonly color: { readonly stdout: boolean; readonly stderr: boolean };
  /** Text on stdout, as it is. */
  data(text: string): void;
  /** One object on stdout. */
  object(value: Readonly<Record<string, unknown>>): void;
  log(level: Level, message: string): void;
  fail(ending: Ending): void;
  /** From now on lines of text for stderr go through a view that has something on the screen; without one, they do not. */
  through(view: ((line: string) => void) | undefined): void;
}

const LOUDNESS: Readonly<Record<Level, number>> = { warning: 0, info: 0, debug: 1, trace: 2 };

/** Whether a failure that the report tells gets a sentence on stderr of its own. */
export function tellsSentence({ io, out }: Context): boolean {
  // On a terminal the report itself stands where the sentence would; under ndjson the progress tells it.
  return out.progress !== 'ndjson' && (out.json || !io.stdout.isTTY);
}

/** How wide a report may be: only a terminal sets a limit. */
export function widthOf({ io }: Context): number | undefined {
  return io.stdout.isTTY ? io.stdout.columns || undefined : undefined;
}

/** Chooses for each stream on its own, because one may be a terminal and the other a pipe. */
export function createOutput(io: Io, voice: Voice, now: () => number = Date.now): Output {
  const { json = false, quiet = false, verbose = 0 } = voice;
  const progress = progressFor(voice, io);
  const lines = voice.progress === 'ndjson' || voice.logFormat === 'json';
  const color = { stdout: colored(io.stdout, io.env), stderr: !lines && colored(io.stderr, io.env) };
  let say = (line: string): unknown => io.stderr.write(`${line}\n`);
  const tell = (fields: Readonly<Record<string, unknown>>): void => {
    const line = JSON.stringify({ schema: 1, ...fields });
    // A view that draws has to make room; one that writes lines would wrap this one into another.
    if (progress === 'tty') say(line);
    else io.stderr.write(`${line}\n`);
  };
  const hears = (level: Level): boolean => !quiet && verbose >= LOUDNESS[level];
  return {
    json,
    hears,
    lines,
    progress,
    color,
    data: text => {
      io.stdout.write(text);
    },
    object: value => {
      io.stdout.write(`${JSON.stringify({ schema: 1, ...value })}\n`);
    },
    log: (level, message) => {
      if (!hears(level)) return;
      if (lines) tell({ type: 'log', at: now(), level, message: oneLine(message) });
      else say(`${level === 'warning' ? paint(33, 'warning: ', color.stderr) : ''}${oneLine(message)}`);
    },
    fail: ({ code, message, next, exit }) => {
      const sentence = oneLine(message);
      if (lines) tell({ type: 'error', at: now(), code, message: sentence, next, exit });
      else say(`${paint(31, 'error:', color.stderr)} ${sentence}\nnext: ${next}`);
    },
    through: view => {
      say = view ?? (line => io.stderr.write(`${line}\n`));
    }
  };
}

/** What the words of a call ask for, before they are parsed: a fault in them must be told in the right form, too. */
export function voiceIn(argv: readonly string[], env: Environment): Voice {
  const has = (name: string, value: string): boolean =>
    argv.some((word, index) => word === `${name}=${value}` || (word === name && argv[index + 1] === value));
  return {
    json: argv.includes('--json'),
    progress: has('--progress', 'ndjson') || env.SHELVER_PROGRESS === 'ndjson' ? 'ndjson' : 'plain',
    logFormat: has('--log-format', 'json') || env.SHELVER_LOG_FORMAT === 'json' ? 'json' : 'text'
  };
}

/** Parsed options, with the environment where they say nothing. */
export function voiceOf(flags: Voice, env: Environment): Voice {
  return {
    ...flags,
    progress: flags.progress ?? oneOf(MODES, 'SHELVER_PROGRESS', env),
    logFormat: flags.logFormat ?? oneOf(LOG_FORMATS, 'SHELVER_LOG_FORMAT', env)
  };
}

function oneOf<T extends string>(known: readonly T[], name: string, env: Environment): T | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  const found = known.find(each => each === value);
  if (found === undefined) throw new UsageError(`${name} is none of ${known.join(', ')}`, 'set it to one of them');
  return found;
}

function progressFor({ progress = 'auto', quiet, verbose, logFormat }: Voice, { stderr, env }: Io): Output['progress'] {
  if (quiet) return 'none';
  if (progress !== 'auto') return progress;
  if (logFormat === 'json') return 'ndjson';
  // A block that is redrawn and lines of a log would overwrite each other; in CI nobody watches.
  return stderr.isTTY && env.TERM !== 'dumb' && !env.CI && !verbose ? 'tty' : 'plain';
}

/** https://no-color.org and FORCE_COLOR: the environment outweighs what the stream is. */
function colored(sink: Sink, env: Environment): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '') !== '') return env.FORCE_COLOR !== '0';
  return sink.isTTY === true && env.TERM !== 'dumb';
}

function paint(code: number, text: string, color: boolean): string {
  return color ? `\x1b[${code}m${text}\x1b[0m` : text;
}

/** Text from elsewhere must neither break a line nor move the cursor. */
function oneLine(text: string): string {
  // Line by line: a pattern for the blanks around the ends of lines would try a long run of them from each of its places.
  const lines = text.split(/[\r\n]+/);
  const said = lines.length === 1 ? lines : lines.map(each => each.trim()).filter(each => each !== '');
  return said.join(' ').replace(/\p{Cc}/gu, '?');
}
