// What a port failure says, as a value that a test can compare.
import { type Failure, failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../../src/ports.ts';

/** The failure that the call ends with; a call that ends well, or with any other error, is an INTERNAL failure. */
export async function failureOf(call: () => unknown): Promise<Failure> {
  try {
    await call();
  } catch (error) {
    if (error instanceof PortFailure) return error.failure;
    return failure('INTERNAL', `another error: ${error}`);
  }
  return failure('INTERNAL', 'it did not fail');
}
