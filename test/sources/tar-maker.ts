// Makes tar archives byte by byte, honest and hostile ones: tar-stream would not write most of these.

export interface Made {
  readonly name?: string | Uint8Array;
  readonly type?: string;
  readonly body?: Uint8Array | string;
  /** What the size field says, when it is not the body's size. */
  readonly size?: number | string | Uint8Array;
  readonly prefix?: string;
  readonly magic?: string;
  readonly checksum?: string;
  /** Leaves the body out (a sparse archive). */
  readonly noBody?: boolean;
}

export function header(entry: Made): Uint8Array {
  const body = bytes(entry.body ?? '');
  const block = new Uint8Array(512);
  const put = (at: number, value: string | Uint8Array) => block.set(bytes(value), at);
  put(0, bytes(entry.name ?? 'file').subarray(0, 100));
  put(100, '0000644\0');
  put(108, '0000100\0');
  put(116, '0000100\0');
  const size = entry.size ?? body.length;
  put(124, typeof size === 'number' ? `${size.toString(8).padStart(11, '0')}\0` : size);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, entry.type ?? '0');
  put(257, entry.magic ?? 'ustar\x0000');
  put(345, entry.prefix ?? '');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, entry.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** One entry: header, body, padding. */
export function entry(made: Made): Uint8Array {
  const body = made.noBody ? new Uint8Array() : bytes(made.body ?? '');
  return concat(header(made), body, new Uint8Array((512 - (body.length % 512)) % 512));
}

/** A whole archive with its end mark. */
export function tar(...entries: Made[]): Uint8Array {
  return concat(...entries.map(entry), new Uint8Array(1024));
}

export function pax(records: Readonly<Record<string, string>>, type = 'x'): Made {
  return {
    name: 'PaxHeader',
    type,
    body: concat(...Object.entries(records).map(([key, value]) => paxRecord(key, value)))
  };
}

export function paxRecord(key: string, value: string): Uint8Array {
  const rest = bytes(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (`${length}`.length + rest.length !== length) length = `${length}`.length + rest.length;
  return concat(bytes(`${length}`), rest);
}

export function base256(value: number): Uint8Array {
  const field = new Uint8Array(12);
  let rest = BigInt(value);
  for (let at = 11; at > 0; at -= 1) {
    field[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  field[0] = 0x80;
  return field;
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function bytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value;
}

/** Random access to bytes in memory, counting the reads. */
export function readerOf(archive: Uint8Array): {
  read: (at: number, length: number) => Promise<Uint8Array>;
  reads: number;
} {
  const reader = {
    reads: 0,
    read: async (at: number, length: number) => {
      reader.reads += 1;
      return archive.subarray(at, at + length);
    }
  };
  return reader;
}
