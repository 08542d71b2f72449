// Which server, as whom, and how it is trusted: from options first, then SHELVER_*, GOVC_*, VSPHERE_*.
//
// Variables of one family belong together. One that names another server says nothing about this one, and a password is
// used with its own user name only: otherwise a leftover GOVC_PASSWORD would be sent to whatever `--url` names.
import { readFile } from 'node:fs/promises';
import { UsageError } from './exit.ts';
import type { Environment, Io } from './io.ts';
import { proxyFound } from './proxy.ts';

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

/** Where a setting was found: an option, a variable, standard input. Never what it says. */
export interface Origin {
  readonly what: 'address' | 'user' | 'password' | 'trust' | 'proxy';
  readonly from: string;
}

type Setting = 'url' | 'username' | 'password' | 'passwordFile' | 'caFile' | 'thumbprint' | 'insecure';
type Family = Partial<Record<Setting, string>>;
/** What the variables of a family say, and which of them says what. */
interface Values extends Family {
  readonly names: Readonly<Family>;
}

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
  return (await settingsFound(flags, io)).settings;
}

/** The same, and where each was found. */
export async function settingsFound(
  flags: ServerFlags,
  io: Io
): Promise<{ readonly settings: ServerSettings; readonly origins: readonly Origin[] }> {
  const { env } = io;
  if (flags.insecure && flags.caFile !== undefined) {
    throw new UsageError('--insecure and --ca-file contradict each other', 'give one of them');
  }
  const families = FAMILIES.map(names => valuesOf(names, env));
  const [url, urlFrom] = urlOf(flags, families);
  const host = hostOf(url);
  const own = families.filter(({ url: its }, index) => index === 0 || its === undefined || hostOf(its) === host);
  const namer = own.find(family => family.username);
  const username = flags.username ?? namer?.username;
  if (username === undefined || username === '') {
    throw new UsageError('no user name is given', 'use --username or SHELVER_USERNAME');
  }
  const userFrom = flags.username === undefined ? namer!.names.username! : '--username';
  const dialect = flags.dialect ?? dialectOf(env.SHELVER_DIALECT);
  const [password, passwordFrom] = await passwordOf(flags, own, username, io);
  const { trust, from: trustFrom } = trustOf(flags, own);
  const proxy = proxyFound(url, flags.proxy, env);
  return {
    settings: { url, username, password, ...trust, proxy: proxy?.proxy, dialect },
    origins: [
      { what: 'address', from: urlFrom },
      { what: 'user', from: userFrom },
      { what: 'password', from: passwordFrom },
      ...(trustFrom === undefined ? [] : [{ what: 'trust', from: trustFrom } as const]),
      ...(proxy === undefined ? [] : [{ what: 'proxy', from: proxy.from } as const])
    ]
  };
}

function valuesOf(names: Family, env: Environment): Values {
  const values: Family = {};
  for (const [setting, name] of Object.entries(names) as [Setting, string][]) {
    const value = env[name];
    if (value !== undefined && value !== '') values[setting] = value;
  }
  if (values.insecure !== undefined) values.insecure = truth(String(names.insecure), values.insecure);
  if (values.url === undefined) return { ...values, names };
  const { address, username, password } = splitUrl(String(names.url), values.url);
  const inUrl = { ...(username && { username: names.url }), ...(password && { password: names.url }) };
  const apart = Object.fromEntries(Object.keys(values).map(setting => [setting, names[setting as Setting]]));
  return {
    ...(username && { username }),
    ...(password && { password }),
    ...values,
    url: address,
    names: { ...names, ...inUrl, ...apart }
  };
}

function urlOf(flags: ServerFlags, families: readonly Values[]): readonly [url: string, from: string] {
  if (flags.url !== undefined) {
    if (hasUserinfo(flags.url)) {
      throw new UsageError(
        'the address given by --url holds a user name or password, and others can see a command line',
        'use --username with --password-stdin, --password-file or SHELVER_PASSWORD'
      );
    }
    return [flags.url, '--url'];
  }
  const family = families.find(({ url }) => url);
  if (family === undefined) throw new UsageError('no server is named', 'use --url or SHELVER_URL');
  return [family.url!, family.names.url!];
}

async function passwordOf(
  flags: ServerFlags,
  own: readonly Values[],
  username: string,
  io: Io
): Promise<readonly [password: string, from: string]> {
  if (flags.passwordStdin && flags.passwordFile !== undefined) {
    throw new UsageError('--password-stdin and --password-file contradict each other', 'give one of them');
  }
  if (flags.passwordStdin) return [await passwordFromStdin(io), 'standard input'];
  if (flags.passwordFile !== undefined) return [await passwordFromFile(flags.passwordFile), '--password-file'];
  for (const family of own) {
    if (family.username !== undefined && family.username !== username) continue;
    if (family.password !== undefined) return [family.password, family.names.password!];
    if (family.passwordFile !== undefined)
      return [await passwordFromFile(family.passwordFile), family.names.passwordFile!];
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
function trustOf(flags: ServerFlags, own: readonly Values[]): { trust: Trust; from?: string } {
  const places = [
    { trust: flags as Trust, names: OPTIONS },
    ...own.map(({ insecure, names, ...rest }) => ({
      trust: { ...rest, insecure: insecure === 'true' } as Trust,
      names
    }))
  ];
  const first = places.find(
    ({ trust: its }) => its.caFile !== undefined || its.thumbprint !== undefined || its.insecure
  );
  if (first === undefined) return { trust: {} };
  const { caFile, thumbprint, insecure } = first.trust;
  const said = [caFile !== undefined && 'caFile', thumbprint !== undefined && 'thumbprint', insecure && 'insecure'];
  const from = said.flatMap(setting => (setting ? [first.names[setting as Setting]!] : [])).join(' and ');
  return { trust: { caFile, thumbprint, insecure }, from };
}
const OPTIONS: Readonly<Family> = { caFile: '--ca-file', thumbprint: '--thumbprint', insecure: '--insecure' };

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
