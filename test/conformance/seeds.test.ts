// The four documents, executed at both ends: what is written in them goes to the simulator as it stands, and is what our
// client writes and reads.
import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml';
import { describe, expect, it } from 'vitest';
import { decodeResult, encodeRequest, type WireRequest } from '../../src/wire/codec.ts';
import { decodeError } from '../../src/wire/error-answers.ts';
import { toFailure } from '../../src/wire/failures.ts';
import type { RawRequest, SeedRow } from './seeds/row.ts';
import { openStage } from './seeds/stage.ts';
import { SEEDS } from './seeds/table.ts';

describe.each(SEEDS)('the document $document.seed, $document.title', ({ document, rows }) => {
  it.each(rows)('should be answered by the simulator as it says: $id', async row => {
    await using stage = await openStage(document, row);
    const names = await row.arrange(stage);
    const answer = await stage.ask(row.request(names));
    expect([answer.status, mediaOf(answer.headers['content-type'])]).toEqual([row.answer.status, row.answer.media]);
    await row.check?.(answer, names, stage);
    read(row, answer.status, answer.body);
  });

  it.each(rows)('should be what our client says and reads: $id', row => {
    const names = { session: 'a1:b2', item: 'c3', library: 'd4' };
    const { op, dialect, args, tokenPlace = 'none', wording } = row.call;
    const made = encodeRequest(op, dialect, args(names), { tokenPlace, wording });
    expect(canonical(sent(made))).toEqual(canonical(row.request(names)));
    if (row.sample !== undefined) read(row, row.answer.status, row.sample);
  });
});

describe('the table of the four documents', () => {
  it('should give every row its own name', () => {
    const ids = SEEDS.flatMap(({ rows }) => rows.map(row => row.id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

/** As our client reads the answer. */
function read({ call: { op, dialect }, reads }: SeedRow, status: number, body: string): void {
  if (typeof reads === 'function') reads(decodeResult(op, dialect, body));
  else expect(toFailure(decodeError(status, body), op).code).toBe(reads);
}

/** What goes over the wire of a request that our client made; JSON is written by its HTTP adapter. */
function sent({ method, path, headers, body, text }: WireRequest): RawRequest {
  if (text !== undefined) return { method, path, headers, body: text };
  if (body === undefined) return { method, path, headers };
  return { method, path, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Without what does not matter: the order of fields, white space between elements, the prefix of a namespace. */
function canonical({ method, path, headers, body = '' }: RawRequest): unknown {
  const media = mediaOf(headers['content-type']);
  const read: Readonly<Record<string, () => unknown>> = {
    'application/json': () => JSON.parse(body),
    'application/xml': () => tree(parseXml(body).root!),
    'application/x-www-form-urlencoded': () => [...new URLSearchParams(body)].sort()
  };
  return {
    method,
    path,
    media,
    token: headers['client-token'],
    wants: mediaOf(headers.accept),
    body: read[media ?? '']?.()
  };
}

function tree(element: XmlElement): unknown {
  const prefix = element.name.includes(':') ? element.name.split(':', 1)[0]! : '';
  const namespace = element.attributes[prefix === '' ? 'xmlns' : `xmlns:${prefix}`];
  const children = element.children.filter(child => child instanceof XmlElement).map(tree);
  const text = element.children.filter(child => child instanceof XmlText).map(child => child.text.trim());
  const name = element.name.slice(prefix === '' ? 0 : prefix.length + 1);
  const ordered = name.endsWith('-array') ? children : children.map(child => JSON.stringify(child)).sort();
  return { name, namespace, children: ordered, text: text.join('') };
}

function mediaOf(type: string | undefined): string | undefined {
  return type?.split(';', 1)[0];
}
