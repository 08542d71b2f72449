// Downloads over a bad network: each fault at each place of each exchange, the bytes of the file included. One fault is no reason
// to fail: at the end the folder holds what the item holds, there is no part, and no session is left (test/invariants).
import { expect, it } from 'vitest';
import type { DownloadReport } from '../../src/download-report.ts';
import { activeDownloads } from '../invariants/download.ts';
import { fetched, HELD } from './fetching.ts';
import { type Lined, lined } from './lines.ts';
import { itShould, striking } from './struck.ts';
import { ALL, casesFor, each } from './sweep.ts';

const download = striking({
  open: wanted => lined(wanted, HELD),
  run: (stage, on) => fetched(stage, { on }),
  ends: isDone
});

function isDone(report: DownloadReport, { simulator }: Lined): void {
  expect(report.failure).toBeUndefined();
  expect(report.outcome).toBe('done');
  expect(activeDownloads(simulator)).toEqual([]);
}

/** By the names of their calls, in their order. */
const EXCHANGES = [
  'findLibraries',
  'getLibrary',
  'findItems',
  'getItem',
  'listItemFiles',
  'listDownloadSessions',
  'createDownloadSession',
  'getDownloadSession',
  'prepareFile',
  'getDownloadFile',
  'fetch',
  'deleteDownloadSession'
];

itShould('end done', EXCHANGES, download);

/** Its session wants to be kept before the link is there; each case waits for that, so not in every run of the tests. */
it.runIf(ALL)('should end done when the connection is struck in keepDownloadAlive', async () => {
  const slow = { ...HELD, rules: { preparingMs: 1_500 }, sessionTimeoutMs: 4_000 };
  const kept = striking({
    open: wanted => lined(wanted, slow),
    run: (stage, on) => fetched(stage, { on, policy: { pollMs: 5_000 } }),
    ends: isDone
  });
  await each(casesFor(0), its => kept.struck('keepDownloadAlive', its));
});

it('should know every exchange of the download', async () => {
  const names = [...(await download.lengths('plain')).keys()].filter(name => !name.includes('#'));
  expect(names.sort()).toEqual(EXCHANGES.toSorted());
});
