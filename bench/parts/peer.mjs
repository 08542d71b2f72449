import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeers } from '../../scripts/peers.mjs';
import { GIBIBYTE, writeDense } from '../files.mjs';
import { byTurns, ratio, spread } from '../measure.mjs';
import { COMMAND, run, serveVcsim } from '../processes.mjs';

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
  const asShelver = { SHELVER_URL: server.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
  let items = 0;
  /**
   * Seconds of one upload into a new item, which is taken away again.
   *
   * @param {(name: string) => Promise<{ ms: number }>} work
   */
  const into = async work => {
    items += 1;
    const { ms } = await work(`item-${items}`);
    await run(govc, ['library.rm', `shelf/item-${items}`], asGovc);
    return ms / 1_000;
  };
  try {
    await run(govc, ['library.create', '-ds', 'LocalDS_0', 'shelf'], asGovc);
    const seconds = await byTurns(5, {
      govc: () => into(name => run(govc, ['library.import', '-n', name, 'shelf', path], asGovc)),
      ours: () =>
        into(name => run(process.execPath, [COMMAND, 'upload', path, `shelf/${name}`, '--progress', 'none'], asShelver))
    });
    return {
      title: 'The same file to the real vcsim, beside the real govc',
      how: `1 GiB into a new item, by turns, five rounds; whole commands, from start to end of the process. govmomi ${version}. govc makes no digest; we make two (SHA-1 and SHA-256) and ask the server what became of it. Where there is /dev/shm vcsim keeps the file there, so that the disk is not measured.`,
      rows: [
        { what: '`govc library.import`', figure: spread(seconds.govc), unit: 's', digits: 2 },
        { what: '`shelver upload`', figure: spread(seconds.ours), unit: 's', digits: 2 }
      ],
      aims: [
        {
          what: 'speed, ours / govc',
          figure: ratio(seconds.govc, seconds.ours),
          unit: '',
          sense: 'at least',
          limit: 1,
          digits: 2
        }
      ]
    };
  } finally {
    await server.end();
    await rm(shelf, { recursive: true, force: true });
  }
}
