// @ts-check
// A service that publishes images, one upload a job. The signal that ends the job ends its upload as well, and what had been
// begun on the server is taken back. Here the server is a simulator on a loopback socket.
import { fileURLToPath } from 'node:url';
import { connect, systemClock, upload } from 'shelver';
import { createSimulator } from 'shelver/simulator';

const simulator = createSimulator({ clock: systemClock(), libraries: ['images'] });
const { url } = await simulator.listen();
const vcenter = await connect({ url, username: 'user', password: 'pass' });

/** @param {string} to @param {AbortSignal} signal @param {(phase: string) => void} [onPhase] */
async function publish(to, signal, onPhase) {
  const image = fileURLToPath(import.meta.url); // any file will do
  const run = upload(vcenter, { to, files: [image] }, { signal });
  run.state$.subscribe(({ phase }) => onPhase?.(phase));
  const { outcome, failure, notes } = await run.report; // for every outcome; it never throws
  console.log(`${to}: ${[outcome, failure?.message, ...notes].filter(Boolean).join('; ')}`);
}

await publish('images/kept', AbortSignal.timeout(60_000));

const job = new AbortController();
await publish('images/given-up', job.signal, phase => {
  if (phase === 'transferring') job.abort('the client went away');
});

for (const item of ['kept', 'given-up']) {
  console.log(`the server has the item ${item}: ${simulator.contents(item) !== undefined}`);
}
console.log(`sessions left on the server: ${(await vcenter.library.listSessions()).length}`);
await vcenter.close();
await simulator.close();
