// Sending bytes: what the upload address takes, and what becomes of a file that is not what was announced.
import { createHash, randomUUID } from 'node:crypto';
import type { Bench } from '../bench.ts';
import type { Model } from '../calls.ts';
import type { Group } from '../row.ts';
import { hasStatus, holds, isRecord, same } from '../verdict.ts';

const CONTENT = 'as many bytes as there are\n';
const SIZE = CONTENT.length;

export const bytes: Group = {
  title: 'Bytes on their way in',
  rows: [
    {
      id: 'put',
      says: 'a PUT of the bytes is answered 200, and the file is READY with its size',
      run: async bench => {
        const info = await afterPut(bench, {}, CONTENT);
        same([info.status, info.size, info.bytes_transferred], ['READY', SIZE, SIZE], 'status, size, bytes');
      }
    },
    {
      id: 'put.announced',
      says: 'with the size and checksum that were announced the file is READY',
      run: async bench => {
        const info = await afterPut(bench, { size: SIZE, checksum_info: sumOf(CONTENT) }, CONTENT);
        same(info.status, 'READY', 'status');
      }
    },
    {
      id: 'put.upper-case',
      says: 'the checksum may be in upper case',
      judged: true,
      run: async bench => {
        const { algorithm, checksum } = sumOf(CONTENT);
        const info = await afterPut(bench, { checksum_info: { algorithm, checksum: checksum.toUpperCase() } }, CONTENT);
        same(info.status, 'READY', 'status');
      }
    },
    {
      id: 'put.default-algorithm',
      says: 'a checksum without its algorithm is SHA-1',
      run: async bench => {
        const info = await afterPut(bench, { checksum_info: { checksum: sumOf(CONTENT).checksum } }, CONTENT);
        same(info.status, 'READY', 'status');
      }
    },
    {
      id: 'put.checksum-told',
      says: 'the checksum of what was received is told',
      run: async bench => {
        const { checksum_info: sum } = await afterPut(bench, { checksum_info: sumOf(CONTENT) }, CONTENT);
        same(isRecord(sum) ? String(sum.checksum).toLowerCase() : undefined, sumOf(CONTENT).checksum, 'checksum');
      }
    },
    {
      id: 'put.empty',
      says: 'a file may be empty',
      judged: true,
      run: async bench => {
        const info = await afterPut(bench, {}, '');
        same([info.status, info.size], ['READY', 0], 'status and size');
      }
    },
    {
      id: 'put.chunked',
      says: 'the body may come in chunks, without its length',
      judged: true,
      run: async bench => {
        const session = await bench.session();
        const uri = await bench.opened(session, 'a.txt');
        same((await bench.put(uri, CONTENT, { chunked: true })).status, 200, 'status of the PUT');
      }
    },
    {
      id: 'put.post',
      says: 'the address takes POST as well, as some samples have it',
      judged: true,
      run: async bench => {
        const uri = await bench.opened(await bench.session(), 'a.txt');
        same((await bench.put(uri, CONTENT, { method: 'POST' })).status, 200, 'status of the POST');
      }
    },
    {
      id: 'put.no-login',
      says: 'the address is enough: no login is asked for',
      judged: true,
      run: async bench => {
        const { pathname } = new URL(await bench.opened(await bench.session(), 'a.txt'));
        const reply = await bench.raw('PUT', pathname, {
          token: null,
          headers: { 'content-type': 'text/ovf' },
          text: CONTENT
        });
        hasStatus(reply, 200, 'PUT');
      }
    },
    {
      id: 'put.again',
      says: 'a second PUT replaces the first',
      judged: true,
      run: async bench => {
        const session = await bench.session();
        const uri = await bench.opened(session, 'a.txt');
        await bench.put(uri, CONTENT);
        same((await bench.put(uri, 'less')).status, 200, 'status of the second PUT');
        same((await settled(bench, session)).size, 4, 'size');
      }
    },
    {
      id: 'put.unknown-address',
      says: 'an address that was never given takes nothing: 404',
      judged: true,
      run: async bench => {
        const uri = new URL(await bench.opened(await bench.session(), 'a.txt'));
        const stranger = uri.href.replace(/[0-9a-f-]{36}(?=\/)/i, randomUUID());
        holds(stranger !== uri.href, 'an address with a UUID in it', 'another');
        const reply = await bench.put(stranger, CONTENT);
        hasStatus(reply, 404, 'PUT');
      }
    },
    {
      id: 'put.other-name',
      says: 'the address with another file name takes nothing: 404',
      judged: true,
      run: async bench => {
        const uri = await bench.opened(await bench.session(), 'a.txt');
        const reply = await bench.put(uri.replace('a.txt', 'b.txt'), CONTENT);
        hasStatus(reply, 404, 'PUT');
      }
    },
    {
      id: 'put.wrong-size',
      says: 'another number of bytes than announced: the file ends in ERROR and says why',
      run: async bench => await spoilt(bench, { size: SIZE + 1 })
    },
    {
      id: 'put.wrong-checksum',
      says: 'other bytes than announced by checksum: the file ends in ERROR and says why',
      run: async bench => await spoilt(bench, { checksum_info: sumOf('something else') })
    },
    {
      id: 'put.wrong-status',
      says: 'a PUT of bytes that were announced differently is answered 400',
      judged: true,
      run: async bench => {
        const reply = await bench.put(await bench.opened(await bench.session(), 'a.txt', { size: SIZE + 1 }), CONTENT);
        hasStatus(reply, 400, 'PUT');
      }
    },
    {
      id: 'put.wrong-complete',
      says: 'with such a file the session cannot complete; it stays ACTIVE, and the file can be added again',
      run: async bench => {
        const session = await bench.session();
        await bench.put(await bench.opened(session, 'a.txt', { size: SIZE + 1 }), CONTENT);
        await settled(bench, session);
        await bench.refused('session.complete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
        same((await bench.model('session.get', { session })).state, 'ACTIVE', 'state');
        await bench.push(session, 'a.txt', CONTENT, { size: SIZE });
        await bench.ok('session.complete', { session });
        same(await bench.ended(session), 'DONE', 'state after all');
      }
    },
    {
      id: 'put.cut',
      says: 'a connection cut in the middle leaves the file waiting, with nothing of it',
      judged: true,
      run: async bench => {
        const session = await bench.session();
        const uri = await bench.opened(session, 'a.txt', { size: 200_000 });
        await bench.put(uri, 'x'.repeat(200_000), { cutAfter: 50_000 }).catch(notAnswered);
        const waits = await bench.until(async () => {
          const info = await bench.model('file.get', { session, file_name: 'a.txt' });
          return info.status === 'WAITING_FOR_TRANSFER' && info.bytes_transferred === 0;
        });
        const { status } = await bench.model('file.get', { session, file_name: 'a.txt' });
        holds(waits, 'WAITING_FOR_TRANSFER, 0 bytes', `came ${status}`);
      }
    },
    {
      id: 'put.cut-again',
      says: 'after that the same address takes the whole',
      judged: true,
      run: async bench => {
        const session = await bench.session();
        const uri = await bench.opened(session, 'a.txt', { size: 200_000 });
        const whole = 'x'.repeat(200_000);
        await bench.put(uri, whole, { cutAfter: 50_000 }).catch(notAnswered);
        let status = 0;
        // the server may hear of the cut later than of the next PUT
        await bench.until(async () => {
          status = (await bench.put(uri, whole)).status;
          return status === 200 && (await read(bench, session)).status !== 'WAITING_FOR_TRANSFER';
        });
        same([status, (await settled(bench, session)).status], [200, 'READY'], 'status of PUT and file');
      }
    },
    {
      id: 'put.cut-complete',
      says: 'after that the session cannot complete',
      run: async bench => {
        const session = await bench.session();
        const uri = await bench.opened(session, 'a.txt', { size: 200_000 });
        await bench.put(uri, 'x'.repeat(200_000), { cutAfter: 50_000 }).catch(notAnswered);
        await bench.refused('session.complete', { session }, 'NOT_ALLOWED_IN_CURRENT_STATE');
      }
    },
    {
      id: 'put.keeps-alive',
      says: 'bytes that arrive put off the expiry of the session',
      judged: true,
      run: async bench => {
        const session = await bench.session();
        const uri = await bench.opened(session, 'a.txt');
        const before = Date.parse(String((await bench.model('session.get', { session })).expiration_time));
        await new Promise(resolve => setTimeout(resolve, 5));
        await bench.put(uri, CONTENT);
        const after = Date.parse(String((await bench.model('session.get', { session })).expiration_time));
        holds(after > before, 'a later time', 'the same or an earlier one');
      }
    }
  ]
};

/** The file after its bytes were sent and looked at. */
async function afterPut(bench: Bench, more: Record<string, unknown>, content: string): Promise<Model> {
  const session = await bench.session();
  const reply = await bench.put(await bench.opened(session, 'a.txt', more), content);
  hasStatus(reply, 200, 'PUT');
  return settled(bench, session);
}

/** The server may take its time to look at what it got. */
async function settled(bench: Bench, session: string): Promise<Model> {
  const ended = async () => /READY|ERROR/.test(String((await read(bench, session)).status));
  if (bench.server.reportsReady) await bench.until(ended);
  return read(bench, session);
}

function read(bench: Bench, session: string): Promise<Model> {
  return bench.model('file.get', { session, file_name: 'a.txt' });
}

async function spoilt(bench: Bench, more: Record<string, unknown>): Promise<void> {
  const session = await bench.session();
  await bench.put(await bench.opened(session, 'a.txt', more), CONTENT);
  const info = await settled(bench, session);
  same(info.status, 'ERROR', 'status');
  holds(isRecord(info.error_message), 'an error_message', 'none came');
}

/** A cut connection gives no answer, and must not. */
function notAnswered(cause: unknown): undefined {
  if (cause instanceof Error && cause.name === 'NoAnswer') return undefined;
  throw cause;
}

function sumOf(content: string): { algorithm: string; checksum: string } {
  return { algorithm: 'SHA1', checksum: createHash('sha1').update(content).digest('hex') };
}
