// One row of the suite: what is documented of the service, and how it is seen over HTTP.
import type { Bench } from './bench.ts';
import type { Dialect } from './say.ts';

export interface Row {
  /** Unique: what it is about, and which fact. */
  readonly id: string;
  /** The fact, in one sentence. */
  readonly says: string;
  /** Both unless said otherwise. */
  readonly dialects?: readonly Dialect[];
  /** The release that brought it; an older server is not asked. */
  readonly since?: string;
  /** The last release that has it; a newer server, or one that states no version, is not asked. */
  readonly until?: string;
  /** No source decides this: our own judgement. */
  readonly judged?: true;
  /** What else the server has to have. */
  readonly needs?: 'xml' | 'second user' | 'subscribed library' | 'no vcsim' | 'both dialects';
  /** Returns when it is as documented; throws a `Difference` or `NotServed`. */
  run(bench: Bench): Promise<void>;
}

/** Rows of one group, in order. */
export interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}
