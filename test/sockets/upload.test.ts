// The real client against the real HTTP simulator, with a bad network between them: each fault at each place of each exchange of
// an upload, plain and under TLS. One fault is no reason to fail, and nothing of it may be seen afterwards: that the stage asks
// of the server (test/invariants).
import { expect, it } from 'vitest';
import { bytesOf } from '../run/bytes.ts';
import { stageBehind } from './lines.ts';
import { itShould, striking } from './struck.ts';

const CONTENT = Buffer.alloc(48_000, 'the quick brown fox ');
const spec = () => ({ to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(CONTENT) }] });

const upload = striking({
  open: stageBehind,
  run: async (stage, on) => (await stage.play(spec(), { on })).report,
  ends: report => {
    expect(report.failure).toBeUndefined();
    expect(report.outcome).toBe('done');
  }
});

/** By the names of their calls, in their order. */
const EXCHANGES = [
  'findLibraries',
  'getLibrary',
  'findItems',
  'createItem',
  'listSessions',
  'createSession',
  'getSession',
  'addFile',
  'push',
  'getFile',
  'validate',
  'complete',
  'getSession#2',
  'listItemFiles',
  'getItem',
  'deleteSession'
];

itShould('end done', EXCHANGES, upload);

it('should know every exchange of the upload', async () => {
  const names = [...(await upload.lengths('plain')).keys()].filter(name => !name.includes('#'));
  expect(names.sort()).toEqual(EXCHANGES.filter(name => !name.includes('#')).sort());
});
