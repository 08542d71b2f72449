// @ts-check
// A bad night: the server is overloaded, a connection breaks in the middle, a byte is changed on the way, an answer is lost.
// Time is virtual, so the waits cost nothing.
import { bytesSource, memoryJournal, upload } from 'shelver';
import { createSimulator, virtualClock } from 'shelver/simulator';

const clock = virtualClock();
const simulator = createSimulator({
  clock,
  libraries: ['images'],
  faults: [
    { on: 'item.create', do: 'loseAnswer' },
    { on: 'session.create', do: 'answer', status: 503, retryAfter: 30 },
    { on: 'put', do: 'reset', afterBytes: 500_000 },
    { on: 'put', do: 'corrupt', atByte: 7 },
    { on: 'session.complete', do: 'loseAnswer' }
  ]
});
const files = [{ name: 'disk.vmdk', source: bytesSource(Buffer.alloc(1_000_000, 'disk')) }];
const server = simulator.connect({ journal: memoryJournal() });

const run = upload(server, { to: 'images/ubuntu', files });
run.timeline$.subscribe(event => {
  if (event.type === 'call' && event.op === 'push') console.log(`pushing ${event.about}`);
  if (event.type === 'answer' && event.failure) console.log(`${event.op}: ${event.failure.message}`);
  if (event.type === 'waiting' && event.why)
    console.log(`  again in ${((event.until - event.at) / 1000).toFixed(1)} s`);
});
const { outcome, retries, sent, accepted, files: told } = await clock.run(run.report);
console.log(
  `${outcome} after ${retries} retries, verified by ${told[0]?.verified}: ${sent} bytes sent, ${accepted} accepted`
);
