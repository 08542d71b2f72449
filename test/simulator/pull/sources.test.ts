// What is fetched from an imagined network: by ports, in virtual time, without a socket.
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { updateFileMachine } from '../../../machines/service/update-file.ts';
import type { AddFile } from '../../../src/ports.ts';
import { law } from '../../../src/simulator/service/law.ts';
import { values } from '../../../src/simulator/service/table.ts';
import { type Door, type Options, opened, portDoor } from '../doors.ts';

type MachineConfig = Parameters<typeof createMachine>[0];

let door: Door;
afterEach(() => door.close());

const URI = 'https://images.example/a.iso';

async function pulling(options: Options, spec: Partial<AddFile> = {}, item: { type?: string } = {}) {
  door = await portDoor(options);
  const { library } = door;
  const { itemId, sessionId } = await opened(door, {}, item);
  const add = (more: Partial<AddFile>) =>
    library.addFile(sessionId, { name: 'a.iso', sourceType: 'PULL', source: { uri: URI }, ...more });
  const added = await add(spec);
  return {
    library,
    itemId,
    sessionId,
    added,
    add,
    file: (name = 'a.iso') => library.getFile(sessionId, name),
    session: () => library.getSession(sessionId)
  };
}

describe('a pull from an imagined network', () => {
  it('should fetch the file as soon as it is added', async () => {
    const { library, sessionId, itemId, added, file, session } = await pulling({
      pull: { sources: { [URI]: 'hello' } }
    });
    expect(added).toMatchObject({ sourceType: 'PULL', status: 'WAITING_FOR_TRANSFER' });
    await door.clock.runUntilIdle();
    expect(await file()).toMatchObject({ status: 'READY', size: 5, bytesTransferred: 5 });
    expect((await session()).state).toBe('ACTIVE');
    await library.complete(sessionId);
    expect((await session()).state).toBe('DONE');
    const [held] = door.simulator.contents(itemId)!.files;
    expect(Buffer.from((await held!.read())!).toString()).toBe('hello');
  });

  it('should end a session DONE that was completed before', async () => {
    const { library, sessionId, session } = await pulling({ bandwidth: 1, pull: { sources: { [URI]: 'hello' } } });
    await library.complete(sessionId);
    expect((await session()).state).toBe('ACTIVE');
    await door.clock.runUntilIdle();
    expect((await session()).state).toBe('DONE');
  });

  it.each(['SHA1', 'MD5', 'SHA256', 'SHA512'])('should verify %s', async algorithm => {
    const checksum = createHash(algorithm).update('hello').digest('hex');
    const { add, file, session } = await pulling(
      { pull: { sources: { [URI]: 'hello' } } },
      { digest: { algorithm, checksum: checksum.toUpperCase() } }
    );
    await door.clock.runUntilIdle();
    expect(await file()).toMatchObject({ status: 'READY', digest: { algorithm, checksum } });
    await add({ name: 'b.iso', digest: { algorithm, checksum: '00' } });
    await door.clock.runUntilIdle();
    expect(await file('b.iso')).toMatchObject({ status: 'ERROR' });
    expect(await session()).toMatchObject({ state: 'ERROR', errorMessage: expect.stringContaining('checksum') });
  });

  it('should fail as the service does, in its words', async () => {
    const { file, session } = await pulling({});
    await door.clock.runUntilIdle();
    const { id, libraryId } = values(door.simulator.state.items)[0]!;
    const { serverGuid } = door.simulator.state.settings;
    const place = `ds:///vmfs/volumes/${serverGuid}/contentlib-${libraryId}/${id}/a.iso`;
    const reason = 'the host images.example is not one that this service may fetch from';
    const text = `Error transferring file a.iso to ${place}. Reason: ${reason}`;
    expect(await file()).toMatchObject({ status: 'ERROR', errorMessage: text });
    expect(await session()).toMatchObject({
      state: 'ERROR',
      errorMessage: `The import of library item item has failed. ${text}`
    });
  });

  it('should not be begun again and again where the service does not take it', async () => {
    const { states, ...config } = updateFileMachine.config;
    const lawless = createMachine({ ...config, states: { ...states, WAITING_FOR_TRANSFER: {} } } as MachineConfig);
    const { file } = await pulling({ pull: { sources: { [URI]: 'hello' } }, law: { ...law, updateFile: lawless } });
    await door.clock.runUntilIdle();
    expect(await file()).toMatchObject({ status: 'WAITING_FOR_TRANSFER' });
  });

  it('should wait where nobody fetches', async () => {
    const { file } = await pulling({ pull: false });
    await door.clock.runUntilIdle();
    expect(await file()).toMatchObject({ status: 'WAITING_FOR_TRANSFER' });
  });
});
