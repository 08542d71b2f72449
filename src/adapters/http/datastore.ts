// How much room there is on a datastore: one question beside the content library (Datastore.get, vSphere API 8.0).
import { isRecord } from '../../wire/errors.ts';
import { readJson } from '../../wire/json.ts';
import type { Dialect } from '../../wire/operations.ts';
import { type Login, SESSION_HEADER } from './login.ts';
import type { Send } from './request.ts';

/** Makes the question. It answers `undefined` where the server does not know it, or does not tell this user. */
export function freeSpaceOn(dialect: Dialect, login: Login, send: Send) {
  return async (datastoreId: string, signal?: AbortSignal): Promise<number | undefined> => {
    const path = `${dialect === 'api' ? '/api' : '/rest'}/vcenter/datastore/${encodeURIComponent(datastoreId)}`;
    const headers = { [SESSION_HEADER]: await login.token(signal) };
    const { status, body } = await send({ method: 'GET', path, headers, signal });
    return status === 200 ? freeIn(body) : undefined;
  };
}

/** Under /rest the answer stands in a `value`. */
function freeIn(body: string): number | undefined {
  try {
    const answer = readJson(body);
    const info = isRecord(answer) && isRecord(answer.value) ? answer.value : answer;
    const free = isRecord(info) ? info.free_space : undefined;
    return typeof free === 'number' && Number.isFinite(free) && free >= 0 ? free : undefined;
  } catch {
    return undefined;
  }
}
