// What the fuzzers found, each by the shortest input that did it.
import { describe, expect, it } from 'vitest';
import { freeSpaceOn } from '../../src/adapters/http/datastore.ts';
import { checkDownload, type DownloadSpec } from '../../src/download-spec.ts';
import { checkSpec } from '../../src/spec.ts';
import { indexTar, MAX_ENTRIES } from '../../src/tar/index-tar.ts';
import { decodeResult } from '../../src/wire/codec.ts';
import { decodeError } from '../../src/wire/error-answers.ts';
import { validation } from '../../src/wire/models.ts';
import { decodeRequest } from '../../src/wire/requests.ts';
import { JSON_DEPTH, readJson } from '../../src/wire/json.ts';
import { header } from '../sources/tar-maker.ts';

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('an archive', () => {
  it('should not be read without end because of headers that bring no file', async () => {
    // Of a terabyte, each block of which says something about all entries that follow.
    const block = header({ type: 'g' });
    let reads = 0;
    const read = async () => {
      reads += 1;
      return block;
    };
    await expect(indexTar(read, 2 ** 40, 'a.ova')).rejects.toThrow(`it has more than ${4 * MAX_ENTRIES} headers`);
    expect(reads).toBe(4 * MAX_ENTRIES + 1);
  });
});

describe('JSON that nests without end', () => {
  it('should be refused in an answer, and in a request', () => {
    expect(() => decodeResult('library.list', 'api', nested(100_000))).toThrow(
      'the answer to library.list is not JSON'
    );
    expect(decodeError(500, nested(100_000))).toMatchObject({ status: 500, messages: [] });
    const request = { method: 'POST', url: '/api/content/library/item', headers: {}, body: nested(100_000) };
    expect(decodeRequest(request)?.error).toMatchObject({
      messages: [{ default_message: 'The body of the request is not JSON.' }]
    });
  });

  it('should be told by its depth, not by what is in its texts', () => {
    expect(readJson(nested(JSON_DEPTH))).toEqual(JSON.parse(nested(JSON_DEPTH)));
    expect(() => readJson(nested(JSON_DEPTH + 1))).toThrow(`more than ${JSON_DEPTH} values lie inside one another`);
    expect(() => readJson('{"a":'.repeat(JSON_DEPTH + 1))).toThrow('inside one another');
    const text = JSON.stringify(`\\"${nested(1_000)}`);
    expect(readJson(`[${text},${'[],'.repeat(1_000)}{}]`)).toHaveLength(1_002);
    expect(() => readJson('"\\')).toThrow(SyntaxError);
  });
});

describe('what should be a text and is none', () => {
  const odd = { toString: 1, valueOf: 1 };

  it('should not be asked for its text', () => {
    const message = { id: 'a', default_message: 'b', args: [odd, 7, null] };
    expect(decodeError(400, JSON.stringify({ error_type: 'ERROR', messages: [message] })).messages).toEqual([
      { id: 'a', default_message: 'b', args: ['{"toString":1,"valueOf":1}', '7', 'null'] }
    ]);
    expect(validation({ missing_files: [odd] }).missing).toEqual(['{"toString":1,"valueOf":1}']);
  });

  it('should be named in what is wrong with a call, and not asked either', () => {
    expect(() => checkSpec({ to: { library: odd }, files: ['a'] })).toThrow(
      'the library must be a name or id:UUID, not an object'
    );
    const download = { from: { library: odd, item: 'i' }, to: '.' } as unknown as DownloadSpec;
    expect(() => checkDownload(download)).toThrow('the library must be a name or id:UUID, not an object');
  });

  it('should be shown without what a terminal would obey', () => {
    expect(() => checkSpec({ to: 'l', files: ['a'], parallel: 'a\u009b2J' })).toThrow('not "a\\u009b2J"');
    expect(() => checkSpec({ to: 'l', files: [{ pull: 'https://h/a', '\u009b': 1 }] })).toThrow(
      'there is no "\\u009b" in'
    );
    const download = { from: 'l/i', to: '.', parallel: 'a\u009b2J' } as unknown as DownloadSpec;
    expect(() => checkDownload(download)).toThrow('not "a\\u009b2J"');
  });
});

describe('a number beyond all numbers', () => {
  it('should be no room on a datastore', async () => {
    const login = { token: async () => 't', renew: async () => 't', end: async () => undefined };
    const answer = async () => ({ status: 200, headers: {}, body: '{"free_space":1e999}' });
    expect(await freeSpaceOn('api', login, answer)('d')).toBeUndefined();
  });
});
