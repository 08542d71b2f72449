// Which server, as whom, and how it is trusted: from options first, then SHELVER_*, GOVC_*, VSPHERE_*.
//
// Variables of one family belong together. One that names another server says nothing about this one, and a password is
// used with its own user name only: otherwise a leftover GOVC_PASSWORD would be sent to whatever `--url` names.
import { readFile } from 'node:fs/promises';
import { UsageError } from './exit.ts';
import type { Environment, Io } from './io.ts';
import { proxyFor } from './proxy.ts';

/** The options that every command with a server has. */
export interface ServerFlags {
  readonly url?: string;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly thumbprint?: string;
  readonly insecure?: boolean;
  readonly proxy?: string;
  readonly dialect?: Dialect;
}
export type Dialect = 'auto' | 'api' | 'rest' | '2014';

export interface ServerSettings {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly caFile?: string;
  readonly thumbprint?: string;
  readonly insecure?: boolean;
  readonly proxy?: string;
  readonly dialect: Dialect;
}

type Setting = 'url' | 'username' | 'password' | 'passwordFile' | 'caFile' | 'thumbprint' | 'insecure';
type Family = Partial<Record<Setting, string>>;

const FAMILIES: readonly Readonly<Family>[] = [
  {
    url: 'SHELVER_URL',
    username: 'SHELVER_USERNAME',
    password: 'SHELVER_PASSWORD',
    passwordFile: 'SHELVER_PASSWORD_FILE',
    caFile: 'SHELVER_CA_FILE',
    thumbprint: 'SHELVER_THUMBPRINT',
    insecure: 'SHELVER_INSECURE'
  },
  {
    url: 'GOVC_URL',
    username: 'GOVC_USERNAME',
    password: 'GOVC_PASSWORD',
    caFile: 'GOVC_TLS_CA_CERTS',
    insecure: 'GOVC_INSECURE'
  },
  {
    url: 'VSPHERE_SERVER',
    username: 'VSPHERE_USER',
    password: 'VSPHERE_PASSWORD',
    insecure: 'VSPHERE_ALLOW_UNVERIFIED_SSL'
  }
];

/** @throws UsageError one sentence, never with a secret. */
export async function serverSettings(flags: ServerFlags, io: Io): Promise<ServerSettings> {
  const { env } = io;
  if (flags.insecure && flags.caFile !== undefined) {
    throw new UsageError('--insecure and --ca-file contradict each other', 'give one of them');
  }
  const families = FAMILIES.map(names => valuesOf(names, env));
  const url = urlOf(flags, families);
  const host = hostOf(url);
  const own = families.filter(({ url: its }, index) => index === 0 || its === undefined || hostOf(its) === host);
  const username = flags.username ?? own.find(family => family.username)?.username;
  if (username === undefined || username === '') {
    throw new UsageError('no user name is given', 'use --username or SHELVER_USERNAME');
  }
  const dialect = flags.dialect ?? dialectOf(env.SHELVER_DIALECT);
  const password = await passwordOf(flags, own, username, io);
  return { url, username, password, ...trustOf(flags, own), proxy: proxyFor(url, flags.proxy, env), dialect };
}

function valuesOf(names: Family, env: Environment): Family {
  const values: Family = {};
  for (const [setting, name] of Object.entries(names) as [Setting, string][]) {
    const value = env[name];
    if (value !== undefined && value !== '') values[setting] = value;
  }
  if (values.insecure !== undefined) values.insecure = truth(String(names.insecure), values.insecure);
  if (values.url === undefined) return values;
  const { address, username, password } = splitUrl(String(names.url), values.url);
  return { ...(username && { username }), ...(password && { password }), ...values, url: address };
}

function urlOf(flags: ServerFlags, families: readonly Family[]): string {
  if (flags.url !== undefined) {
    if (hasUserinfo(flags.url)) {
      throw new UsageError(
        'the address given by --url holds a user name or password, and others can see a command line',
        'use --username with --password-stdin, --password-file or SHELVER_PASSWORD'
      );
    }
    return flags.url;
  }
  const url = families.find(family => family.url)?.url;
  if (url === undefined) throw new UsageError('no server is named', 'use --url or SHELVER_URL');
  return url;
}

async function passwordOf(flags: ServerFlags, own: readonly Family[], username: string, io: Io): Promise<string> {
  if (flags.passwordStdin && flags.passwordFile !== undefined) {
    throw new UsageError('--password-stdin and --password-file contradict each other', 'give one of them');
  }
  if (flags.passwordStdin) return passwordFromStdin(io);
  if (flags.passwordFile !== undefined) return passwordFromFile(flags.passwordFile);
  for (const family of own) {
    if (family.username !== undefined && family.username !== username) continue;
    if (family.password !== undefined) return family.password;
    if (family.passwordFile !== undefined) return passwordFromFile(family.passwordFile);
  }
  throw new UsageError(
    `no password is given for ${username}`,
    'use --password-stdin, --password-file or SHELVER_PASSWORD'
  );
}

async function passwordFromStdin({ stdin }: Io): Promise<string> {
  if (stdin.isTTY) {
    throw new UsageError(
      '--password-stdin reads from a pipe, and standard input is a terminal, which would show the password',
      'pipe it in, or use --password-file'
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return firstLine(Buffer.concat(chunks).toString(), 'standard input holds no password', 'pipe the password in');
}

async function passwordFromFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`the password file ${path} cannot be read (${cause.code})`, 'check its path and permissions');
  });
  return firstLine(text, `the password file ${path} is empty`, 'write the password into it');
}

function firstLine(text: string, without: string, next: string): string {
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new UsageError(without, next);
  return password;
}

type Trust = Pick<ServerSettings, 'caFile' | 'thumbprint' | 'insecure'>;

/** The first place that says anything of trust decides alone: an inherited INSECURE must not undo a `--ca-file`. */
function trustOf(flags: ServerFlags, own: readonly Family[]): Trust {
  const places: Trust[] = [flags, ...own.map(({ insecure, ...rest }) => ({ ...rest, insecure: insecure === 'true' }))];
  const first = places.find(its => its.caFile !== undefined || its.thumbprint !== undefined || its.insecure);
  return { caFile: first?.caFile, thumbprint: first?.thumbprint, insecure: first?.insecure };
}

function truth(name: string, value: string): string {
  if (/^(1|t|true|yes|on)$/i.test(value)) return 'true';
  if (/^(0|f|false|no|off)$/i.test(value)) return 'false';
  throw new UsageError(`${name} is neither true nor false`, `set ${name} to true or false`);
}

function dialectOf(value: string | undefined): Dialect {
  if (value === undefined || value === '') return 'auto';
  if (value === 'auto' || value === 'api' || value === 'rest' || value === '2014') return value;
  throw new UsageError('SHELVER_DIALECT is none of auto, api, rest, 2014', 'set it to one of them');
}

function hasUserinfo(url: string): boolean {
  return url
    .replace(/^[a-z][a-z\d+.-]*:\/\//i, '')
    .split(/[/?#]/)[0]!
    .includes('@');
}

/** A URL as govc takes it: credentials may stand in it. They come out as they are meant, not as they are written. */
function splitUrl(name: string, text: string): { address: string; username?: string; password?: string } {
  if (!hasUserinfo(text)) return { address: text };
  const url = parsed(text);
  if (url === undefined) {
    throw new UsageError(`${name} is not an address such as https://vc.example.com`, `correct ${name}`, 'BAD_ADDRESS');
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  return { address: url.href, username: decoded(username), password: decoded(password) };
}

function hostOf(url: string): string {
  return parsed(url)?.host.toLowerCase() ?? url;
}

function parsed(text: string): URL | undefined {
  const full = text.includes('://') ? text : `https://${text}`;
  return URL.canParse(full) ? new URL(full) : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
