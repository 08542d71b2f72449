// What a run holds of bytes at a time: it stands between the run and its sources and its folder, and counts readings and writes.
// S12 says that memory does not grow with file sizes, so no more is held than is on its way: one reading a file, a few files, one
// chunk of each, and nothing at the end.
import type { ByteSource, Files, ReadAt, SeekableSource, Target } from '../../src/ports.ts';

export interface Held {
  /** Readings that are open now, by what they read. */
  readonly open: ReadonlyMap<string, number>;
  /** The most at once: readings of one file, readings in all, chunks asked for in one reading, chunks written to one part. */
  readonly most: { perFile: number; all: number; asked: number; writing: number };
  /** The folder: whether it was used, how often it was closed, and used after that. */
  readonly folder: { isUsed: boolean; closed: number; usedAfter: number };
  source(name: string, source: ByteSource): ByteSource;
  disk(files: Files): Files;
  target(target: Target): Target;
}

export function holding(): Held {
  const open = new Map<string, number>();
  const most = { perFile: 0, all: 0, asked: 0, writing: 0 };
  const folder = { isUsed: false, closed: 0, usedAfter: 0 };
  let all = 0;

  const begin = (name: string): void => {
    const its = (open.get(name) ?? 0) + 1;
    open.set(name, its);
    all += 1;
    most.perFile = Math.max(most.perFile, its);
    most.all = Math.max(most.all, all);
  };
  const end = (name: string): void => {
    const left = (open.get(name) as number) - 1;
    if (left === 0) open.delete(name);
    else open.set(name, left);
    all -= 1;
  };
  /** Open from when its first chunk is asked for until it has ended, or is left. */
  const reading = (name: string, its: AsyncIterator<Uint8Array>): AsyncIterableIterator<Uint8Array> => {
    let isOpen = false;
    let asked = 0;
    const close = (): void => {
      if (isOpen) end(name);
      isOpen = false;
    };
    return {
      async next() {
        if (!isOpen) begin(name);
        isOpen = true;
        asked += 1;
        most.asked = Math.max(most.asked, asked);
        try {
          const step = await its.next();
          if (step.done === true) close();
          return step;
        } catch (cause) {
          close();
          throw cause;
        } finally {
          asked -= 1;
        }
      },
      async return(value?: unknown) {
        close();
        await its.return?.(value);
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      }
    };
  };
  const source = <S extends ByteSource>(name: string, its: S): S => ({
    ...its,
    read: (signal?: AbortSignal, reuse?: boolean) => reading(name, its.read(signal, reuse)[Symbol.asyncIterator]())
  });
  const seekable = (name: string, its: SeekableSource): SeekableSource => ({
    ...source(name, its),
    // A part of an archive is a file of its own.
    range: (start, until) => source(`${name} from ${start}`, its.range(start, until)),
    reading: async <T>(use: (read: ReadAt) => Promise<T>) => {
      begin(name);
      try {
        return await its.reading(use);
      } finally {
        end(name);
      }
    }
  });
  const used = <A extends unknown[], R>(call: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      folder.isUsed = true;
      if (folder.closed > 0) folder.usedAfter += 1;
      return call(...args);
    };
  };
  return {
    open,
    most,
    folder,
    source,
    disk: files => ({
      exists: path => files.exists(path),
      open: async path => seekable(path, await files.open(path))
    }),
    target: ({ place, find, openPart, part, read, keep, dropPart, close }) => {
      return {
        place,
        find: used(find),
        openPart: used(openPart),
        keep: used(keep),
        dropPart: used(dropPart),
        read: used(async (name, what, call) => source(`${what} ${name}`, await read(name, what, call))),
        part: name => {
          const sink = part(name);
          let writing = 0;
          return {
            async write(chunk, at) {
              writing += 1;
              most.writing = Math.max(most.writing, writing);
              try {
                await sink.write(chunk, at);
              } finally {
                writing -= 1;
              }
            }
          };
        },
        close: async () => {
          folder.closed += 1;
          await close();
        }
      };
    }
  };
}

/** @param parallel files that may be on their way at once @param isOver whether the run has ended: then nothing may be open */
export function brokenHolding({ open, most, folder }: Held, parallel: number, isOver: boolean): string[] {
  const wrong: string[] = [];
  if (most.perFile > 1) wrong.push(`a file was read ${most.perFile} times at once`);
  // Beside those that are sent, one is read for a comparison.
  if (most.all > parallel + 1) wrong.push(`${most.all} files were read at once, and ${parallel} may be sent`);
  if (most.asked > 1) wrong.push(`${most.asked} chunks of a reading were asked for at once`);
  if (most.writing > 1) wrong.push(`${most.writing} chunks were written to a part at once`);
  if (folder.usedAfter > 0) wrong.push('the folder was used after it had been closed');
  if (isOver && folder.isUsed && folder.closed === 0) wrong.push('the run has ended, and has not closed its folder');
  if (isOver && open.size > 0) wrong.push(`the run has ended, and still reads ${[...open.keys()].join(', ')}`);
  return wrong;
}
