// Commands by which time passes, and with it what the service keeps for a while only.
import { agreed, type Command } from './calling.ts';
import { clearInstant, type Download, pass, type Shelf, type Update } from './shelf.ts';
import type { World } from './world.ts';

export class Waiting implements Command {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check(): boolean {
    return true;
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    await waitUntil(shelf, world, shelf.now + this.ms);
  }
  toString(): string {
    return `${this.ms} ms pass`;
  }
}

/** Time passes until just before, or just after, the instant at which a session expires; then somebody looks for it. */
export class WaitingForExpiry implements Command {
  readonly at: number;
  readonly ms: 1 | -1;
  constructor(at: number, ms: 1 | -1) {
    this.at = at;
    this.ms = ms;
  }
  check(shelf: Readonly<Shelf>): boolean {
    return activeIn(shelf).length > 0;
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    const active = activeIn(shelf);
    const { expiresAt, user, id, ...more } = active.at(-1 - (this.at % active.length)) as Update | Download;
    await waitUntil(shelf, world, Math.max(shelf.now, expiresAt + this.ms));
    await agreed(shelf, world, [{ op: 'entries' in more ? 'u.get' : 'd.get', user, args: { id } }]);
  }
  toString(): string {
    return `time passes until ${this.ms} ms from an expiry (${this.at})`;
  }
}

async function waitUntil(shelf: Shelf, world: World, at: number): Promise<void> {
  const ms = clearInstant(shelf, at) - shelf.now;
  await world.clock.advanceBy(ms);
  pass(shelf, ms);
}

function activeIn({ updates, downloads }: Readonly<Shelf>): (Update | Download)[] {
  const all = [...updates, ...downloads.filter(({ isOpen }) => !isOpen)];
  return all.filter(({ state, isGone }) => state === 'ACTIVE' && !isGone);
}
