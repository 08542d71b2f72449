// One PUT of a file in a process of its own: `node bench/send.mjs bare|got|one|two URL FILE`. Prints milliseconds from the
// beginning of the PUT to its answer, and the most memory that the process held.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { connectModule, fileSourceModule } from './built.mjs';

const MEBIBYTE = 1024 * 1024;
const [how = '', url = '', path = ''] = process.argv.slice(2);
/** @type {Record<string, ('SHA1' | 'SHA256')[]>} */
const DIGESTS = { got: [], one: ['SHA256'], two: ['SHA1', 'SHA256'] };
const ms = how === 'bare' ? await sendBare() : await sendOurs(DIGESTS[how] ?? []);
console.log(JSON.stringify({ ms, peakBytes: process.resourceUsage().maxRSS * 1024 }));

async function sendBare() {
  const { size } = await stat(path);
  const at = performance.now();
  await new Promise((resolve, reject) => {
    const put = request(`${url}/cls/data/0/file`, { method: 'PUT', headers: { 'content-length': size } });
    put.on('error', reject).on('response', response => response.resume().on('end', resolve));
    createReadStream(path, { highWaterMark: MEBIBYTE }).pipe(put);
  });
  return performance.now() - at;
}

/** @param {('SHA1' | 'SHA256')[]} hash */
async function sendOurs(hash) {
  const [{ connect }, { fileSource }] = await Promise.all([connectModule(), fileSourceModule()]);
  const connection = await connect({ url, username: 'user', password: 'pass', dialect: 'api', profile: '8.0' });
  try {
    const source = await fileSource(path);
    const at = performance.now();
    const { sent } = await connection.bytes.push({ uri: `${url}/cls/data/0/file`, source, hash });
    if (sent !== source.size) throw new Error(`${sent} of ${source.size} bytes were sent`);
    return performance.now() - at;
  } finally {
    await connection.close();
  }
}
