// Byte counts of a run, beside the charts: what each file has handed to the network, and what the service says it has.
import type { SessionFile } from '../../machines/vocabulary.ts';
import type { FileBytes } from './records.ts';

interface Account {
  readonly size: number;
  /** Of the running attempt. */
  sent: number;
  /** Of the attempts before it. */
  earlier: number;
  accepted: number;
  attempts: number;
}

export class Ledger {
  readonly #files: Map<string, Account>;
  readonly #changed: (file: string, bytes: FileBytes) => void;

  constructor(files: readonly { name: string; size: number }[], changed: (file: string, bytes: FileBytes) => void) {
    this.#files = new Map(
      files.map(({ name, size }) => [name, { size, sent: 0, earlier: 0, accepted: 0, attempts: 0 }])
    );
    this.#changed = changed;
  }

  /** A new attempt begins: what the last one sent is history. */
  begin(file: string): void {
    const its = this.#files.get(file);
    if (its === undefined) return;
    its.attempts += 1;
    its.earlier += its.sent;
    its.sent = 0;
    its.accepted = 0;
    this.#changed(file, its);
  }

  sent(file: string, bytes: number): void {
    const its = this.#files.get(file);
    if (its === undefined) return;
    its.sent = bytes;
    this.#changed(file, its);
  }

  /** What the service told. Within an attempt the number never falls, and it never exceeds the size (S4). */
  told({ name, status, bytesTransferred, size, sourceType }: SessionFile): void {
    const its = this.#files.get(name);
    if (its === undefined || sourceType === 'NONE') return;
    const has = status === 'READY' ? (size ?? its.size) : bytesTransferred;
    const accepted = Math.min(its.size, Math.max(its.accepted, has));
    if (accepted === its.accepted) return;
    its.accepted = accepted;
    this.#changed(name, its);
  }

  /** The service has said yes to the whole file. */
  taken(file: string): void {
    const its = this.#files.get(file);
    if (its === undefined) return;
    its.accepted = its.size;
    this.#changed(file, its);
  }

  /** Over all attempts. */
  totalOf(file: string): FileBytes & { readonly attempts: number } {
    const its = this.#files.get(file);
    return { sent: (its?.earlier ?? 0) + (its?.sent ?? 0), accepted: its?.accepted ?? 0, attempts: its?.attempts ?? 0 };
  }
}
