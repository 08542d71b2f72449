// A session that is gone when its end is asked for says nothing: only what the item itself shows counts.
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../run/bytes.ts';
import { left, opsOf, portStage } from '../scenarios/stage.ts';

const OLD = Buffer.alloc(300_000, 'old ');
const NEW = Buffer.alloc(300_000, 'new!');
const spec = (content: Uint8Array, more: object = {}) => ({
  to: 'images/fox',
  files: [{ name: 'fox.bin', source: bytesOf(content) }],
  ...more
});
/** An item that holds other bytes of the same size already. */
async function held() {
  const stage = portStage();
  await stage.play(spec(OLD));
  return stage;
}

describe('a session that is gone after complete', () => {
  it('should be opened anew where an equal size is all there is, and the content version has not moved', async () => {
    const stage = await held();
    stage.simulator.inject({ on: 'session.complete', do: 'expireSession' });
    // Without a digest only the size is compared. The stage holds the item against the source itself.
    const { report } = await stage.play(spec(NEW, { hash: false }));
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'size', attempts: 2 }] });
  });

  it('should end in SESSION_LOST where that happens each time, and leave the item as it was', async () => {
    const stage = await held();
    stage.simulator.inject({ on: 'session.complete', do: 'expireSession', times: 'always' });
    const { report } = await stage.play(spec(NEW, { hash: false }), { policy: { maxAttempts: 2 } });
    expect(report.failure).toMatchObject({ code: 'SESSION_LOST', message: expect.stringContaining('fox.bin') });
    expect(left(stage).sessions).toEqual([]);
  });

  it('should be done without another session where the content version has moved', async () => {
    const stage = await held();
    stage.simulator.inject({ on: 'session.complete', do: 'loseAnswer' });
    const other = stage.simulator.ports().library;
    let gone = false;
    const { report } = await stage.play(spec(NEW, { hash: false }), {
      ports: ports => ({
        ...ports,
        library: new Proxy(ports.library, {
          get: (target, key) =>
            key === 'complete' && !gone
              ? (id: string, call: object) =>
                  target.complete(id, call).catch(async cause => {
                    gone = true;
                    // The service has long done what it was asked for when somebody clears its session away.
                    while ((await other.getSession(id)).state !== 'DONE')
                      await stage.clock.sleepUntil(stage.clock.now() + 50);
                    await other.deleteSession(id);
                    throw cause;
                  })
              : Reflect.get(target, key)
        })
      })
    });
    expect(gone).toBe(true);
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'size', attempts: 1 }] });
    expect(opsOf(stage).filter(op => op === 'session.create')).toHaveLength(2);
  });
});

/** What failed may pass: a later life may go on with it. */
const KEPT = 'the journal does not know that this run has ended';

describe('a note of what is left', () => {
  it('should name a session that may be there, not the item that was there before', async () => {
    const stage = await held();
    stage.simulator.inject({ on: 'session.create', do: 'late', delayMs: 20_000 });
    stage.simulator.inject({ on: 'session.list', do: 'refuse', times: 'always', skip: 1 });
    const { report } = await stage.play(spec(NEW));
    expect(report.notes).toEqual([
      expect.stringContaining(
        `left on the server: perhaps a session on item ${report.item?.id}: a create was not answered`
      ),
      KEPT
    ]);
  });

  it('should name an item that may be there by its name, as its id is not known', async () => {
    const stage = portStage();
    stage.simulator.inject({ on: 'item.create', do: 'loseAnswer' });
    stage.simulator.inject({ on: 'item.find', do: 'refuse', times: 'always', skip: 1 });
    const { report } = await stage.play(spec(NEW));
    expect(report.notes).toEqual([
      expect.stringContaining('left on the server: perhaps an item "fox" in library "images" ('),
      KEPT
    ]);
  });

  it('should not name a session that is gone', async () => {
    const stage = portStage();
    stage.simulator.inject({ on: 'file.validate', do: 'answer', status: 400 });
    stage.simulator.inject({ on: 'item.delete', do: 'refuse', times: 'always' });
    const { report } = await stage.play(spec(NEW));
    expect(report.notes).toEqual([expect.stringContaining(`left on the server: item ${report.item?.id} (`)]);
    expect(left(stage)).toEqual({ sessions: [], items: ['fox'] });
  });
});
