// The file of shelver simulate --config: read and checked, its passwords and tokens looked up where they lie. Paths in it are
// meant from the folder that it stands in.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { profileNamed } from '../servers/profiles.ts';
import { readConfig, type SimulatorConfig } from '../simulator/config.ts';
import type { SimulatorOptions } from '../simulator/index.ts';
import type { PullOptions } from '../simulator/pull/options.ts';
import { UsageError } from './exit.ts';
import type { Environment } from './io.ts';

type ConfiguredOptions = Partial<SimulatorOptions> & { readonly pull?: PullOptions };

export interface Configured {
  readonly options: ConfiguredOptions;
  /** An admin door is wished, with this token if it names one. */
  readonly admin?: { readonly port?: number; readonly token?: string };
}

/** @throws UsageError, and PortFailure INVALID_SPEC, in one sentence that names the file or what is wrong in it. */
export async function configuredBy(path: string, env: Environment): Promise<Configured> {
  const config = readConfig(await jsonIn(path, 'the configuration', '--config'));
  const { users, roles, libraries, rules, pull, sessionTimeout, loginTimeout, bandwidth, profile, faults } = config;
  const folder = dirname(resolve(path));
  const options: ConfiguredOptions = {
    users: users && (await usersIn(users, folder, env)),
    roles,
    libraries,
    rules,
    pull: pull && (await pullIn(pull, folder)),
    sessionTimeoutMs: sessionTimeout,
    loginTimeoutMs: loginTimeout,
    bandwidth,
    profile: profile === undefined ? undefined : profileNamed(profile),
    faults
  };
  const admin = await adminIn(config.admin, folder, env);
  return { options, ...(admin !== undefined && { admin }) };
}

/** JSON out of a file that an option names. */
export async function jsonIn(path: string, what: string, option: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${what} ${path} cannot be read (${cause.code})`, `check the path given by ${option}`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${what} ${path} is not JSON`, `correct the file given by ${option}`);
  }
}

async function usersIn(
  users: NonNullable<SimulatorConfig['users']>,
  folder: string,
  env: Environment
): Promise<NonNullable<SimulatorOptions['users']>> {
  const known: [string, NonNullable<SimulatorOptions['users']>[string]][] = [];
  for (const [name, { password, passwordFile, passwordEnv, ...rest }] of Object.entries(users)) {
    const place = { here: password, file: passwordFile, env: passwordEnv };
    known.push([name, { ...rest, password: await secretIn(place, `users.${name}.password`, folder, env) }]);
  }
  return Object.fromEntries(known);
}

async function pullIn(
  { caFile, folder: own, ...rest }: NonNullable<SimulatorConfig['pull']>,
  folder: string
): Promise<PullOptions> {
  return {
    ...rest,
    ...(own !== undefined && { folder: resolve(folder, own) }),
    ...(caFile !== undefined && { ca: await textIn(resolve(folder, caFile), 'pull.caFile') })
  };
}

async function adminIn(
  admin: SimulatorConfig['admin'],
  folder: string,
  env: Environment
): Promise<Configured['admin'] | undefined> {
  if (admin === undefined || admin === false) return undefined;
  if (admin === true) return {};
  const { port, tokenFile, tokenEnv } = admin;
  const given = tokenFile !== undefined || tokenEnv !== undefined;
  const token = given ? await secretIn({ file: tokenFile, env: tokenEnv }, 'admin.token', folder, env) : undefined;
  return { ...(port !== undefined && { port }), ...(token !== undefined && { token }) };
}

/** Of the places one is given: that is checked before. */
async function secretIn(
  place: { readonly here?: string; readonly file?: string; readonly env?: string },
  where: string,
  folder: string,
  env: Environment
): Promise<string> {
  if (place.here !== undefined) return place.here;
  if (place.file !== undefined) {
    const [first = ''] = (await textIn(resolve(folder, place.file), `${where}File`)).split(/\r?\n/, 1);
    if (first !== '') return first;
    throw new UsageError(`${where}File: ${place.file} is empty`, 'write it into the first line');
  }
  const value = env[place.env ?? ''];
  if (value) return value;
  throw new UsageError(`${where}Env: ${place.env} is not set`, 'set it in the environment, or name another variable');
}

function textIn(path: string, where: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${where}: ${path} cannot be read (${cause.code})`, 'check the path in the configuration');
  });
}
