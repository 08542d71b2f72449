// A command by which a login ends, and another one begins.
import type { Command } from './calling.ts';
import type { Shelf } from './shelf.ts';
import type { World } from './world.ts';

/** A token that was given back is none any more. */
export class LoggingOut implements Command {
  readonly user: string;
  constructor(user: string) {
    this.user = user;
  }
  check(): boolean {
    return true;
  }
  async run(_shelf: Shelf, world: World): Promise<void> {
    const { wire } = world;
    await wire.logOut(this.user);
    const { status, error } = await wire.send({ op: 'u.list', user: this.user, args: {} });
    if (status !== 401 || error !== 'UNAUTHENTICATED') throw new Error(`after the logout: ${status} ${error}`);
    await world.logIn(this.user);
  }
  toString(): string {
    return `${this.user} logs out and in`;
  }
}
