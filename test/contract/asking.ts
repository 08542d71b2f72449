// What the cases of the contract ask of a subject again and again.
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Failure, FailureCode } from '../../machines/vocabulary.ts';
import { type AddFile, type ByteSink, type ByteSource, PortFailure, type Pushed } from '../../src/ports.ts';
import type { Subject } from './contract.ts';

/** Of the session's documented life without activity. */
export const SESSION_MS = 300_000;

export async function imagesOf({ library }: Subject): Promise<string> {
  const [id] = await library.findLibraries({ name: 'images' });
  return id!;
}

export async function itemIn(subject: Subject, name = 'ubuntu', type?: string): Promise<string> {
  return subject.library.createItem({ libraryId: await imagesOf(subject), name, type });
}

/** A session on an item of its own. */
export async function begun(subject: Subject, type?: string): Promise<{ item: string; session: string }> {
  const item = await itemIn(subject, 'ubuntu', type);
  return { item, session: await subject.library.createSession({ itemId: item }) };
}

/** Adds a file and pushes its bytes. */
export async function pushed(
  { library, bytes }: Subject,
  session: string,
  name: string,
  content: string | Uint8Array = 'hello',
  more: Partial<AddFile> = {}
): Promise<Pushed> {
  const { uploadUri } = await library.addFile(session, { name, sourceType: 'PUSH', ...more });
  return bytes.push({ uri: uploadUri!, source: sourceOf(content), hash: [] });
}

export async function added({ library }: Subject, session: string, name: string): Promise<string> {
  return (await library.addFile(session, { name, sourceType: 'PUSH' })).uploadUri!;
}

/** Names and sizes of what everyone sees of an item. */
export async function visible({ library }: Subject, item: string): Promise<Record<string, number | undefined>> {
  return Object.fromEntries((await library.listItemFiles(item)).map(({ name, size }) => [name, size]));
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof PortFailure) return error.failure;
      throw error;
    }
  );
  if (failure === undefined) throw new Error('a PortFailure was expected');
  return failure;
}

export async function refused(work: Promise<unknown>, code: FailureCode): Promise<Failure> {
  const failure = await failureOf(work);
  expect(failure).toMatchObject({ code, message: expect.stringMatching(/\S/) });
  return failure;
}

/** Asks until it is so: what happens to a connection is noticed a little later. */
export async function eventually<T>(ask: () => Promise<T>, so: (answer: T) => boolean): Promise<T> {
  let answer = await ask();
  for (let asked = 0; asked < 1000 && !so(answer); asked++) answer = await ask();
  return answer;
}

/** An item that holds these files. */
export async function published(
  subject: Subject,
  files: Readonly<Record<string, string | Uint8Array>>
): Promise<string> {
  const { item, session } = await begun(subject);
  for (const [name, content] of Object.entries(files)) await pushed(subject, session, name, content);
  await subject.library.complete(session);
  return item;
}

/** A sink that keeps what it is given. */
export function keeper(): ByteSink & { bytes(): Buffer } {
  let kept = Buffer.alloc(0);
  return {
    write: async (chunk, at) => {
      expect(at).toBeLessThanOrEqual(kept.length);
      kept = Buffer.concat([kept.subarray(0, at), chunk]);
    },
    bytes: () => kept
  };
}

export function sourceOf(content: string | Uint8Array, pieces = 3): ByteSource {
  const bytes = Buffer.from(content);
  const piece = Math.max(1, Math.ceil(bytes.length / pieces));
  return {
    size: bytes.length,
    read: async function* () {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    }
  };
}

export function digestOf(algorithm: string, content: string | Uint8Array) {
  return { algorithm, checksum: createHash(algorithm).update(content).digest('hex') };
}
