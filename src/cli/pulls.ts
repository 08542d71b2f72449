// From --pull and what belongs to it to the sources that the server shall fetch.
import { readFile } from 'node:fs/promises';
import type { Digest } from '../../machines/vocabulary.ts';
import { ALGORITHMS, digestFault } from '../sources/checksum.ts';
import { hasUser, isWeb } from '../sources/pull-address.ts';
import type { PullFile } from '../sources/pull-file.ts';
import { UsageError } from './exit.ts';
import type { Environment } from './io.ts';
import { proxyFor } from './proxy.ts';

export interface PullFlags {
  readonly pull?: readonly string[];
  /** `sha256:…` */
  readonly checksum?: string;
  readonly sourceThumbprint?: string;
  readonly sourceCaFile?: string;
  readonly probe: boolean;
  readonly proxy?: string;
}

/** @throws UsageError one sentence, which never repeats the address */
export async function pullsOf(flags: PullFlags, env: Environment): Promise<PullFile[]> {
  const { pull: addresses = [], sourceThumbprint: thumbprint, probe } = flags;
  const only = Object.entries({
    '--checksum': flags.checksum,
    '--source-thumbprint': thumbprint,
    '--source-ca-file': flags.sourceCaFile,
    '--no-probe': probe ? undefined : 'given'
  }).find(([, value]) => value !== undefined)?.[0];
  if (addresses.length === 0 && only !== undefined) {
    throw new UsageError(
      `${only} is about what the server fetches, and there is no --pull`,
      'add --pull URL, or leave it away'
    );
  }
  if (addresses.length > 1 && flags.checksum !== undefined) {
    throw new UsageError('--checksum is for one file, and there are several --pull', 'upload them apart');
  }
  if (addresses.some(hasUser)) {
    throw new UsageError(
      'the address given by --pull holds a user name or password, and others can see a command line',
      'use an address that needs neither, such as a presigned one'
    );
  }
  const checksum = flags.checksum === undefined ? undefined : checksumOf(flags.checksum);
  const ca = flags.sourceCaFile === undefined ? undefined : await caOf(flags.sourceCaFile);
  return addresses.map(pull => {
    const proxy = isWeb(pull) ? proxyFor(pull, flags.proxy, env) : undefined;
    return {
      pull,
      ...(checksum && { checksum }),
      ...(thumbprint !== undefined && { thumbprint }),
      ...(ca !== undefined && { ca }),
      ...(proxy !== undefined && { proxy }),
      ...(!probe && { probe })
    };
  });
}

/** @example `checksumOf('md5:D41D8CD98F00B204E9800998ECF8427E').algorithm` is `'MD5'`. */
function checksumOf(text: string): Digest {
  const colon = text.indexOf(':');
  const digest = {
    algorithm: text.slice(0, colon).replace('-', '').toUpperCase(),
    checksum: text.slice(colon + 1).toLowerCase()
  };
  if (colon > 0 && digestFault('', digest) === undefined) return digest;
  throw new UsageError(
    '--checksum must be an algorithm and its hexadecimal digits, such as sha256:9f86d081…',
    `the algorithms are ${ALGORITHMS.join(', ').toLowerCase()}`
  );
}

function caOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(
      `the file ${path} given by --source-ca-file cannot be read (${cause.code})`,
      'check its path and permissions'
    );
  });
}
