// What servers of each kind and version can do, as data. The machines, the wire and the simulator read it; nothing here asks
// a server. Sources: the vSphere Automation API specifications and release notes of each version; vcsim as observed.
import type { ChecksumAlgorithm } from '../../machines/vocabulary.ts';
import type { ServerProfile } from '../ports.ts';

export type ProfileName = '6.0' | '6.5' | '6.7' | '7.0' | '8.0' | '9.0' | 'vcsim';

const FIRST_ALGORITHMS: readonly ChecksumAlgorithm[] = ['SHA1', 'MD5'];
// SHA-2 came with 6.7 Update 1; a plain 6.7 refuses it, which is said in the answer to `add`.
const ALGORITHMS: readonly ChecksumAlgorithm[] = ['SHA1', 'MD5', 'SHA256', 'SHA512'];

const vcenter = {
  reportsReady: true,
  reportsSize: true,
  reportsDigest: true,
  removesFiles: true,
  sessionTimeoutMs: 300_000
} as const;

/** Profiles by name, oldest first; `vcsim` is govmomi's simulator, which is lenient and forgetful. */
export const PROFILES: Readonly<Record<ProfileName, ServerProfile>> = {
  // The documentation of 2014; 6.5 still prints an XML variant beside JSON.
  '6.0': {
    ...vcenter,
    name: '6.0',
    dialect: '2014',
    encodings: ['json', 'xml', 'form'],
    tokenPlace: 'body',
    previews: false,
    cancelDeletes: true,
    algorithms: FIRST_ALGORITHMS
  },
  '6.5': {
    ...vcenter,
    name: '6.5',
    dialect: 'rest',
    encodings: ['json', 'xml'],
    unnamedErrors: true,
    tokenPlace: 'body',
    previews: false,
    algorithms: FIRST_ALGORITHMS
  },
  '6.7': {
    ...vcenter,
    name: '6.7',
    dialect: 'rest',
    unnamedErrors: true,
    tokenPlace: 'body',
    previews: true,
    algorithms: ALGORITHMS
  },
  '7.0': { ...vcenter, name: '7.0', dialect: 'api', tokenPlace: 'query', previews: true, algorithms: ALGORITHMS },
  '8.0': { ...vcenter, name: '8.0', dialect: 'api', tokenPlace: 'query', previews: true, algorithms: ALGORITHMS },
  '9.0': {
    ...vcenter,
    name: '9.0',
    dialect: 'api',
    tokenPlace: 'header',
    previews: true,
    takesCertificates: true,
    algorithms: ALGORITHMS
  },
  // A pushed file stays WAITING_FOR_TRANSFER for ever, its content shows before `complete`, `remove` deletes the whole
  // session, and tokens and digests of pushed files are ignored.
  vcsim: {
    name: 'vcsim',
    dialect: 'rest',
    tokenPlace: 'none',
    reportsReady: false,
    // a disk's size is told short by the two sectors of a header that it keeps apart
    reportsSize: false,
    reportsDigest: false,
    removesFiles: false,
    previews: false,
    needsDatastore: true,
    sharesItems: true,
    sessionTimeoutMs: 3_600_000,
    algorithms: ALGORITHMS
  }
};

/**
 * The profile that a person named; `9.1` or `9.x` mean `9.0`.
 * @example `profileNamed('8.0.2')?.name` is `'8.0'`; `profileNamed('beta')` is undefined.
 */
export function profileNamed(name: string): ServerProfile | undefined {
  if (Object.hasOwn(PROFILES, name)) return PROFILES[name as ProfileName];
  const numbers = /^(\d+)\.(\d+|x)(?:\.|$)/i.exec(name);
  return numbers ? profileOfVersion(`${numbers[1]}.${numbers[2] === 'x' ? 0 : numbers[2]}`) : undefined;
}

/**
 * The profile of a version that a server states: the newest that is not newer than it, so that an unknown future version is
 * treated as the last one known.
 * @example `profileOfVersion('8.0.3.00100')?.name` is `'8.0'`.
 */
export function profileOfVersion(version: string): ServerProfile | undefined {
  const stated = numbersOf(version);
  if (!stated) return undefined;
  return Object.values(PROFILES)
    .filter(profile => {
      const own = numbersOf(profile.name);
      return (
        own !== undefined && (own.major < stated.major || (own.major === stated.major && own.minor <= stated.minor))
      );
    })
    .at(-1);
}

/** The same server spoken to in another dialect, where tokens have their own place. */
export function inDialect(profile: ServerProfile, dialect: ServerProfile['dialect']): ServerProfile {
  if (profile.dialect === dialect) return profile;
  if (profile.tokenPlace === 'none') return { ...profile, dialect };
  return { ...profile, dialect, tokenPlace: dialect === 'api' ? 'query' : 'body' };
}

function numbersOf(version: string): { major: number; minor: number } | undefined {
  const found = /^(\d+)\.(\d+)/.exec(version);
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
}
