import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { FileReport, Report } from '../../src/report.ts';
import { renderReport } from '../../src/view/report.ts';
import { MIB } from '../observe/log.ts';

const file: FileReport = {
  name: 'disk1.vmdk',
  size: 64 * MIB,
  role: 'disk',
  outcome: 'ready',
  verified: 'digest',
  digest: { algorithm: 'SHA256', checksum: 'ab' },
  attempts: 2,
  sent: 96 * MIB,
  accepted: 64 * MIB
};
const pulledFrom = 'https://mirror.example/disk1.vmdk';
const done: Report = {
  v: 1,
  run: 'r1',
  outcome: 'done',
  server: 'https://vc.example',
  library: { id: 'l1', name: 'images' },
  item: { id: 'i1', name: 'ubuntu', made: true, contentVersion: '2' },
  sessionId: 's1',
  path: [
    'locating.findingLibrary',
    'locating.findingItem',
    'opening',
    'holding.transferring.files',
    'verifying',
    'done'
  ],
  files: [
    {
      ...file,
      name: 'ubuntu.mf',
      size: 200,
      role: 'manifest',
      verified: 'notKept',
      digest: undefined,
      attempts: 1,
      sent: 200,
      accepted: 200
    },
    file
  ],
  sent: 96 * MIB + 200,
  accepted: 64 * MIB + 200,
  retries: 1,
  startedAt: 1000,
  endedAt: 5000,
  notes: ['ubuntu.mf: the service does not keep manifests'],
  left: false
};

describe('the report', () => {
  it('should say what happened, how each file was verified, and what it took', () => {
    expect(renderReport(done).split('\n')).toEqual([
      'done',
      '  server   https://vc.example',
      '  library  images (l1)',
      '  item     ubuntu (i1), content version 2, created by this run',
      '  session  s1',
      '  run      r1',
      '  path     locating → opening → transferring → verifying → done',
      '',
      '  file            size  result  verified by              attempts      sent  accepted',
      '  ubuntu.mf      200 B  ready   not kept by the service         1     200 B     200 B',
      '  disk1.vmdk  64.0 MiB  ready   SHA256 digest                   2  96.0 MiB  64.0 MiB',
      '',
      '96.0 MiB sent, 64.0 MiB accepted, 1 retry, 4.0 s, 24.0 MiB/s on average',
      'note: ubuntu.mf: the service does not keep manifests',
      ''
    ]);
  });

  it('should say why it failed, in the words of the service, and what to do next', () => {
    const messages = [
      { id: 'a', default_message: 'The session\x1b[2J is gone.', args: [] },
      { id: 'b', default_message: 'not found', args: [] }
    ];
    const why = failure('SESSION_LOST', 'the update session s1 was not found', { service: { messages } });
    const report: Report = {
      v: 1,
      run: 'r2',
      outcome: 'failed',
      server: 'https://vc.example',
      item: { id: 'i1', name: 'ubuntu', made: false },
      path: [],
      files: [],
      sent: 0,
      accepted: 0,
      retries: 0,
      startedAt: 0,
      endedAt: 0,
      failure: why,
      notes: [],
      left: false
    };
    expect(renderReport(report).split('\n')).toEqual([
      'failed: the update session s1 was not found',
      '  service  The session?[2J is gone.',
      '  code     SESSION_LOST',
      '  next     run the command again',
      '  server   https://vc.example',
      '  item     ubuntu (i1)',
      '  run      r2',
      '',
      '0 B sent, 0 B accepted, no retries, 0.0 s',
      ''
    ]);
  });

  it('should have a word for every result and every way to verify', () => {
    const variants = [
      { outcome: 'ready', verified: 'size' },
      { outcome: 'unchanged', verified: 'notReported' },
      { outcome: 'failed', verified: 'no' },
      { outcome: 'notSent', verified: 'digest', digest: undefined }
    ] as const;
    const text = renderReport({
      ...done,
      outcome: 'canceled',
      retries: 2,
      files: variants.map(its => ({ ...file, ...its }))
    });
    expect(text).toMatch(/^canceled\n/);
    expect(text).toContain('2 retries');
    const column = (line: string): string => line.slice(24, 54).trimEnd().replace(/ {2,}/g, '|');
    expect(text.split('\n').slice(9, 13).map(column)).toEqual([
      'ready|size only',
      'unchanged|nothing to compare',
      'failed|not verified',
      'not sent|digest'
    ]);
    expect(renderReport({ ...done, outcome: 'upToDate' })).toMatch(/^up to date, nothing was sent\n/);
  });

  it('should break a long path into lines', () => {
    const path = Array.from({ length: 20 }, (_, index) => `state${index}`);
    const lines = renderReport({ ...done, path })
      .split('\n')
      .slice(6, 9);
    expect(lines).toEqual([
      '  path     state0 → state1 → state2 → state3 → state4 → state5 → state6 → state7 → state8 → state9',
      '           → state10 → state11 → state12 → state13 → state14 → state15 → state16 → state17 → state18',
      '           → state19'
    ]);
  });

  it('should say where the server fetched a file, and that nothing of it was sent', () => {
    const text = renderReport({ ...done, files: [{ ...file, sent: 0, attempts: 1, pulledFrom }], sent: 0 });
    expect(text).toContain(`  pulled   disk1.vmdk from ${pulledFrom}\n`);
    expect(text).toMatch(/disk1\.vmdk +64\.0 MiB +ready +SHA256 digest +1 +0 B +64\.0 MiB/);
    expect(renderReport(done)).not.toContain('pulled');
  });
});
