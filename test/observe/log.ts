// A log as the runner writes it: two files, the second broken off once.
import { failure } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../../src/events/records.ts';

export const MIB = 1024 * 1024;

export const started: RunEvent = {
  at: 0,
  type: 'started',
  run: 'r1',
  server: 'https://vc.example',
  to: 'images/ubuntu',
  files: [
    { name: 'ubuntu.ovf', size: 1024, role: 'descriptor' },
    { name: 'disk1.vmdk', size: 64 * MIB, role: 'disk' }
  ]
};

export function state(at: number, name: string): RunEvent {
  return { at, type: 'state', path: '', machine: 'upload', state: name };
}

export function fileState(at: number, index: number, name: string): RunEvent {
  const file = index === 0 ? 'ubuntu.ovf' : 'disk1.vmdk';
  return { at, type: 'state', path: `file:${index}`, machine: 'upload-file', state: name, file };
}

export function push(at: number, index: number): RunEvent {
  const about = index === 0 ? 'ubuntu.ovf' : 'disk1.vmdk';
  return { at, type: 'call', path: `file:${index}/pushing/call`, op: 'push', about };
}

export const broken = failure('CONNECTION', 'the connection to vc.example broke after 32.0 MiB');

/** The push of the disk fails at `at` and is tried again 2 s later. */
export function breakOff(at: number): RunEvent[] {
  return [
    { at, type: 'answer', path: 'file:1/pushing/call', op: 'push', about: 'disk1.vmdk', failure: broken },
    { at, type: 'state', path: 'file:1/pushing', machine: 'attempt', state: 'waiting' },
    { at, type: 'waiting', path: 'file:1/pushing/wait', until: at + 2000 }
  ];
}

export const retry = {
  at: 1000,
  path: 'file:1/pushing/wait',
  file: 'disk1.vmdk',
  op: 'push',
  until: 3000,
  failure: broken
};
