import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeers } from '../../scripts/peers.mjs';
import { GIBIBYTE, writeDense } from '../files.mjs';
import { byTurns } from '../measure.mjs';
import { run, serveVcsim } from '../processes.mjs';
import { aimOf, rowsOf, threeWays } from '../three-ways.mjs';

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function peer(folder) {
  const { govc, vcsim, version } = await findPeers();
  const path = await writeDense(join(folder, 'peer.bin'), GIBIBYTE);
  const shelf = await mkdtemp('/dev/shm/shelver-vcsim-').catch(() => mkdtemp(join(tmpdir(), 'shelver-vcsim-')));
  const server = await serveVcsim(vcsim, shelf);
  const asGovc = { GOVC_URL: server.govcUrl, GOVC_PERSIST_SESSION: 'false' };
  const ways = await threeWays({ govc, asGovc, url: server.url, to: 'shelf', path });
  let items = 0;
  /**
   * Seconds of one upload into a new item, which is taken away again.
   *
   * @param {import('../three-ways.mjs').Way} way
   */
  const into = async way => {
    items += 1;
    const ms = await ways[way](`item-${items}`);
    await run(govc, ['library.rm', `shelf/item-${items}`], asGovc);
    return ms / 1_000;
  };
  try {
    await run(govc, ['library.create', '-ds', 'LocalDS_0', 'shelf'], asGovc);
    const seconds = await byTurns(7, {
      govc: () => into('govc'),
      command: () => into('command'),
      library: () => into('library')
    });
    return {
      title: 'The same file to the real vcsim, beside the real govc',
      how: `1 GiB into a new item, by turns, seven rounds; commands are timed from start to end of the process, so ours with the loading of its modules. govmomi ${version}. Neither makes a digest: vcsim reports none that one could be compared with. We ask the server afterwards what it holds, and tidy up the session. Where there is /dev/shm vcsim keeps the file there, so that the disk is not measured.`,
      rows: rowsOf(seconds),
      aims: [aimOf('speed', 'library', seconds, 1), aimOf('speed', 'command', seconds, 1)]
    };
  } finally {
    await server.end();
    await rm(shelf, { recursive: true, force: true });
  }
}
