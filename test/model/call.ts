// What the model and the wire talk about: one call of a user, and what came back. Nothing here is the library's.

/** The operations that are played, by the service's names: u. an update session, d. a download session, .f. their files. */
export type Op =
  | 'item.create'
  | 'item.get'
  | 'item.delete'
  | 'item.list'
  | 'item.files'
  | 'u.create'
  | 'u.list'
  | 'u.get'
  | 'u.keepAlive'
  | 'u.complete'
  | 'u.cancel'
  | 'u.fail'
  | 'u.delete'
  | 'u.f.add'
  | 'u.f.list'
  | 'u.f.get'
  | 'u.f.remove'
  | 'u.f.validate'
  | 'd.create'
  | 'd.list'
  | 'd.get'
  | 'd.keepAlive'
  | 'd.cancel'
  | 'd.fail'
  | 'd.delete'
  | 'd.f.list'
  | 'd.f.get'
  | 'd.f.prepare';

export type Dialect = 'api' | 'rest';

/** What a call says, by the names that the service has for it. */
export interface Args {
  /** Of the session or the item. */
  readonly id?: string;
  readonly library_id?: string;
  readonly library_item_id?: string;
  readonly client_token?: string;
  readonly name?: string;
  readonly type?: string;
  readonly size?: number;
  readonly checksum_info?: Checksum;
  readonly progress?: number;
  readonly message?: string;
}
export interface Checksum {
  readonly algorithm: string;
  readonly checksum: string;
}

/** `meant`: what is to be sent to the address that an add gives. */
export type Call =
  | { readonly op: Op; readonly user: string; readonly args: Args; readonly meant?: string }
  /** Bytes to, or from, the address that the service gave. */
  | { readonly op: 'put'; readonly uri: string; readonly body: string }
  | { readonly op: 'fetch'; readonly uri: string };

export interface Answer {
  readonly status: number;
  /** As in `error_type`, from wherever the dialect tells it. */
  readonly error?: string;
  readonly value?: unknown;
}

/** A call and its answer in a line, for a person who reads a counterexample. */
export function inWords(call: Call, answer?: Answer): string {
  const what =
    call.op === 'put'
      ? `PUT ${call.uri} (${call.body.length} bytes)`
      : call.op === 'fetch'
        ? `GET ${call.uri}`
        : `${call.user} ${call.op} ${JSON.stringify(call.args)}`;
  return answer === undefined ? what : `${what} -> ${answer.status} ${answer.error ?? JSON.stringify(answer.value)}`;
}
