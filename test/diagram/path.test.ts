import { describe, expect, it } from 'vitest';
import { pathDiagram, toMermaidPath } from '../../src/diagram/index.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { fileState, started, state } from '../observe/log.ts';

describe('the path of a run', () => {
  it('should show each phase once and number the arrows', () => {
    const path = [
      'locating.findingLibrary',
      'locating.findingItem',
      'opening',
      'locating.findingItem',
      'opening',
      'done'
    ];
    const text = pathDiagram(path);
    expect(text.split('\n')).toEqual([
      'stateDiagram-v2',
      '  direction LR',
      '  state "locating" as s1',
      '  state "opening" as s2',
      '  state "done" as s3',
      '  [*] --> s1',
      '  s1 --> s2 : 1, 3',
      '  s2 --> s1 : 2',
      '  s2 --> s3 : 4',
      '  s3 --> [*]',
      ''
    ]);
  });

  it('should show how long each phase lasted when the log says it', () => {
    const log: RunEvent[] = [
      started,
      state(0, 'locating.findingLibrary'),
      state(300, 'locating.findingItem'),
      fileState(400, 0, 'adding'),
      state(1500, 'holding.transferring.files'),
      state(4000, 'done'),
      { at: 4000, type: 'ended', outcome: 'done' }
    ];
    expect(toMermaidPath(log).split('\n').slice(2)).toEqual([
      '  state "locating" as s1',
      '  s1 : 1.5 s',
      '  state "transferring" as s2',
      '  s2 : 2.5 s',
      '  state "done" as s3',
      '  [*] --> s1',
      '  s1 --> s2 : 1',
      '  s2 --> s3 : 2',
      '  s3 --> [*]',
      ''
    ]);
  });

  it('should be empty for a run that went nowhere', () => {
    expect([pathDiagram([]), toMermaidPath([])]).toEqual([
      'stateDiagram-v2\n  direction LR\n',
      'stateDiagram-v2\n  direction LR\n'
    ]);
  });
});
