// What a file may say of a simulator (`shelver simulate --config`): users and what they may do, what is on the shelves, from
// where it fetches, and the choices that the documentation of the service leaves open. Pure: whoever reads the file looks up
// passwords that lie elsewhere, and paths.
import { z } from 'zod';
import { failure } from '../../machines/vocabulary.ts';
import { byteCount, durationMs } from '../figures.ts';
import { PortFailure } from '../ports.ts';
import { PROFILES } from '../servers/profiles.ts';
import { quoted } from '../tar/quoted.ts';
import { FAULT_TARGETS, type Fault, parseFaults } from './faults.ts';
import { inWords } from './issue-words.ts';
import { PRIVILEGES, ROLES } from './service/privileges.ts';
import type { Rules } from './service/rules.ts';

const text = z.string().min(1);
const privileges = z.array(z.enum(PRIVILEGES));
/** A time: `"5m"`, `"1h30m"`; a number is of seconds. */
const time = z
  .union([z.string(), z.number()])
  .transform((given, context) => durationMs(String(given)) ?? no(context, 'give a time such as "30s", "15m" or "2h"'));
/** An amount: `"20M"`; a number is of bytes. */
const amount = z
  .union([z.string(), z.number()])
  .transform(
    (given, context) => byteCount(String(given)) ?? no(context, 'give bytes, such as 1048576, "500K" or "20M"')
  );
const ms = z.int().min(0);
const port = z.int().min(0).max(65_535);

/** Where a secret stands: here, in a file (its first line), or in a variable of the environment. */
const secret = { password: text.optional(), passwordFile: text.optional(), passwordEnv: text.optional() };

const user = z
  .strictObject({ ...secret, roles: z.array(text).optional(), privileges: privileges.optional() })
  .refine(one(['password', 'passwordFile', 'passwordEnv']), 'give one of password, passwordFile and passwordEnv');

const file = z
  .strictObject({ name: text, text: z.string().optional(), base64: z.base64().optional() })
  .refine(({ text, base64 }) => text === undefined || base64 === undefined, 'give text or base64, not both');
const item = z.strictObject({
  name: text,
  type: z.string().optional(),
  description: z.string().optional(),
  files: z.array(file).refine(unlike, 'two files have the same name').optional()
});
const library = z.strictObject({
  name: text,
  type: z.enum(['LOCAL', 'SUBSCRIBED']).optional(),
  items: z.array(item).optional()
});

const rules = z.strictObject({
  mismatch: z.enum(['refuse', 'acceptThenError', 'sessionError']),
  putNeedsLogin: z.boolean(),
  dropIsError: z.boolean(),
  expiredGraceMs: ms,
  endedKeptMs: ms,
  validatingMs: ms,
  preparingMs: ms,
  ranges: z.boolean(),
  foreignSessions: z.enum(['hidden', 'open']),
  itemDeleteUnderSession: z.enum(['sessionError', 'refuse']),
  readStorage: z.boolean(),
  cancelDeletes: z.boolean(),
  maxSessions: z.int().min(1),
  maxFilesPerSession: z.int().min(1)
} satisfies Record<keyof Rules, z.ZodType>);

const pull = z.strictObject({
  /** `host`, `host:port` or `*.example.com`. */
  hosts: z.array(text).optional(),
  /** Where `file:` and `ds:` lead. */
  folder: text.optional(),
  maxBytes: amount.optional(),
  maxRedirects: z.int().min(0).optional(),
  stallMs: z.int().min(1).optional(),
  attempts: z.int().min(1).optional(),
  /** PEM: authorities trusted beside those of the system. */
  caFile: text.optional()
});

const admin = z
  .strictObject({ port: port.optional(), tokenFile: text.optional(), tokenEnv: text.optional() })
  .refine(({ tokenFile, tokenEnv }) => !(tokenFile && tokenEnv), 'give tokenFile or tokenEnv, not both');

const config = z.strictObject({
  users: z.record(z.string().regex(/^[^:]+$/, 'a user name has no colon'), user).optional(),
  roles: z.record(text, privileges).optional(),
  libraries: z.array(library).optional(),
  rules: rules.partial().optional(),
  pull: pull.optional(),
  sessionTimeout: time.optional(),
  loginTimeout: time.optional(),
  bandwidth: amount.optional(),
  profile: z.enum(Object.keys(PROFILES)).optional(),
  faults: z.unknown().optional(),
  admin: z.union([z.boolean(), admin]).optional()
});

/** What a file said, checked. Passwords and tokens may still lie elsewhere; paths are as they were written. */
export type SimulatorConfig = Omit<z.infer<typeof config>, 'faults'> & { readonly faults?: readonly Fault[] };

/**
 * Checks what was read from a file.
 *
 * @throws `PortFailure` INVALID_SPEC in one sentence that names every fault with its place.
 * @example `readConfig({ users: { alice: { password: 'pw', roles: ['ReadOnly'] } }, sessionTimeout: '10s' })`
 */
export function readConfig(given: unknown): SimulatorConfig {
  const parsed = config.safeParse(given);
  const wrong = parsed.success ? [] : parsed.error.issues.flatMap(issue => wordsOf(issue));
  let faults: readonly Fault[] | undefined;
  if (typeof given === 'object' && given !== null && 'faults' in given) {
    try {
      faults = parseFaults(given.faults, FAULT_TARGETS);
    } catch (cause) {
      wrong.push(`faults: ${(cause as PortFailure).message}`);
    }
  }
  if (parsed.success) wrong.push(...unknownRoles(parsed.data));
  if (!parsed.success || wrong.length > 0) {
    throw new PortFailure(failure('INVALID_SPEC', `the configuration is wrong (${wrong.join('; ')})`, { next: NEXT }));
  }
  return { ...parsed.data, ...(faults !== undefined && { faults }) } as SimulatorConfig;
}

const NEXT = 'correct the file; README.md, "The simulator", says what it may hold';

function unknownRoles({ users = {}, roles = {} }: z.infer<typeof config>): string[] {
  const known = [...Object.keys(ROLES), ...Object.keys(roles)];
  return Object.entries(users).flatMap(([name, { roles: its = [] }]) =>
    its
      .filter(role => !known.includes(role))
      .map(role => `users.${name}.roles: there is no role ${quoted(role)} (there are: ${known.join(', ')})`)
  );
}

/** What none of several forms fits is told by the form that comes nearest. */
function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_key') return issue.issues.map(its => inWords({ ...its, path: issue.path }));
  if (issue.code !== 'invalid_union') return [inWords(issue)];
  const nearest = issue.errors.find(issues => issues.some(its => its.code !== 'invalid_type' || its.path.length > 0));
  // None comes near: it may be any of them.
  if (nearest === undefined) return [inWords(issue)];
  return nearest.map(its => inWords({ ...its, path: [...issue.path, ...its.path] }));
}

function no(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function one(keys: readonly string[]): (given: Readonly<Record<string, unknown>>) => boolean {
  return given => keys.filter(key => given[key] !== undefined).length === 1;
}

function unlike(files: readonly { readonly name: string }[]): boolean {
  return new Set(files.map(({ name }) => name)).size === files.length;
}
