// What must not come back from a call: the service may echo the address that it fetches from, and with it a password or a
// presigned query. Struck out before anybody hears of the answer: the machines, the log, the journal, the report.
import { secretsIn, shownAddress } from '../sources/pull-address.ts';
import type { Means } from './calls.ts';

type Hide = <T>(value: T) => T;

/** Takes every secret of the sources out of an answer or a failure. */
export function hiderOf(files: Means['files']): Hide {
  const hide = hiders.get(files) ?? makeHider(files);
  hiders.set(files, hide);
  return hide;
}

/** Made once a run: an item may have a thousand files. */
const hiders = new WeakMap<Means['files'], Hide>();

function makeHider(files: Means['files']): Hide {
  const pairs = files.flatMap(file => {
    if (!('pull' in file)) return [];
    const { uri } = file.pull;
    const shown = shownAddress(uri);
    const whole = [uri, new URL(uri).href];
    return secretsIn(uri).flatMap(secret => {
      if (whole.includes(secret)) return [[secret, shown] as const];
      // Its name is shown anyway, and without it the file would not be found in an answer.
      if (file.name.includes(secret)) return [];
      return [secret, inSmallHex(secret)].map(text => [text, '[hidden]'] as const);
    });
  });
  if (pairs.length === 0) return value => value;
  // The whole before its parts, or the parts would spoil it.
  pairs.sort(([one], [other]) => other.length - one.length);
  return value => struck(value, pairs) as typeof value;
}

/** As others write what is percent-encoded: `%2b` for `%2B`. */
function inSmallHex(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}/g, encoded => encoded.toLowerCase());
}

function struck(value: unknown, pairs: readonly (readonly [string, string])[]): unknown {
  if (typeof value === 'string') return pairs.reduce((text, [secret, shown]) => text.replaceAll(secret, shown), value);
  if (Array.isArray(value)) return value.map(each => struck(each, pairs));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, struck(each, pairs)]));
}
