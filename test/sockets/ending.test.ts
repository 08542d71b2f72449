// What a run does when it cannot or shall not go on, over a bad network: each fault at each place of each exchange of its cleaning up.
// Nothing is published, and one fault is no reason to leave anything: no session, no empty item, no part.
import { describe, expect } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { DownloadReport } from '../../src/download-report.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { type ByteSource, PortFailure } from '../../src/ports.ts';
import type { Report } from '../../src/report.ts';
import { activeDownloads } from '../invariants/download.ts';
import { bytesOf } from '../run/bytes.ts';
import { left, type PlayOptions } from '../scenarios/stage.ts';
import { fetched, HELD } from './fetching.ts';
import { lined, stageBehind } from './lines.ts';
import { itShould, striking } from './struck.ts';

const CONTENT = Buffer.alloc(48_000, 'the quick brown fox ');
const failing: ByteSource = {
  size: CONTENT.length,
  async *read() {
    yield CONTENT.subarray(0, 20_000);
    throw new PortFailure(failure('SOURCE_UNREADABLE', 'the disk has gone'));
  }
};
const NOTHING = { sessions: [], items: [] };

/** The exchanges after the one that ends it. */
const ENDINGS = [
  ['canceled', bytesOf(CONTENT), ['cancelSession', 'deleteSession', 'listItemFiles', 'deleteItem']],
  ['failed', failing, ['failSession', 'deleteSession', 'listItemFiles', 'deleteItem']]
] as const;

describe.each(ENDINGS)('an upload that is %s', (outcome, source, exchanges) => {
  const spec = () => ({ to: 'images/fox', files: [{ name: 'fox.bin', source }] });
  const listening = (listen: (event: RunEvent) => void): PlayOptions => ({
    on: (event, run) => {
      listen(event);
      if (outcome === 'canceled' && event.type === 'call' && event.op === 'addFile') run.cancel('enough');
    }
  });
  const canceledOrFailed = striking({
    open: stageBehind,
    run: async (stage, on) => (await stage.play(spec(), listening(on))).report,
    ends: (report, stage) => {
      isEnded(report, outcome);
      expect(left(stage)).toEqual(NOTHING);
    }
  });
  itShould('leave nothing', exchanges, canceledOrFailed);
});

/** The same for downloads: the part in the folder is to go, too. */
describe.each([
  ['canceled', ['cancelDownload', 'deleteDownloadSession']],
  ['failed', ['failDownload', 'deleteDownloadSession']]
] as const)('a download that is %s', (outcome, exchanges) => {
  const plot = (): Parameters<typeof fetched>[1] =>
    outcome === 'failed'
      ? { full: 20_000 }
      : { meanwhile: (event, run) => void (event.type === 'call' && event.op === 'fetch' && run.cancel('enough')) };
  const canceledOrFailed = striking({
    open: wanted => lined(wanted, HELD),
    run: (stage, on) => fetched(stage, { ...plot(), on }),
    ends: (report, { simulator }) => {
      isEnded(report, outcome);
      expect(activeDownloads(simulator)).toEqual([]);
    }
  });
  itShould('leave nothing', exchanges, canceledOrFailed);
});

function isEnded({ outcome, notes }: Report | DownloadReport, as: string): void {
  expect(outcome).toBe(as);
  expect(notes.filter(note => note.includes('left'))).toEqual([]);
}
