// The progress of many items at once: how many are through, and those that are under way. On a terminal one block for all of
// them, in a log a line for each that has ended.
import { type Observable, ReplaySubject, type Subscription } from 'rxjs';
import type { Outcome } from '../events/records.ts';
import { createPace } from '../observe/pace.ts';
import type { FileProgress, Progress } from '../observe/progress.ts';
import { everySoOften, type ViewOptions } from './view.ts';
import { clockOf, harmless, isLeft, rateOf, sizeOf } from './words.ts';

/** Who tells what becomes of the items. Items are known by their place in the list of names. */
export interface ItemsView {
  begin(index: number, progress$: Observable<Progress>): void;
  end(index: number, outcome: Outcome): void;
}

export interface ItemsOptions {
  /** Of all items, as they are to be shown. */
  readonly names: readonly string[];
  /** Where they all go. */
  readonly to: string;
  readonly clock: ViewOptions['clock'];
}

const [EVERY_MS, BEAT_MS, LINE_MS] = [100, 1_000, 10_000];
const STATES: Readonly<Record<Outcome, string>> = {
  done: 'ready',
  upToDate: 'unchanged',
  planned: 'unchanged',
  failed: 'failed',
  canceled: 'failed'
};

/** One progress of them all, in which items stand as the files of one run do, for `ttyView`. At most ten a second. */
export function itemsProgress({ names, to, clock }: ItemsOptions): ItemsView & {
  readonly progress$: Observable<Progress>;
  close(): void;
} {
  const items = new Items(names, to, clock.now());
  const progress = new ReplaySubject<Progress>(1);
  const heard = new Map<number, Subscription>();
  const emit = (): boolean => {
    progress.next(items.progress(clock.now()));
    return true;
  };
  const pace = createPace({ clock, everyMs: EVERY_MS, beatMs: BEAT_MS, emit });
  emit();
  return {
    progress$: progress.asObservable(),
    begin(index, its$) {
      const subscription = its$.subscribe(its => {
        items.moved(index, its);
        pace.touch();
      });
      heard.set(index, subscription);
    },
    end(index, outcome) {
      heard.get(index)?.unsubscribe();
      heard.delete(index);
      items.ended(index, outcome);
      pace.touch();
    },
    close() {
      pace.stop();
      emit();
      progress.complete();
    }
  };
}

/** Lines: one for each item that has ended, and every ten seconds how far all are. */
export function itemsLines({ names, to, clock, write }: ItemsOptions & ViewOptions): ItemsView & { close(): void } {
  const items = new Items(names, to, clock.now());
  const since = (): string => `[${clockOf(clock.now() - items.beganAt)}]`;
  const heard = new Map<number, Subscription>();
  const stop = everySoOften(clock, LINE_MS, () => {
    const { phase, total } = items.progress(clock.now());
    const left = isLeft(total.etaMs, total.rate) ? `, ${clockOf(total.etaMs)} left` : '';
    const rate = total.rate > 0 ? `, ${rateOf(total.rate)}` : '';
    write(`${since()} ${phase}: ${sizeOf(total.accepted)} accepted${rate}${left}\n`);
  });
  return {
    begin(index, its$) {
      heard.set(
        index,
        its$.subscribe(its => items.moved(index, its))
      );
    },
    end(index, outcome) {
      heard.get(index)?.unsubscribe();
      heard.delete(index);
      items.ended(index, outcome);
      const words = outcome === 'upToDate' ? 'up to date' : outcome;
      write(`${since()} ${items.through}/${names.length} ${harmless(names[index] ?? '')}: ${words}\n`);
    },
    close: stop
  };
}

class Items {
  through = 0;
  readonly beganAt: number;
  readonly #to: string;
  readonly #rows: FileProgress[];
  #failed = 0;
  #retries = 0;
  #sentInAll = 0;

  constructor(names: readonly string[], to: string, at: number) {
    this.#to = to;
    this.beganAt = at;
    this.#rows = names.map(name => ({
      name,
      size: 0,
      role: 'plain',
      sent: 0,
      accepted: 0,
      state: 'queued',
      attempt: 0,
      rate: 0
    }));
  }

  moved(index: number, { total, phase, waits, retries, sentInAll }: Progress): void {
    const row = this.#rows[index] as FileProgress;
    const state = waits.length > 0 ? 'waiting' : phase === '' ? 'reading' : phase;
    this.#retries += retries - (this.#told.get(index)?.retries ?? 0);
    this.#sentInAll += sentInAll - (this.#told.get(index)?.sentInAll ?? 0);
    this.#told.set(index, { retries, sentInAll });
    this.#rows[index] = { ...row, ...total, state };
  }
  readonly #told = new Map<number, { readonly retries: number; readonly sentInAll: number }>();

  ended(index: number, outcome: Outcome): void {
    const { etaMs: _, ...row } = this.#rows[index] as FileProgress;
    this.through += 1;
    if (STATES[outcome] === 'failed') this.#failed += 1;
    this.#rows[index] = { ...row, state: STATES[outcome], rate: 0 };
  }

  progress(now: number): Progress {
    const sum = (key: 'size' | 'sent' | 'accepted' | 'rate'): number =>
      this.#rows.reduce((all, row) => all + row[key], 0);
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    const left = this.#rows.length - this.through;
    return {
      at: now,
      startedAt: this.beganAt,
      to: this.#to,
      phase: `${this.through} of ${this.#rows.length} items${failed}`,
      files: this.#rows,
      each: 'item',
      total: {
        size: sum('size'),
        // What has not begun has not been looked at.
        unsized: true,
        sent: sum('sent'),
        accepted: sum('accepted'),
        rate: sum('rate'),
        // By items, not by bytes: of those to come nobody knows how large they are.
        ...(this.through > 0 && { etaMs: ((now - this.beganAt) / this.through) * left })
      },
      sentInAll: this.#sentInAll,
      retries: this.#retries,
      waits: []
    };
  }
}
