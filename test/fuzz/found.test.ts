// What the fuzzers found, each by the shortest input that did it.
import { describe, expect, it } from 'vitest';
import { run as runCommand } from '../../src/cli/run.ts';
import { recordsOf } from '../../src/events/reading.ts';
import { byteCount, durationMs } from '../../src/figures.ts';
import { striker } from '../../src/secret-forms.ts';
import { readConfig } from '../../src/simulator/config.ts';
import { parseFaults } from '../../src/simulator/faults.ts';
import { allowedHosts } from '../../src/simulator/pull/hosts.ts';
import { pullPolicyOf } from '../../src/simulator/pull/options.ts';
import { probeSource } from '../../src/simulator/pull/probe.ts';
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

/** What is said to somebody who calls the command with a word that it does not know. */
async function wrongCall(word: string): Promise<string> {
  let said = '';
  const write = (text: string): void => {
    said += text;
  };
  const sink = { isTTY: false, write };
  const stdin = Object.assign((async function* () {})(), { isTTY: false });
  await runCommand([word], { stdin, stdout: sink, stderr: sink, env: {}, onSignal: () => () => undefined });
  return said;
}

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

describe('words that are looked for in a text', () => {
  it('should be found in one way at most, so that a text that almost holds them is gone through once', () => {
    // Tried in every way, each of these would be tried in more ways than there is time.
    for (const [secret, page] of [
      ['п?п?п?п?п?п?п?п?п?п?п?п1', `1 ${'?'.repeat(3_000)}`],
      [`${'\\'.repeat(24)}a`, `a ${'\\'.repeat(3_000)}`],
      [`${'\\"'.repeat(20)}a`, `a ${'\\\\"'.repeat(1_000)}`]
    ] as const) {
      const hide = striker([[secret, '[hidden]']]);
      expect(hide(`${page} ${secret}`).endsWith(' [hidden]')).toBe(true);
      expect(hide(`${page} ${JSON.stringify(secret)}`)).toMatch(/ "\[hidden\]"$/);
    }
  });

  it('should be found with every character that JSON escapes', () => {
    const secret = 'one\b\f\n\r\t"\\u0041/é?two';
    const hide = striker([[secret, '[hidden]']]);
    const once = JSON.stringify(secret).slice(1, -1);
    for (const form of [secret, once, JSON.stringify(once).slice(1, -1), encodeURIComponent(secret)]) {
      expect(hide(`x ${form} y`)).toBe('x [hidden] y');
    }
  });
});

describe('a line that is said', () => {
  it('should be made of a text with any number of blanks and line ends', async () => {
    const said = await wrongCall(`a ${' '.repeat(200_000)}b`);
    expect(said.length).toBeGreaterThan(200_000);
    expect(await wrongCall(`a \r\n \n b${'\n'.repeat(2_000)}c`)).toContain("'a b c'");
    expect(await wrongCall('uplod')).toContain('(did you mean upload?)');
  });
});

describe('a figure beyond all figures', () => {
  it('should be no time and no rate', () => {
    expect([durationMs('9'.repeat(400)), durationMs('99999999999d'), durationMs(`${'1m'.repeat(51)}`)]).toEqual([
      undefined,
      undefined,
      undefined
    ]);
    expect([durationMs('3650d'), byteCount('9'.repeat(400)), byteCount('9999999999999G')]).toEqual([
      315_360_000_000,
      undefined,
      undefined
    ]);
  });
});

describe('what a simulator is told', () => {
  it('should be refused where a pattern would be held against every request for too long', () => {
    expect(() => parseFaults([{ on: '*'.repeat(1_001), do: 'reset' }], ['put'])).toThrow(
      'must have at most 1000 characters'
    );
  });

  it('should be named in one line', () => {
    expect(() => readConfig({ users: { 'a\u001b': {} } })).toThrow('users."a\\u001b"');
    expect(() => allowedHosts(['a\u009b '])).toThrow('"a\\u009b " is no host to fetch from');
  });

  it('should not be repeated with a password that makes an address none', async () => {
    const policy = pullPolicyOf({});
    const look = (uri: string) => probeSource(policy, { uri }, new AbortController().signal);
    for (const [uri, shown] of [
      ['https://me:pass/word@h/a?b', 'https://h/a'],
      ['pass//word@h', 'h'],
      ['ftp://me:word@h/a@b?c', 'ftp://h/a@b']
    ] as const) {
      const [message] = (await look(uri)).error_messages;
      expect(message?.args).toEqual([shown]);
    }
  });
});

describe('a journal', () => {
  const run = '11111111-1111-4111-8111-111111111111';
  const begun = { kind: 'upload', server: 's', place: 'l/i', files: [{ name: 'a', size: 1 }] };
  const file = { outcome: 'todo', attempts: 0, digests: [] };
  const readBack = (...its: readonly (readonly [string, unknown])[]) => {
    const records = its.map(([type, data]) => ({ v: 1, run, at: 1, type, data }));
    return recordsOf({ append: async () => undefined, read: async () => records }, run);
  };

  it('should not be believed where a record is not as it was written', async () => {
    for (const [type, data] of [
      ['begun', null],
      ['begun', { ...begun, files: undefined }],
      ['begun', { ...begun, kind: 'x' }],
      ['begun', { ...begun, spec: 7 }],
      ['facts', []],
      ['facts', { before: null }],
      ['facts', { before: [7] }],
      ['facts', { generation: 1.5 }],
      ['facts', { failure: { code: 'constructor', message: 'x' } }],
      ['facts', { files: { '4000000000': file } }],
      ['facts', { files: { '-1': file } }],
      ['facts', { files: { 0: { ...file, digests: [{}] } } }],
      ['facts', { files: { 0: { ...file, naming: -1 } } }],
      ['ended', { outcome: 'failed' }]
    ] as const) {
      await expect(readBack([type, data]), JSON.stringify([type, data])).rejects.toMatchObject({
        failure: {
          code: 'JOURNAL',
          message: expect.stringContaining(`a record of the kind ${type} is not as it was written`)
        }
      });
    }
    await expect(readBack(['facts', { files: { 1: file } }])).rejects.toThrow('a file is missing');
  });

  it('should not bring a file that nobody would ever be through with', async () => {
    const strange = 'what became of a file is none of what may become of it';
    for (const [kind, outcome] of [
      ['upload', ''],
      ['upload', 'kept'],
      ['download', 'ready']
    ]) {
      const facts = { files: { 0: { ...file, outcome } } };
      await expect(readBack(['begun', { ...begun, kind }], ['facts', facts])).rejects.toThrow(strange);
    }
    const kept = { files: { 0: { ...file, name: 'a', outcome: 'kept' } } };
    expect(await readBack(['begun', { ...begun, kind: 'download' }], ['facts', kept])).toHaveLength(2);
  });

  it('should be believed with what was taken back, and with what somebody else added', async () => {
    const facts = {
      sessionId: null,
      files: { 0: { ...file, reported: { algorithm: 'SHA1', checksum: 'a' } } },
      other: 7
    };
    expect(await readBack(['begun', begun], ['facts', facts], ['constructor', 7])).toHaveLength(3);
  });
});
