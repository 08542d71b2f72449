// The other side of hash.ts: digests of what lies in the shared slots. Plain JavaScript, so that it runs from the sources
// and from the build alike.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** @typedef {{ job: number, algorithms: string[] }} Begin */
/** @typedef {{ job: number, slot: number, length: number }} Filled */
/** @typedef {{ job: number, end: true }} End */
/** @typedef {{ job: number, drop: true }} Drop */

const { memory, slotBytes } = /** @type {{ memory: SharedArrayBuffer, slotBytes: number }} */ (workerData);
/** @type {Map<number, import('node:crypto').Hash[]>} */
const jobs = new Map();

parentPort?.on('message', (/** @type {Begin | Filled | End | Drop} */ message) => {
  const { job } = message;
  if ('algorithms' in message) {
    jobs.set(
      job,
      message.algorithms.map(algorithm => createHash(algorithm))
    );
  } else if ('slot' in message) {
    const bytes = new Uint8Array(memory, message.slot * slotBytes, message.length);
    for (const hash of jobs.get(job) ?? []) hash.update(bytes);
    parentPort?.postMessage({ slot: message.slot });
  } else {
    const hashes = jobs.get(job);
    jobs.delete(job);
    if ('end' in message) parentPort?.postMessage({ job, digests: hashes?.map(hash => hash.digest('hex')) });
  }
});
