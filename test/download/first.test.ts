import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { download } from '../../src/download.ts';
import { upload } from '../../src/run.ts';
import { httpStage } from '../scenarios/stage.ts';
import { bytesOf } from '../run/bytes.ts';

describe('a download', () => {
  it('should fetch what was sent', async () => {
    const stage = await httpStage({});
    const folder = mkdtempSync(join(tmpdir(), 'shelver-dl-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const files = ['a.bin', 'b.bin'].map((name, index) => ({
      name,
      source: bytesOf(new Uint8Array(300_000).fill(index + 1))
    }));
    const sent = await upload(stage.ports, { to: 'images/item', files }, { policy: { pollMs: 5, watchMs: 50 } }).report;
    expect(sent.outcome).toBe('done');
    const run = download(stage.ports, { from: 'images/item', to: folder }, { policy: { pollMs: 5 } });
    const events: string[] = [];
    run.timeline$.subscribe(event => {
      if (event.type === 'state') events.push(`${event.path} ${event.state}`);
    });
    const report = await run.report;
    console.log(JSON.stringify(report, null, 1), events);
    expect(report.outcome).toBe('done');
    expect(readdirSync(folder)).toEqual(['a.bin', 'b.bin']);
    expect(readFileSync(join(folder, 'b.bin'))).toEqual(Buffer.alloc(300_000, 2));
  });
});
