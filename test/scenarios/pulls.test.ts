// What the server fetches by itself: by an imagined network over the port door, and from real sources over sockets.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Digest } from '../../machines/vocabulary.ts';
import { type Ended, opsOf, type PlayOptions, portStage, type Stage } from './stage.ts';

const SECRET = 'canary-signature-b7f2';
const URI = `https://mirror.example/pool/fox.iso?X-Signature=${SECRET}`;
const FOX = Buffer.alloc(600_000, 'the quick brown fox ');

const sha256 = (bytes: Uint8Array): Digest => ({
  algorithm: 'SHA256',
  checksum: createHash('sha256').update(bytes).digest('hex')
});

function stageWith(settings: Parameters<typeof portStage>[0] = {}) {
  return portStage({ pull: { sources: { [URI]: FOX } }, ...settings });
}
function pull(stage: Stage, more: object = {}, options: PlayOptions = {}): Promise<Ended> {
  return stage.play(
    { to: 'images/fox', files: [{ pull: URI, ...more }] },
    { truth: new Map([['fox.iso', FOX]]), secrets: [SECRET], ...options }
  );
}

describe('a file that the server fetches', () => {
  it('should be in the item, with nothing sent from here, and verified by its checksum', async () => {
    const stage = stageWith();
    const { report, progress } = await pull(stage, { checksum: sha256(FOX), size: FOX.length });
    expect(report).toMatchObject({
      outcome: 'done',
      sent: 0,
      accepted: FOX.length,
      retries: 0,
      files: [
        {
          name: 'fox.iso',
          size: FOX.length,
          outcome: 'ready',
          verified: 'digest',
          digest: sha256(FOX),
          pulledFrom: 'https://mirror.example/pool/fox.iso',
          attempts: 1,
          sent: 0
        }
      ]
    });
    expect(opsOf(stage)).not.toContain('put');
    expect(progress.at(-1)).toMatchObject({ total: { sent: 0, accepted: FOX.length } });
  });
});
