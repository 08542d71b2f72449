// shelver simulate inside this process, for as long as a test uses it.
import type { Signal } from '../../src/cli/io.ts';
import { type Called, type CallOptions, call } from './call.ts';

export interface Address {
  readonly url: string;
  readonly caFile?: string;
  readonly thumbprint?: string;
  readonly admin?: { readonly url: string; readonly token: string };
}

/** Runs `shelver simulate`, uses it once it listens, ends it by a signal. */
export async function simulating(
  words: readonly string[],
  /** `said` resolves when the command has said something like that. */
  use: (address: Address, said: (pattern: RegExp) => Promise<void>) => Promise<void>,
  options: CallOptions & { readonly signal?: Signal } = {}
): Promise<Called> {
  let first = '';
  let problem: unknown;
  let all = '';
  const waiting = new Map<RegExp, () => void>();
  const look = (): void => {
    for (const [pattern, resolve] of waiting) if (pattern.test(all)) resolve();
  };
  const said = (pattern: RegExp): Promise<void> =>
    new Promise(resolve => {
      waiting.set(pattern, resolve);
      look();
    });
  const called = await call(['simulate', ...words], {
    ...options,
    onText: (text, send) => {
      all += text;
      look();
      if (first !== '') return;
      first = text;
      use(JSON.parse(first), said)
        .catch((cause: unknown) => {
          problem = cause;
        })
        .finally(() => send(options.signal ?? 'SIGINT'));
    }
  });
  if (problem !== undefined) throw problem;
  return called;
}

export const as = ({ url }: Address, username = 'user', password = 'pass') => ({
  SHELVER_URL: url,
  SHELVER_USERNAME: username,
  SHELVER_PASSWORD: password
});
