#!/usr/bin/env node
// The process around the command: its streams, its signals and its end.
import type { Signal } from './io.ts';
import { run } from './run.ts';

let unsaid = false;
for (const stream of [process.stdout, process.stderr]) {
  // Whoever read along is gone (`shelver ls | head -1`): there is nobody to tell, and that is no error. What was begun goes
  // on: an upload ends as it ends, and cleans up. Words that cannot be written for another reason (a full disk) are missed.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    unsaid ||= error.code !== 'EPIPE';
  });
}

const code = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  onSignal: hear => {
    const signals: Signal[] = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, hear);
    return () => {
      for (const signal of signals) process.off(signal, hear);
    };
  },
  exit: exitCode => process.exit(exitCode)
});
// Pipes take what was written later than `write` returns; ending earlier would cut the report short. That a write failed is
// told after its end.
process.stdout.write('', () =>
  process.stderr.write('', () => setImmediate(() => process.exit(code || Number(unsaid))))
);
