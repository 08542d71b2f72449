import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeers } from '../../scripts/peers.mjs';
import { connectModule, runModule } from '../built.mjs';
import { GIBIBYTE, writeDense } from '../files.mjs';
import { byTurns, ratio, spread, time } from '../measure.mjs';
import { COMMAND, run, serveVcsim } from '../processes.mjs';

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function peer(folder) {
  const { govc, vcsim, version } = await findPeers();
  const [{ connect }, { upload }] = await Promise.all([connectModule(), runModule()]);
  const path = await writeDense(join(folder, 'peer.bin'), GIBIBYTE);
  const shelf = await mkdtemp('/dev/shm/shelver-vcsim-').catch(() => mkdtemp(join(tmpdir(), 'shelver-vcsim-')));
  const server = await serveVcsim(vcsim, shelf);
  const asGovc = { GOVC_URL: server.govcUrl, GOVC_PERSIST_SESSION: 'false' };
  const asShelver = { SHELVER_URL: server.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
  /** @param {string} name */
  const inProcess = async name => {
    const connection = await connect({ url: server.url, username: 'user', password: 'pass' });
    const report = await upload(connection, { to: `shelf/${name}`, files: [path] }).report;
    await connection.close();
    if (report.outcome !== 'done') throw new Error(`the upload ended ${report.outcome}: ${report.failure?.message}`);
  };
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
    const seconds = await byTurns(7, {
      govc: () => into(name => run(govc, ['library.import', '-n', name, 'shelf', path], asGovc)),
      command: () =>
        into(name =>
          run(process.execPath, [COMMAND, 'upload', path, `shelf/${name}`, '--progress', 'none'], asShelver)
        ),
      library: () => into(async name => ({ ms: await time(() => inProcess(name)) }))
    });
    return {
      title: 'The same file to the real vcsim, beside the real govc',
      how: `1 GiB into a new item, by turns, seven rounds; commands are timed from start to end of the process, so ours with the loading of its modules. govmomi ${version}. Neither makes a digest: vcsim reports none that one could be compared with. We ask the server afterwards what it holds, and tidy up the session. Where there is /dev/shm vcsim keeps the file there, so that the disk is not measured.`,
      rows: [
        { what: '`govc library.import`', figure: spread(seconds.govc), unit: 's', digits: 2 },
        { what: '`shelver upload`', figure: spread(seconds.command), unit: 's', digits: 2 },
        {
          what: '`connect()`, `upload()`, `close()` in a running program',
          figure: spread(seconds.library),
          unit: 's',
          digits: 2
        }
      ],
      aims: [
        {
          what: 'speed, the library / govc',
          figure: ratio(seconds.govc, seconds.library),
          unit: '',
          sense: 'at least',
          limit: 1,
          digits: 2
        },
        {
          what: 'speed, the command / govc',
          figure: ratio(seconds.govc, seconds.command),
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
