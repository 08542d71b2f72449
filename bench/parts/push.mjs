import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GIBIBYTE, MEBIBYTE, writeDense } from '../files.mjs';
import { byTurns, ratio, spread } from '../measure.mjs';
import { run, runScript, serve } from '../processes.mjs';

const ENDPOINT = fileURLToPath(new URL('../endpoint.mjs', import.meta.url));

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function push(folder) {
  const path = await writeDense(join(folder, 'dense.bin'), GIBIBYTE);
  const endpoint = await serve(process.execPath, [ENDPOINT]);
  /** @param {string} how */
  const send = async how => speed((await runScript('send.mjs', how, endpoint.line, path)).ms);
  try {
    const speeds = await byTurns(7, {
      bare: () => send('bare'),
      ours: () => send('got'),
      one: () => send('one'),
      two: () => send('two'),
      alone: async () => hashAlone(),
      curl: () => curl(endpoint.line, path)
    });
    return {
      title: 'One file of 1 GiB to an endpoint that counts bytes',
      how: 'Seven rounds by turns, each PUT in a process of its own; timed from the beginning of the PUT to its answer. "Bare" pipes chunks of 1 MiB into a PUT of `node:http`. A file that comes without a digest gets two, as servers differ in which one they report; what one thread can hash bounds that, and client, server and hashing share the cores.',
      rows: [
        { what: 'bare `node:http`', figure: spread(speeds.bare), unit: 'MiB/s' },
        { what: 'our transfer', figure: spread(speeds.ours), unit: 'MiB/s' },
        { what: 'our transfer, making SHA-256 (a file of a manifest)', figure: spread(speeds.one), unit: 'MiB/s' },
        { what: 'our transfer, making SHA-1 and SHA-256 (any other)', figure: spread(speeds.two), unit: 'MiB/s' },
        { what: 'SHA-1 and SHA-256 alone, in one thread', figure: spread(speeds.alone), unit: 'MiB/s' },
        { what: 'curl', figure: spread(speeds.curl), unit: 'MiB/s' }
      ],
      aims: [
        {
          what: 'ours / bare',
          figure: ratio(speeds.ours, speeds.bare),
          unit: '',
          sense: 'at least',
          limit: 0.95,
          digits: 2
        },
        {
          what: 'ours with one digest / bare',
          figure: ratio(speeds.one, speeds.bare),
          unit: '',
          sense: 'at least',
          limit: 0.6,
          digits: 2
        },
        {
          what: 'ours with two digests / bare',
          figure: ratio(speeds.two, speeds.bare),
          unit: '',
          sense: 'at least',
          limit: 0.6,
          digits: 2
        },
        { what: 'curl / bare', figure: ratio(speeds.curl, speeds.bare), unit: '', digits: 2 }
      ]
    };
  } finally {
    await endpoint.end();
  }
}

/**
 * @param {string} url
 * @param {string} path
 */
async function curl(url, path) {
  const to = `${url}/cls/data/0/file`;
  const { stdout } = await run('curl', [
    '-sS',
    '-o',
    '/dev/null',
    '-H',
    'Expect:',
    '-T',
    path,
    '-w',
    '%{time_total}',
    to
  ]);
  return speed(Number(stdout) * 1_000);
}

/** What hashing costs where nothing is sent: no transfer with both digests from one thread can be faster. */
function hashAlone() {
  const hashes = [createHash('sha1'), createHash('sha256')];
  const chunk = Buffer.alloc(MEBIBYTE, 7);
  const at = performance.now();
  for (let done = 0; done < GIBIBYTE; done += MEBIBYTE) for (const hash of hashes) hash.update(chunk);
  for (const hash of hashes) hash.digest();
  return speed(performance.now() - at);
}

/** @param {number} ms */
function speed(ms) {
  return GIBIBYTE / MEBIBYTE / (ms / 1_000);
}
