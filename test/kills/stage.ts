// What one time happens on: a folder with files, a server, and the command beside them.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Goods, goodsIn } from './goods.ts';
import { beginLife, type Life } from './life.ts';
import { originOf } from './origin.ts';
import type { Plan } from './plan.ts';
import type { Service } from './service.ts';
import { serviceApart } from './service-apart.ts';
import { serviceHere } from './service-here.ts';

export interface Stage {
  readonly folder: string;
  readonly journal: string;
  readonly goods: Goods;
  readonly service: Service;
  /** @param piped the password comes by a pipe */
  begin(words: readonly string[], piped: boolean): Life;
  /** Takes down what is no part of the folder. */
  strike(): void;
}

/** @param command path of main.js */
export async function staged({ workflow, size, profile, server }: Plan, command: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'shelver-kills-'));
  let goods: Goods | undefined;
  const origin = await originOf(() => goods?.elsewhere ?? {});
  goods = await goodsIn(folder, workflow, size, origin.url);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  writeFileSync(join(folder, 'password'), 'pass\n');
  const options = { profile, goods, origin };
  const service = await (server === undefined ? serviceHere(options) : serviceApart(command, folder, options));
  const env = {
    SHELVER_URL: service.url,
    SHELVER_USERNAME: 'user',
    XDG_STATE_HOME: folder,
    HOME: folder,
    TMPDIR: temporary,
    // The first preview has to be named; all others are found at login.
    ...(profile === '6.0' && { SHELVER_DIALECT: '2014' })
  };
  return {
    folder,
    journal: join(folder, 'shelver', 'journal.db'),
    goods,
    service,
    begin: (words, piped) =>
      beginLife(words, {
        command,
        folder,
        env: { ...env, ...(piped ? { PATH: '/usr/bin:/bin' } : { SHELVER_PASSWORD: 'pass' }) },
        piped
      }),
    strike: () => origin.close()
  };
}
