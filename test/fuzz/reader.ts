// A reader of what comes from outside, ready to be given anything: what it is fed with, what it may throw, and what must hold
// of whatever it answers.
import type { Arbitrary } from 'fast-check';
import { FAILURES, type FailureCode } from '../../machines/vocabulary.ts';
import { PortFailure } from '../../src/ports.ts';
import { harmless } from '../../src/view/words.ts';
import { faultOfData, faultOfSentence, prototypeFault, prototypes } from './judge.ts';

/** `structured`: documents that are almost right. `bytes`: texts that are almost right, or noise. `long`: runs of one thing. */
export type Kind = 'structured' | 'bytes' | 'long';
export const KINDS: readonly Kind[] = ['structured', 'bytes', 'long'];

export interface Reader {
  readonly name: string;
  /** The files of src that it exercises. */
  readonly covers: readonly string[];
  readonly inputs: Readonly<Partial<Record<Kind, Arbitrary<unknown>>>>;
  /** How much a run costs beside others: 1 by default, of a socket 10, say. */
  readonly cost: number;
  /** Reads, and throws a `Finding` where something is wrong. */
  try(input: unknown): Promise<void>;
}

/** Something that a reader must not do. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

export interface Spec<I, O> {
  readonly name: string;
  readonly covers: readonly string[];
  readonly inputs: Readonly<Partial<Record<Kind, Arbitrary<I>>>>;
  readonly cost?: number;
  read(input: I): O | Promise<O>;
  /** What is said where the error is a declared one, in words; `undefined`: it is not. */
  readonly declared: Declared;
  /** What is wrong with an answer. */
  check?(answer: O, input: I): string | undefined;
}

/** The sentence of an error that a reader may throw; `undefined`: it may not. */
export type Declared = (cause: unknown) => string | undefined;

export function reader<I, O>({ cost = 1, read, declared, check, ...rest }: Spec<I, O>): Reader {
  return {
    ...rest,
    cost,
    inputs: rest.inputs,
    async try(input) {
      const before = prototypes();
      let answer: O;
      try {
        answer = await read(input as I);
      } catch (cause) {
        const sentence = declared(cause);
        if (sentence === undefined) throw new Finding(`it throws ${told(cause)}`, { cause });
        found(faultOfSentence(sentence));
        if (cause instanceof PortFailure) found(faultOfData(cause.failure, 'the failure'));
        found(prototypeFault(before));
        return;
      }
      found(check?.(answer, input as I));
      found(prototypeFault(before));
    }
  };
}

/** A `PortFailure` of one of the codes, or of any but INTERNAL. */
export function portFailure(...codes: readonly FailureCode[]): Declared {
  return cause => {
    if (!(cause instanceof PortFailure)) return undefined;
    const { code, message } = cause.failure;
    const known = codes.length === 0 ? Object.hasOwn(FAILURES, code) && code !== 'INTERNAL' : codes.includes(code);
    return known ? message : undefined;
  };
}

/** The same where the words are the service's own: whoever shows them makes them harmless. */
export function serviceFailure(...codes: readonly FailureCode[]): Declared {
  const declared = portFailure(...codes);
  return cause => {
    const sentence = declared(cause);
    return sentence === undefined ? undefined : harmless(sentence);
  };
}

/** Nothing at all may be thrown. */
export const nothing: Declared = () => undefined;

export function oneOf(...declared: readonly Declared[]): Declared {
  return cause => declared.map(its => its(cause)).find(sentence => sentence !== undefined);
}

function found(fault: string | undefined): void {
  if (fault !== undefined) throw new Finding(fault);
}

function told(cause: unknown): string {
  return cause instanceof Error ? `${cause.constructor.name}: ${cause.message.slice(0, 300)}` : String(cause);
}
