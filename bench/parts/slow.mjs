import { join } from 'node:path';
import { findPeers } from '../../scripts/peers.mjs';
import { MEBIBYTE } from '../files.mjs';
import { byTurns } from '../measure.mjs';
import { writeOva } from '../ova.mjs';
import { serveSimulator } from '../processes.mjs';
import { aimOf, rowsOf, threeWays } from '../three-ways.mjs';

const DISKS = 4;
/** What the server takes of one connection, and how long one disk takes by that. */
const BYTES_A_SECOND = 4 * MEBIBYTE;
const DISK_SECONDS = 5;

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function slow(folder) {
  const { govc, version } = await findPeers();
  const path = await writeOva(join(folder, 'machine.ova'), DISKS, DISK_SECONDS * BYTES_A_SECOND);
  const server = await serveSimulator('--bandwidth', String(BYTES_A_SECOND));
  const login = Object.assign(new URL(server.url), { username: 'user', password: 'pass' });
  const asGovc = { GOVC_URL: login.href, GOVC_PERSIST_SESSION: 'false' };
  const ways = await threeWays({ govc, asGovc, url: server.url, to: 'images', path });
  let items = 0;
  /**
   * Seconds of one upload into a new item.
   *
   * @param {import('../three-ways.mjs').Way} way
   */
  const into = async way => {
    items += 1;
    return (await ways[way](`machine-${items}`)) / 1_000;
  };
  try {
    // Bounded by the server: what loads a module or warms a cache does not show beside it, so nothing is run unmeasured.
    const seconds = await byTurns(
      2,
      { govc: () => into('govc'), command: () => into('command'), library: () => into('library') },
      { unmeasured: false }
    );
    return {
      title: 'A slow server: an OVA of four disks',
      how: `Our simulator takes ${BYTES_A_SECOND / MEBIBYTE} MiB a second of each connection; each disk has ${(DISK_SECONDS * BYTES_A_SECOND) / MEBIBYTE} MiB. Two rounds by turns, real govc ${version}; commands from start to end of the process. Ours compares with the digests of the service afterwards. (The real vcsim serves nobody else while it takes a body in, so there is nothing to gain there.)`,
      rows: rowsOf(seconds),
      aims: [
        aimOf('four disks to a slow server', 'command', seconds, 3.5),
        aimOf('four disks to a slow server', 'library', seconds, 3.5)
      ]
    };
  } finally {
    await server.end();
  }
}
