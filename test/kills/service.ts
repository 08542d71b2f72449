// The server that a killed command talks to, as the one who kills sees it: how things stand while somebody is at work, and what
// is there in the end.
import type { ProfileName } from '../../src/servers/profiles.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { values } from '../../src/simulator/service/table.ts';
import type { Goods, Held } from './goods.ts';
import type { Origin } from './origin.ts';

/** How things stand on the server while somebody is at work. */
export interface Standing {
  /** Requests that came, and those whose answer has gone out. Where only answers can be seen they are the same. */
  readonly arrived: number;
  readonly answered: number;
  /** Sessions that are open, and whether there has ever been one. */
  readonly open: number;
  readonly opened: boolean;
  /** Bodies on their way, and bytes of them that have moved so far. */
  readonly bodies: number;
  readonly moved: number;
  /** Requests to complete that came, and that were answered. */
  readonly completing: number;
  readonly completed: number;
}

/** What is there in the end. */
export interface Found {
  readonly items: readonly { readonly name: string; readonly version: number; readonly files: Held }[];
  /** State and item of each session, for update and for download. */
  readonly sessions: readonly string[];
}

export interface Service {
  readonly url: string;
  /** The words that start such a server by hand. */
  readonly byHand: string;
  /** Hears that something has changed; the answer takes it away again. */
  onChange(listener: () => void): () => void;
  /** How things stand; it may be asked often. */
  look(): Promise<Standing> | Standing;
  /** One line a request. */
  log(): Promise<readonly string[]>;
  /** Kills it, and starts it again if it is dead, where it is a process. */
  readonly die?: () => Promise<void>;
  readonly rise?: () => Promise<void>;
  /** Ends it, and tells what it holds. */
  end(): Promise<Found>;
}

export interface ServiceOptions {
  readonly profile: ProfileName;
  readonly goods: Goods;
  /** What may be pulled from. */
  readonly origin: Origin;
}

/** A request, as the simulator's log has it. */
export interface Seen {
  readonly op: string;
  readonly file?: string;
  readonly status?: number;
}
export function librariesOf({ items }: Goods) {
  const there = items.flatMap(({ name, before }) => {
    if (before === undefined) return [];
    const files = Object.entries(before).map(([file, bytes]) => ({ name: file, base64: bytes.toString('base64') }));
    return [{ name, files }];
  });
  return [{ name: 'images', items: there }];
}

export function isOpening({ op }: Seen): boolean {
  return op === 'session.create' || op === 'download.create';
}

export async function foundIn(simulator: Simulator, sessions: readonly string[]): Promise<Found> {
  const items: Found['items'][number][] = [];
  for (const { name, id } of values(simulator.state.items)) {
    const contents = simulator.contents(id)!;
    const files: Record<string, Buffer> = {};
    for (const file of contents.files) files[file.name] = Buffer.from((await file.read()) ?? []);
    items.push({ name, version: contents.contentVersion, files });
  }
  return { items, sessions };
}

export function lineOf({ op, file, status }: Seen): string {
  return [op, file, status ?? 'no answer'].filter(part => part !== undefined).join(' ');
}
