// Byte counts of a run, beside the charts: what each file has handed to the network or taken from it, and what is there
// for good.
import type { SessionFile } from '../../machines/vocabulary.ts';
import type { FileBytes } from './records.ts';

interface Account {
  /** Absent while nobody says how large it is. */
  readonly size?: number;
  /** Of the running attempt; a fetch that goes on counts from where it began. */
  sent: number;
  from: number;
  /** Of the attempts before it. */
  earlier: number;
  accepted: number;
  attempts: number;
}

export class Ledger {
  readonly #files: Map<string, Account>;
  readonly #changed: (file: string, bytes: FileBytes) => void;

  constructor(files: readonly { name: string; size?: number }[], changed: (file: string, bytes: FileBytes) => void) {
    this.#files = new Map();
    this.#changed = changed;
    this.add(files);
  }

  /** Files that are known only now. */
  add(files: readonly { name: string; size?: number }[]): void {
    for (const { name, size } of files) {
      this.#files.set(name, { size, sent: 0, from: 0, earlier: 0, accepted: 0, attempts: 0 });
    }
  }

  /** A new attempt begins: what the last one sent is history. */
  begin(file: string, from = 0): void {
    const its = this.#files.get(file);
    if (its === undefined) return;
    its.attempts += 1;
    its.earlier += its.sent - its.from;
    its.sent = from;
    its.from = from;
    its.accepted = 0;
    this.#changed(file, its);
  }

  sent(file: string, bytes: number): void {
    const its = this.#files.get(file);
    if (its === undefined) return;
    // The server did not go on, but began again.
    if (bytes < its.from) its.from = 0;
    its.sent = bytes;
    this.#changed(file, its);
  }

  /** What the service told. Within an attempt the number never falls, and it never exceeds the size (S4). */
  told({ name, status, bytesTransferred, size, sourceType }: SessionFile): void {
    const its = this.#files.get(name);
    if (its === undefined || sourceType === 'NONE') return;
    const has = status === 'READY' ? (size ?? its.size ?? bytesTransferred) : bytesTransferred;
    const accepted = Math.min(its.size ?? Number.POSITIVE_INFINITY, Math.max(its.accepted, has));
    if (accepted === its.accepted) return;
    its.accepted = accepted;
    this.#changed(name, its);
  }

  /** The service has said yes to the whole file. */
  taken(file: string): void {
    const its = this.#files.get(file);
    if (its === undefined) return;
    its.accepted = Math.max(its.size ?? its.accepted, its.sent);
    this.#changed(file, its);
  }

  /** Over all attempts. */
  totalOf(file: string): FileBytes & { readonly attempts: number } {
    const its = this.#files.get(file);
    const sent = (its?.earlier ?? 0) + (its?.sent ?? 0) - (its?.from ?? 0);
    return { sent, accepted: its?.accepted ?? 0, attempts: its?.attempts ?? 0 };
  }

  /**
   * How far all files are, in whole percent; `undefined` where no size is known. Of an upload only what the service says that
   * it has counts (`accepted`): what was handed to the network may still be lost.
   */
  percent(of: 'moved' | 'accepted' = 'moved'): number | undefined {
    const all = [...this.#files.values()];
    const size = all.reduce((sum, its) => sum + (its.size ?? 0), 0);
    if (size === 0) return undefined;
    const far = all.reduce((sum, its) => sum + Math.max(of === 'moved' ? its.sent : 0, its.accepted), 0);
    return Math.min(100, Math.floor((100 * far) / size));
  }
}
