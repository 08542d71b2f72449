// That the machines of the law can be made at all. Asked within a test: what goes wrong while a file is loaded is no failed test to
// Stryker, which then calls it unnoticed.
import { expect, it } from 'vitest';

it.each(['download-file', 'download-session', 'update-file', 'update-session'])(
  'should be possible to make the machine of %s',
  async name => {
    const made = Object.values<{ id?: string }>(await import(`../../machines/service/${name}.ts`));
    expect(made.map(({ id }) => id)).toEqual([name]);
  }
);
