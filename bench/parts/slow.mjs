import { join } from 'node:path';
import { findPeers } from '../../scripts/peers.mjs';
import { connectModule, runModule } from '../built.mjs';
import { MEBIBYTE } from '../files.mjs';
import { byTurns, ratio, spread, time } from '../measure.mjs';
import { writeOva } from '../ova.mjs';
import { COMMAND, run, serveSimulator } from '../processes.mjs';

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
  const [{ connect }, { upload }] = await Promise.all([connectModule(), runModule()]);
  const path = await writeOva(join(folder, 'machine.ova'), DISKS, DISK_SECONDS * BYTES_A_SECOND);
  const server = await serveSimulator('--bandwidth', String(BYTES_A_SECOND));
  const login = Object.assign(new URL(server.url), { username: 'user', password: 'pass' });
  const asGovc = { GOVC_URL: login.href, GOVC_PERSIST_SESSION: 'false' };
  const asShelver = { SHELVER_URL: server.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
  let items = 0;
  /**
   * Seconds of one upload into a new item.
   *
   * @param {(name: string) => Promise<unknown>} work
   */
  const into = async work => {
    items += 1;
    return (await time(() => work(`machine-${items}`))) / 1_000;
  };
  /** @param {string} name */
  const inProcess = async name => {
    const connection = await connect({ url: server.url, username: 'user', password: 'pass' });
    const report = await upload(connection, { to: `images/${name}`, files: [path] }).report;
    await connection.close();
    if (report.outcome !== 'done') throw new Error(`the upload ended ${report.outcome}: ${report.failure?.message}`);
  };
  try {
    // Bounded by the server: what loads a module or warms a cache does not show beside it, so nothing is run unmeasured.
    const seconds = await byTurns(
      2,
      {
        govc: () => into(name => run(govc, ['library.import', '-n', name, 'images', path], asGovc)),
        command: () =>
          into(name =>
            run(process.execPath, [COMMAND, 'upload', path, `images/${name}`, '--progress', 'none'], asShelver)
          ),
        library: () => into(inProcess)
      },
      { unmeasured: false }
    );
    return {
      title: 'A slow server: an OVA of four disks',
      how: `Our simulator takes ${BYTES_A_SECOND / MEBIBYTE} MiB a second of each connection; each disk has ${(DISK_SECONDS * BYTES_A_SECOND) / MEBIBYTE} MiB. Two rounds by turns, real govc ${version}; commands from start to end of the process. Ours compares with the digests of the service afterwards. (The real vcsim serves nobody else while it takes a body in, so there is nothing to gain there.)`,
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
          what: 'four disks to a slow server, the command / govc',
          figure: ratio(seconds.govc, seconds.command),
          unit: '',
          sense: 'at least',
          limit: 3.5,
          digits: 2
        },
        {
          what: 'four disks to a slow server, the library / govc',
          figure: ratio(seconds.govc, seconds.library),
          unit: '',
          sense: 'at least',
          limit: 3.5,
          digits: 2
        }
      ]
    };
  } finally {
    await server.end();
  }
}
