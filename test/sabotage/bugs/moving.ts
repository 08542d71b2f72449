// Bugs where calls are made and bytes are moved: what is repeated, waited for, compared and kept.
import type { Bug } from '../apply.ts';
import { checker, NEW_ITEM, tests } from './catchers.ts';

const calls = 'machines/workflow/calls.ts';
const afterFailure = 'machines/workflow/after-failure.ts';
const lease = 'machines/workflow/lease.ts';
const attempt = 'machines/workflow/attempt/bookkeeping.ts';
const fetching = 'machines/workflow/fetch-file/questions.ts';

export const MOVING: readonly Bug[] = [
  {
    name: 'repeats a create whose answer was lost',
    file: afterFailure,
    anchor: 'if (its?.ask === undefined) return false;',
    replacement: 'if (its?.ask === undefined || its.alwaysAsk !== true) return false;',
    catcher: tests('test/scenarios/lost-answers.test.ts')
  },
  {
    name: 'forgets that a call was in doubt',
    file: attempt,
    anchor: 'doubted: context.doubted || isDoubtful(its.failure),',
    replacement: 'doubted: false,',
    catcher: tests('test/machines/attempt.test.ts')
  },
  {
    name: 'adds a file that is there a second time',
    file: afterFailure,
    anchor: "return ours ? { happened: 'yes', value: file } : { happened: 'no' };",
    replacement: "return ours ? { happened: 'no' } : { happened: 'no' };",
    catcher: tests('test/machines/attempt.test.ts')
  },
  {
    name: 'takes a file that arrived short for all of it',
    file: afterFailure,
    anchor:
      "return file.size === undefined || file.size === size ? { happened: 'yes', value: read } : { happened: 'no' };",
    replacement: "return { happened: 'yes', value: read };",
    catcher: tests('test/machines/attempt.test.ts')
  },
  {
    name: 'tries more often than it may',
    file: attempt,
    anchor: 'return spent + 1 < policy.maxAttempts;',
    replacement: 'return spent < 3 * policy.maxAttempts;',
    catcher: tests('test/machines/attempt.test.ts')
  },
  {
    name: 'does not wait as long as Retry-After says',
    file: calls,
    anchor: 'const asked = Math.min(failed.failure.retryAfterMs ?? 0, policy.retryAfterCapMs);',
    replacement: 'const asked = Math.min(0, policy.retryAfterCapMs);',
    catcher: tests('test/machines/attempt.test.ts')
  },
  {
    name: 'has a budget that never refuses',
    file: 'src/retry-budget.ts',
    anchor: 'left -= cost;',
    replacement: 'left -= 0;',
    catcher: tests('test/retry/budget.test.ts')
  },
  {
    name: 'pays for cleaning up',
    file: 'machines/workflow/upload/calling.ts',
    anchor: 'export const CLEANUP = { maxAttempts: 3, capMs: 1_000, retryAfterCapMs: 2_000, ...FREE };',
    replacement: 'export const CLEANUP = { maxAttempts: 3, capMs: 1_000, retryAfterCapMs: 2_000 };',
    catcher: tests('test/retry/budget.test.ts')
  },
  {
    name: 'forgets the keep-alive',
    file: lease,
    anchor: "update: { look: 'getSession', beat: 'keepAlive' },",
    replacement: "update: { look: 'getSession', beat: 'getSession' },",
    catcher: tests('test/scenarios/long.test.ts')
  },
  {
    name: 'keeps alive too seldom',
    file: lease,
    anchor: 'periodMs: Math.max(250, Math.floor(left / 4))',
    replacement: 'periodMs: Math.max(250, Math.floor(left / 2))',
    catcher: tests('test/machines/upload-file.test.ts', 'the lease')
  },
  {
    name: 'forgets to keep the login',
    file: lease,
    anchor: "{ target: 'greeting', actions: 'keepTime' }",
    replacement: "{ target: 'looking', actions: 'keepTime' }",
    catcher: tests('test/machines/upload-file.test.ts', 'the lease')
  },
  {
    name: 'takes a fetch that came short for all of it',
    file: fetching,
    anchor: 'sizeDiffers: ({ context }) => context.size !== undefined && context.received !== context.size,',
    replacement: 'sizeDiffers: () => false,',
    catcher: tests('test/machines/fetch-file.test.ts')
  },
  {
    name: 'gives a fetched file its name without reading it back',
    file: 'machines/workflow/fetch-file.ts',
    anchor: "{ guard: 'comparable', target: 'reading' },",
    replacement: "{ guard: 'comparable', target: '#fetch-file.keeping' },",
    catcher: tests('test/machines/fetch-file.test.ts')
  },
  {
    name: 'compares the digest of an item letter by letter, large and small',
    file: 'machines/workflow/check.ts',
    anchor: 'digest.checksum === reported?.checksum.toLowerCase() ?',
    replacement: 'digest.checksum === reported?.checksum ?',
    catcher: tests('test/machines/upload.test.ts')
  },
  {
    name: 'compares the digest of a fetched file letter by letter, large and small',
    file: 'machines/workflow/download-facts.ts',
    anchor: 'one.checksum.toLowerCase() === other.checksum.toLowerCase();',
    replacement: 'one.checksum === other.checksum;',
    catcher: tests('test/machines/fetch-file.test.ts')
  },
  {
    name: 'compares the digest of a file that was sent letter by letter, large and small',
    file: 'machines/workflow/upload-file/words.ts',
    anchor: 'ours === undefined || ours.checksum === its.digest?.checksum.toLowerCase()',
    replacement: 'ours === undefined || ours.checksum === its.digest?.checksum',
    catcher: tests('test/machines/upload.test.ts')
  },
  {
    name: 'mixes files of two versions of an item',
    file: 'machines/workflow/download/questions.ts',
    anchor: 'return contentVersion !== (context.contentVersion ?? contentVersion);',
    replacement: 'return contentVersion === undefined && contentVersion !== context.contentVersion;',
    catcher: tests('test/machines/download.test.ts')
  },
  {
    name: 'leaves the part of a file that did not become one',
    file: 'machines/workflow/download/ending.ts',
    anchor: "{ guard: 'hasPart', target: 'dropping' },",
    replacement: '',
    catcher: checker('a download, 1 file: 0 faults, 1 crash')
  },
  {
    name: 'sends the bytes of one file twice at a time',
    file: 'machines/workflow/upload/bookkeeping.ts',
    anchor: "now.files.map((file, at) => (next.includes(at) ? { ...file, outcome: 'sending' as const } : file))",
    replacement: 'now.files.map(file => file)',
    catcher: checker(NEW_ITEM)
  },
  {
    name: 'makes tokens that are not the same after a crash',
    file: 'machines/workflow/upload-facts.ts',
    anchor: "const tail = (generation * 2 + (purpose === 'item' ? 0 : 1)).toString(16).padStart(6, '0');",
    replacement: "const tail = ((generation - 1) * 2 + (purpose === 'item' ? 0 : 0)).toString(16).padStart(6, '0');",
    catcher: tests('test/machines/upload-file.test.ts', 'small rules')
  }
];
