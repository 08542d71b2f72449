// Failures of the server while it stores or checks the bytes: said in its own words, at once, and never taken for success.
import { describe, expect, it } from 'vitest';
import { failure } from '../../../machines/vocabulary.ts';
import { type Ports, PortFailure } from '../../../src/ports.ts';
import { PROFILES } from '../../../src/servers/profiles.ts';
import { renderReport } from '../../../src/view/report.ts';
import { bytesOf } from '../../run/bytes.ts';
import { failureOf } from '../../client/servers.ts';
import { left, opsOf, portStage, type VirtualStage } from '../stage.ts';

const REASON = 'IO error during transfer of disk.vmdk: Pipe closed.';
const spec = {
  to: 'images/vm',
  files: ['disk.vmdk', 'other.vmdk', 'third.vmdk'].map(name => ({
    name,
    source: bytesOf(Buffer.alloc(100_000, name), 5_000)
  }))
};
const NOTHING = { sessions: [], items: [] };
const count = (stage: VirtualStage, op: string) => opsOf(stage).filter(its => its === op).length;

/** Ports on which one method of the library answers as told. */
function answering(ports: Ports, method: 'complete' | 'listItemFiles', answer: () => Promise<unknown>): Ports {
  const library = new Proxy(ports.library, {
    get: (its, key) => (key === method ? answer : Reflect.get(its, key))
  });
  return { ...ports, library };
}
/** The session turns ERROR on the server without a word to whoever sends. */
function break_(stage: VirtualStage): void {
  const { library } = stage.simulator.ports();
  for (const id of stage.simulator.state.sessions.flatMap(bucket => Object.keys(bucket)))
    void library.failSession(id, REASON);
}

describe('a session that turned ERROR on the server', () => {
  it('should be told in its own words first, not as 400 NOT_ALLOWED_IN_CURRENT_STATE of complete (govmomi #3319, siderolabs/talos #8148)', async () => {
    const stage = portStage();
    const { report } = await stage.play(spec, {
      // Nobody looks while bytes go; the session breaks as complete goes out.
      policy: { watchMs: 3_600_000 },
      on: event => void (event.type === 'call' && event.op === 'complete' && break_(stage))
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_ERROR', message: REASON } });
    expect(renderReport(report).split('\n')[0]).toBe(`failed: ${REASON}`);
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should be told in its own words, too, where another call is what it refuses (siderolabs/talos #8148)', async () => {
    const stage = portStage();
    const { library } = stage.simulator.ports();
    const itemId = await library.createItem({ libraryId: (await library.listLibraries())[0]!, name: 'vm', type: '' });
    const id = await library.createSession({ itemId });
    await library.failSession(id, REASON);
    const refused = await failureOf(library.complete(id));
    expect(refused).toMatchObject({ code: 'NOT_ALLOWED_IN_CURRENT_STATE', message: REASON });
    // What the service said as a whole is there as well.
    expect(refused.service?.messages[0]?.default_message).toBe(
      `The operation complete can not be invoked when the import session is in the ERROR state. Reason: ${REASON}`
    );
  });

  it('should stop the sending within seconds, not hours later at complete (siderolabs/talos #8672)', async () => {
    const stage = portStage({ bandwidth: 10 });
    let at = 0;
    const { report } = await stage.play(spec, {
      on: event => {
        if (at > 0 || event.type !== 'answer' || event.op !== 'listFiles') return;
        at = event.at;
        break_(stage);
      }
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { message: REASON } });
    // Each of the files would have taken three hours.
    expect(report.endedAt - at).toBeLessThan(5_000);
    expect([count(stage, 'session.complete'), left(stage)]).toEqual([0, NOTHING]);
  });

  it('should be told as the checksum that is wrong in the manifest, where that is the reason (siderolabs/image-factory #232)', async () => {
    const stage = portStage({ rules: { mismatch: 'sessionError' } });
    const digest = { algorithm: 'SHA256' as const, checksum: 'ab'.repeat(32) };
    const [disk, ...others] = spec.files;
    const { report } = await stage.play({ ...spec, files: [{ ...disk!, digest }, ...others] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: expect.stringMatching(/DISAGREES|SESSION/) } });
    expect(report.failure?.message).toMatch(/disk\.vmdk does not match its manifest: the SHA256 there is abab/);
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('an upload that is called done', () => {
  it('should never be one whose item has size zero (terraform-provider-vsphere #1098)', async () => {
    const stage = portStage();
    const { report } = await stage.play(spec, {
      canceled: true,
      ports: ports => answering(ports, 'listItemFiles', async () => [])
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'NOT_VERIFIED' } });
    expect(report.failure?.message).toMatch(/^after the session was DONE .* disk\.vmdk, other\.vmdk, third\.vmdk$/);
    // Nothing is taken back after DONE: the report says what is there.
    expect(renderReport(report)).toMatch(/ {2}item {5}vm \(.*\), content version 2, created by this run\n/);
    expect(left(stage).items).toEqual(['vm']);
  });

  it('should not be one whose complete was answered well, and whose session then broke', async () => {
    const stage = portStage();
    const { report } = await stage.play(spec, {
      ports: ports =>
        answering(ports, 'complete', async () => {
          break_(stage);
        })
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { message: REASON } });
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should wait for DONE after complete, not before it: a server may begin only then (terraform-provider-vsphere #2369)', async () => {
    const FOX = Buffer.alloc(600_000, 'fox ');
    const stage = portStage({
      bandwidth: 20_000,
      profile: PROFILES.vcsim,
      pull: { sources: { 'https://mirror.example/fox.iso': FOX } }
    });
    const { report } = await stage.play(
      { to: 'images', files: [{ pull: 'https://mirror.example/fox.iso' }] },
      { truth: new Map([['fox.iso', FOX]]) }
    );
    const ops = opsOf(stage);
    expect([report.outcome, ops.slice(ops.lastIndexOf('session.complete')).includes('session.get')]).toEqual([
      'done',
      true
    ]);
  });

  it('should say it first when complete is refused for another reason', async () => {
    const stage = portStage();
    const refused = failure('NOT_ALLOWED_IN_CURRENT_STATE', 'The storage of the library images does not exist.');
    const { report } = await stage.play(spec, {
      ports: ports => answering(ports, 'complete', () => Promise.reject(new PortFailure(refused)))
    });
    expect(report.failure).toMatchObject({ code: refused.code, message: refused.message });
    expect(left(stage)).toEqual(NOTHING);
  });
});
