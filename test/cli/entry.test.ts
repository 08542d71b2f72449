// The package's entry, as a program uses it.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as shelver from '../../src/index.ts';
import { folderWith, serve } from './call.ts';

describe('the entry of the library', () => {
  it('should upload with the names it exports', async () => {
    const { listening, simulator } = await serve();
    await using vcenter = await shelver.connect({ url: listening.url, username: 'user', password: 'pass' });
    const folder = folderWith({ 'a.iso': 'bytes' });
    const run = shelver.upload(vcenter, { to: 'images/a', files: [join(folder, 'a.iso')] });
    const report = shelver.orThrow(await run.report);
    expect(report.outcome).toBe('done');
    expect(simulator.contents('a')?.files).toHaveLength(1);
    const again = shelver.upload(vcenter, { to: 'images/a', files: [join(folder, 'a.iso')] });
    expect(shelver.orThrow(await again.report).outcome).toBe('upToDate');
  });

  it('should throw what a report says, for those who want it thrown', async () => {
    const { listening } = await serve();
    await using vcenter = await shelver.connect({ url: listening.url, username: 'user', password: 'pass' });
    const report = await shelver.upload(vcenter, { to: 'shelf/a', files: [join(folderWith({ a: 'x' }), 'a')] }).report;
    let thrown: unknown;
    try {
      shelver.orThrow(report);
    } catch (cause) {
      thrown = cause;
    }
    expect(thrown).toBeInstanceOf(shelver.TransferError);
    expect(thrown).toMatchObject({
      name: 'TransferError',
      code: 'NOT_FOUND',
      message: 'there is no library "shelf" on this server',
      next: 'check the name or id',
      cause: report.failure,
      report
    });
    const canceled = new shelver.TransferError({ ...report, outcome: 'canceled', failure: undefined });
    expect(canceled.code).toBe('CANCELED');
    expect(new shelver.TransferError({ ...report, failure: undefined }).code).toBe('INTERNAL');
  });
});
