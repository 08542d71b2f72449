// A value of progress$ to be drawn, with whatever a test says is different.
import type { FileProgress, Progress } from '../../src/observe/progress.ts';
import { MIB } from '../observe/log.ts';

export const ovf: FileProgress = {
  name: 'ubuntu.ovf',
  size: 8192,
  role: 'descriptor',
  sent: 8192,
  accepted: 8192,
  state: 'ready',
  attempt: 1,
  of: 5,
  rate: 0,
  etaMs: 0
};
export const disk: FileProgress = {
  name: 'disk1.vmdk',
  size: 64 * MIB,
  role: 'disk',
  sent: 32 * MIB,
  accepted: 16 * MIB,
  state: 'pushing',
  attempt: 2,
  of: 5,
  rate: 12.3 * MIB,
  etaMs: 2600
};

export function progress(more: Partial<Progress> = {}): Progress {
  return {
    at: 62_000,
    startedAt: 0,
    to: 'images/ubuntu',
    phase: 'transferring',
    files: [ovf, disk],
    total: {
      size: 64 * MIB + 8192,
      sent: 32 * MIB + 8192,
      accepted: 16 * MIB + 8192,
      rate: 12.3 * MIB,
      etaMs: 2600
    },
    sentInAll: 40 * MIB,
    retries: 1,
    waits: [],
    ...more
  };
}
