import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeers } from '../../scripts/peers.mjs';
import { clockModule, connectModule, memoryJournalModule, runModule, simulatorModule } from '../built.mjs';
import { KIBIBYTE, writeSmall } from '../files.mjs';
import { byTurns, ratio, spread, time } from '../measure.mjs';
import { COMMAND, run, serveVcsim } from '../processes.mjs';
import { smallUploads } from '../small-uploads.mjs';

const ITEMS = 200;

/**
 * @param {string} folder
 * @returns {Promise<import('../measure.mjs').Part>}
 */
export async function many(folder) {
  const { govc, vcsim, version } = await findPeers();
  const [{ connect }, { upload }, { systemClock }, { memoryJournal }, { createSimulator }] = await Promise.all([
    connectModule(),
    runModule(),
    clockModule(),
    memoryJournalModule(),
    simulatorModule()
  ]);
  const files = await writeSmall(folder, ITEMS, 4 * KIBIBYTE);
  const shelf = await mkdtemp('/dev/shm/shelver-vcsim-').catch(() => mkdtemp(join(tmpdir(), 'shelver-vcsim-')));
  const server = await serveVcsim(vcsim, shelf);
  const asGovc = { GOVC_URL: server.govcUrl, GOVC_PERSIST_SESSION: 'false' };
  const asShelver = { SHELVER_URL: server.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
  const simulator = createSimulator({ clock: systemClock() });
  const ports = simulator.connect({ journal: memoryJournal() });
  let shelves = 0;
  /**
   * Items a second into a new library, which is taken away again.
   *
   * @param {(library: string) => Promise<unknown>} work
   */
  const into = async work => {
    shelves += 1;
    const library = `shelf-${shelves}`;
    await run(govc, ['library.create', '-ds', 'LocalDS_0', library], asGovc);
    const ms = await time(() => work(library));
    await run(govc, ['library.rm', library], asGovc);
    return ITEMS / (ms / 1_000);
  };
  /**
   * @param {string} library
   * @param {string} [journal]
   */
  const command = (library, journal = 'none') =>
    run(process.execPath, [COMMAND, 'upload', ...files, library, '--progress', 'none'], {
      ...asShelver,
      SHELVER_JOURNAL: journal
    });
  try {
    const perSecond = await byTurns(
      3,
      {
        govc: () =>
          into(async library => {
            for (const file of files) await run(govc, ['library.import', library, file], asGovc);
          }),
        withJournal: () => into(library => command(library, join(folder, 'journal.db'))),
        command: () => into(library => command(library)),
        library: () =>
          into(async library => {
            const connection = await connect({ url: server.url, username: 'user', password: 'pass' });
            await smallUploads(upload, connection, ITEMS, 4, library);
            await connection.close();
          }),
        ports: async () => ITEMS / ((await smallUploads(upload, ports, ITEMS, 4)) / 1_000)
      },
      { unmeasured: false }
    );
    return {
      title: '200 items to the real vcsim, beside the real govc',
      how: `${ITEMS} files of 4 KiB, each into a new item: 200 calls of govc one after the other, one call of ours with four items at a time; three rounds by turns, processes from start to end. govmomi ${version}. We log in once, ask the server afterwards what each item holds, and tidy up the sessions. Through ports there is no network: what remains is our own machinery and the simulator's.`,
      rows: [
        { what: '`govc library.import`, 200 calls', figure: spread(perSecond.govc), unit: '/s' },
        { what: '`shelver upload`, one call, with its journal', figure: spread(perSecond.withJournal), unit: '/s' },
        { what: '`shelver upload`, one call, without', figure: spread(perSecond.command), unit: '/s' },
        {
          what: '`connect()`, `upload()`, `close()` in a running program',
          figure: spread(perSecond.library),
          unit: '/s'
        },
        { what: 'through ports, to our simulator in the same process', figure: spread(perSecond.ports), unit: '/s' }
      ],
      aims: [
        {
          what: 'items a second, one call of ours with its journal / 200 of govc',
          figure: ratio(perSecond.withJournal, perSecond.govc),
          unit: '',
          sense: 'at least',
          limit: 3,
          digits: 2
        },
        {
          what: 'items a second, one call of ours without / 200 of govc',
          figure: ratio(perSecond.command, perSecond.govc),
          unit: '',
          sense: 'at least',
          limit: 3,
          digits: 2
        },
        {
          what: 'items a second, the library / 200 calls of govc',
          figure: ratio(perSecond.library, perSecond.govc),
          unit: '',
          sense: 'at least',
          limit: 3,
          digits: 2
        }
      ]
    };
  } finally {
    await simulator.close();
    await server.end();
    await rm(shelf, { recursive: true, force: true });
  }
}
