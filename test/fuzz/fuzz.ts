// Gives a reader one input after another, and makes what it finds small.
import fc from 'fast-check';
import { shown } from './judge.ts';
import { Finding, type Kind, type Reader } from './reader.ts';

export interface Found {
  readonly reader: string;
  readonly kind: Kind;
  readonly seed: number;
  readonly problem: string;
  /** The shortest input that still does it. */
  readonly input: string;
}

/** Of fast-check: how the values of an input are written. */
const WRITTEN = 1_500;

/**
 * Runs a reader so many times. `undefined`: nothing was found.
 *
 * @param around called around each input: whoever measures or watches stands there
 */
export async function fuzz(
  reader: Reader,
  kind: Kind,
  { seed, runs }: { readonly seed: number; readonly runs: number },
  around: (work: () => Promise<void>) => Promise<void> = work => work()
): Promise<Found | undefined> {
  const inputs = reader.inputs[kind];
  if (inputs === undefined) return undefined;
  const property = fc.asyncProperty(inputs, input => around(() => reader.try(input)));
  const { failed, counterexample, errorInstance } = await fc.check(property, {
    seed,
    numRuns: runs,
    endOnFailure: false
  });
  if (!failed) return undefined;
  const cause: unknown = errorInstance;
  const problem = cause instanceof Finding ? `${cause.message}${whence(cause.cause)}` : String(cause);
  return { reader: reader.name, kind, seed, problem, input: written(counterexample?.[0]) };
}

function written(input: unknown): string {
  try {
    return shown(fc.stringify(readable(input)), WRITTEN);
  } catch {
    return 'what cannot be written, as it lies too deep inside one another';
  }
}

/** Bytes as the text that they almost are. */
function readable(input: unknown): unknown {
  if (input instanceof Uint8Array) return Buffer.from(input).toString('latin1');
  return Array.isArray(input) ? input.map(readable) : input;
}

/** Where in the sources it was thrown. */
function whence(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  const line = cause.stack?.split('\n').find(each => /\/(?:src|machines)\/(?!.*\/test\/)/.test(each));
  return line === undefined
    ? ''
    : ` (${line
        .trim()
        .replace(/^at /, '')
        .replace(/\(?file:\/\/.*?\/((?:src|machines)\/)/, '($1')})`;
}
