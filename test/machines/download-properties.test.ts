import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { downloadMachine } from '../../machines/workflow/download.ts';
import type { DownloadResult } from '../../machines/workflow/download-facts.ts';
import { type FetchFileResult, fetchFileMachine } from '../../machines/workflow/fetch-file.ts';
import type { Node } from '../../src/step.ts';
import { walk } from '../../src/step.ts';
import { A, downloadIs, FETCHED, fetchWith, fromWith, preparedIs } from './download-samples.ts';
import { play, Refusal, refuse, type Script } from './play.ts';
import { POLICY, SHA } from './samples.ts';

const RUNS = 600;
const FAULTS = [
  { code: 'CONNECTION', more: { ambiguous: true, received: 400 } },
  { code: 'CONNECTION', more: {} },
  { code: 'UNAVAILABLE', more: { retryAfterMs: 700 } },
  { code: 'SERVER_ERROR', more: { received: 1_600 } },
  { code: 'NOT_ALLOWED_IN_CURRENT_STATE', more: {} },
  { code: 'NOT_FOUND', more: {} },
  { code: 'TRANSFER_REFUSED', more: { received: 0 } },
  { code: 'TARGET_UNWRITABLE', more: {} }
] as const;
const draws = fc.array(fc.integer({ min: 0, max: FAULTS.length * 8 - 1 }), { maxLength: 40 });
const B = { ...A, name: 'b.bin' };

/** Answers badly as drawn; each draw is used once, then all goes well, so every run ends. */
function world(faults: readonly number[], good: Script): Script {
  let turn = 0;
  return (call, times, path) => {
    const draw = faults[turn++] ?? 0;
    const bad = FAULTS[Math.floor(draw / 8)];
    if (draw % 8 < 6 || bad === undefined) return good(call, times, path);
    // Now and then it acts first, and the answer is lost.
    if (draw % 8 === 7) return refuse(bad.code, bad.more);
    good(call, times, path);
    return refuse('CONNECTION', { ambiguous: true });
  };
}

/** All contexts through JSON: what follows must be the same. */
function revived(tree: Node): void {
  for (const [, node] of walk(tree)) {
    (node.snapshot as { context: unknown }).context = JSON.parse(JSON.stringify(node.snapshot.context));
  }
}

/** A service with sessions that live and end, and a folder that remembers what is in it. */
class Shelf {
  readonly sessions = new Map<string, string>();
  readonly parts = new Map<string, number>();
  readonly kept = new Set<string>();
  /** Files whose part has been read, and was right, since its last byte came. */
  readonly proven = new Set<string>();
  readonly wrong: string[] = [];
  readonly #corrupt: number[];

  constructor(corrupt: readonly number[]) {
    this.#corrupt = [...corrupt];
  }

  readonly answer: Script = ({ op, args }: CallSpec) => {
    switch (op) {
      case 'listItemFiles':
        return [A, B];
      case 'listDownloadSessions':
        return [...this.sessions.keys()];
      case 'createDownloadSession': {
        const id = `d${this.sessions.size + 1}`;
        this.sessions.set(id, 'ACTIVE');
        return id;
      }
      case 'getDownloadSession':
        return this.sessions.has(args.id) ? downloadIs(String(this.sessions.get(args.id))) : refuse('NOT_FOUND');
      case 'cancelDownload':
      case 'failDownload':
        this.sessions.set(args.id, op === 'failDownload' ? 'ERROR' : 'CANCELED');
        return null;
      case 'deleteDownloadSession':
        return this.sessions.delete(args.id) ? null : refuse('NOT_FOUND');
      case 'prepareFile':
      case 'getDownloadFile':
        if (this.sessions.get(args.sessionId) !== 'ACTIVE') return refuse('NOT_FOUND');
        return preparedIs('PREPARED', { name: args.name });
      case 'openPart':
        this.parts.set(args.name, this.parts.get(args.name) ?? 0);
        return { size: this.parts.get(args.name) };
      case 'fetch':
        this.proven.delete(args.name);
        this.parts.set(args.name, 1_600);
        return { received: 1_600 };
      case 'digestTarget': {
        const right = this.#corrupt.shift() !== 1;
        if (right) this.proven.add(args.name);
        return SHA(right ? 'a' : 'b');
      }
      case 'keep':
        if (!this.proven.has(args.name)) this.wrong.push(`${args.name} was kept unproven`);
        this.parts.delete(args.name);
        this.kept.add(args.name);
        return null;
      case 'dropPart':
        this.parts.delete(args.name);
        return { kept: this.kept.has(args.name) };
      default:
        return FETCHED[op];
    }
  };

  /** A service that says of a session that it is not there has none: what it says is so. */
  keepsItsWord(script: Script): Script {
    return (call, times, path) => {
      const value = script(call, times, path);
      const args = call.args as { id?: string; sessionId?: string };
      if (value instanceof Refusal && value.failure.code === 'NOT_FOUND')
        this.sessions.delete(args.sessionId ?? args.id ?? '');
      return value;
    };
  }
}

describe('any sequence of answers', () => {
  it('should bring every download to an end that is true, with nothing left but what it says is left', () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(
        draws,
        fc.integer({ min: -20, max: 25 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }),
        (faults, cancelAt, corrupt) => {
          const shelf = new Shelf(corrupt);
          let calls = 0;
          const {
            tree,
            output,
            calls: made
          } = play(downloadMachine, fromWith(), shelf.keepsItsWord(world(faults, shelf.answer)), {
            cancelAt: () => calls++ === cancelAt,
            each: revived
          });
          expect(tree.snapshot.status).toBe('done');
          const end = output() as unknown as DownloadResult;
          expect(shelf.wrong).toEqual([]);
          for (const { name, outcome } of end.files) {
            if (outcome === 'kept') expect(shelf.kept.has(name)).toBe(true);
          }
          if (end.outcome === 'done') expect([...shelf.kept].sort()).toEqual(['a.bin', 'b.bin']);
          const left = end.notes.join(' ');
          for (const name of shelf.parts.keys()) expect(left).toContain(`the part of ${JSON.stringify(name)}`);
          // A session whose create or list could not be answered stays in the dark, and is said to be left.
          if (shelf.sessions.size > 0) expect(left).toContain('left on the server: download session');
          expect(made.filter(op => op === 'fetch').length).toBeLessThanOrEqual(POLICY.maxAttempts * 17 * 2);
          ends.set(end.outcome, (ends.get(end.outcome) ?? 0) + 1);
        }
      ),
      { numRuns: RUNS }
    );
    for (const outcome of ['done', 'failed', 'canceled']) {
      expect(ends.get(outcome), outcome).toBeGreaterThan(RUNS / 10);
    }
  });

  it('should bring every fetch to kept or failed, within its attempts', () => {
    let kept = 0;
    fc.assert(
      fc.property(draws, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }), (faults, corrupt) => {
        const shelf = new Shelf(corrupt);
        shelf.sessions.set('d1', 'ACTIVE');
        const { tree, output, calls } = play(fetchFileMachine, fetchWith(), world(faults, shelf.answer), {
          each: revived
        });
        expect(tree.snapshot.status).toBe('done');
        const result = output() as unknown as FetchFileResult;
        expect(result.ok).toBe(tree.snapshot.value === 'kept');
        expect(result.failure === undefined).toBe(result.ok);
        expect(shelf.wrong).toEqual([]);
        expect(calls.filter(op => op === 'fetch').length).toBeLessThanOrEqual(POLICY.maxAttempts * 17);
        if (result.ok) kept += 1;
      }),
      { numRuns: RUNS }
    );
    expect([kept > RUNS / 10, kept < RUNS * 0.95]).toEqual([true, true]);
  });
});

it('should be a world that refuses, too', () => {
  expect(world([7], () => 'good')({ op: 'getItem', args: { id: 'i' } }, 1, '')).toBeInstanceOf(Refusal);
});
