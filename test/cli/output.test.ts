import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/cli/io.ts';
import { createOutput, type Voice, voiceIn, voiceOf } from '../../src/cli/output.ts';

function heard(voice: Voice, env: Environment = {}, tty: readonly string[] = []) {
  const said = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    isTTY: tty.includes(name),
    write: (text: string) => {
      said[name] += text;
    }
  });
  const stdin = (async function* () {})();
  const out = createOutput({ stdin, stdout: sink('stdout'), stderr: sink('stderr'), env }, voice, () => 5);
  return { out, said };
}

describe('progress', () => {
  const TABLE: readonly [Voice, Environment, string[], string][] = [
    [{}, {}, ['stderr'], 'tty'],
    [{}, {}, ['stdout'], 'plain'],
    [{}, { TERM: 'dumb' }, ['stderr'], 'plain'],
    [{}, { CI: 'true' }, ['stderr'], 'plain'],
    [{ verbose: 1 }, {}, ['stderr'], 'plain'],
    [{ logFormat: 'json' }, {}, ['stderr'], 'ndjson'],
    [{ quiet: true }, {}, ['stderr'], 'none'],
    [{ progress: 'tty' }, { CI: '1' }, [], 'tty'],
    [{ progress: 'ndjson' }, {}, ['stderr'], 'ndjson'],
    [{ progress: 'none' }, {}, ['stderr'], 'none']
  ];
  for (const [voice, env, tty, mode] of TABLE) {
    it(`should be ${mode} for ${JSON.stringify({ ...voice, ...env, tty })}`, () => {
      expect(heard(voice, env, tty).out.progress).toBe(mode);
    });
  }
});

describe('colour', () => {
  const TABLE: readonly [Environment, string[], boolean, boolean][] = [
    [{}, ['stdout'], true, false],
    [{}, ['stderr'], false, true],
    [{ NO_COLOR: '1' }, ['stdout', 'stderr'], false, false],
    [{ NO_COLOR: '' }, ['stderr'], false, true],
    [{ TERM: 'dumb' }, ['stderr'], false, false],
    [{ FORCE_COLOR: '1' }, [], true, true],
    [{ FORCE_COLOR: '0' }, ['stdout', 'stderr'], false, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, [], false, false]
  ];
  for (const [env, tty, stdout, stderr] of TABLE) {
    it(`should follow each stream on its own with ${JSON.stringify({ ...env, tty })}`, () => {
      expect(heard({}, env, tty).out.color).toEqual({ stdout, stderr });
    });
  }
});

const ENDING = { code: 'NOT_FOUND', message: 'no library\n "x"\x1b[2J', next: 'check', exit: 4 } as const;

describe('what is said', () => {
  it('should be a sentence and what to do next, on one line each', () => {
    const { out, said } = heard({});
    out.fail(ENDING);
    expect(said).toEqual({ stdout: '', stderr: 'error: no library "x"?[2J\nnext: check\n' });
  });

  it('should be JSON in every line where that was asked for', () => {
    for (const voice of [{ progress: 'ndjson' }, { logFormat: 'json' }, { quiet: true, progress: 'ndjson' }] as const) {
      const { out, said } = heard(voice, {}, ['stderr']);
      out.fail(ENDING);
      expect(JSON.parse(said.stderr)).toEqual({
        schema: 1,
        type: 'error',
        at: 5,
        code: 'NOT_FOUND',
        message: 'no library "x"?[2J',
        next: 'check',
        exit: 4
      });
    }
    const { out, said } = heard({ progress: 'ndjson' });
    out.log('warning', 'careful');
    expect(JSON.parse(said.stderr)).toEqual({ schema: 1, type: 'log', at: 5, level: 'warning', message: 'careful' });
  });

  it('should be as much as was asked for', () => {
    const text = (voice: Voice): string => {
      const { out, said } = heard(voice);
      out.log('warning', 'w');
      out.log('info', 'i');
      out.log('debug', 'd');
      out.log('trace', 't');
      return said.stderr;
    };
    expect(text({})).toBe('warning: w\ni\n');
    expect(text({ verbose: 1 })).toBe('warning: w\ni\nd\n');
    expect(text({ verbose: 2 })).toBe('warning: w\ni\nd\nt\n');
    expect(text({ verbose: 2, quiet: true })).toBe('');
    expect(text({ quiet: true })).toBe('');
  });

  it('should go through a view while one is on the screen', () => {
    const { out, said } = heard({}, {}, ['stderr']);
    const lines: string[] = [];
    out.through(line => lines.push(line));
    out.log('info', 'inside');
    out.through(undefined);
    out.log('info', 'outside');
    expect(lines).toEqual(['inside']);
    expect(said.stderr).toBe('outside\n');
    out.fail({ ...ENDING, message: 'm' });
    expect(said.stderr).toContain('\x1b[31merror:\x1b[0m m');
  });

  it('should make room for lines of JSON, too, where something is drawn, and not elsewhere', () => {
    for (const progress of ['tty', 'plain'] as const) {
      const { out, said } = heard({ logFormat: 'json', progress }, {}, ['stderr']);
      const lines: string[] = [];
      out.through(line => lines.push(line));
      out.log('info', 'inside');
      expect([...lines, said.stderr].filter(text => text !== '').map(text => JSON.parse(text).message)).toEqual([
        'inside'
      ]);
      expect(lines).toHaveLength(progress === 'tty' ? 1 : 0);
    }
  });

  it('should keep data apart', () => {
    const { out, said } = heard({ json: true });
    out.data('text');
    out.object({ a: 1 });
    expect(said).toEqual({ stdout: 'text{"schema":1,"a":1}\n', stderr: '' });
  });
});

describe('the voice', () => {
  it('should be guessed from words that cannot be parsed', () => {
    expect(voiceIn(['x', '--progress', 'ndjson'], {})).toMatchObject({ progress: 'ndjson', json: false });
    expect(voiceIn(['--progress=ndjson', '--json'], {})).toMatchObject({ progress: 'ndjson', json: true });
    expect(voiceIn(['--log-format=json'], {})).toMatchObject({ logFormat: 'json' });
    expect(voiceIn(['ndjson'], { SHELVER_LOG_FORMAT: 'json' })).toMatchObject({ progress: 'plain', logFormat: 'json' });
    expect(voiceIn([], { SHELVER_PROGRESS: 'ndjson' })).toMatchObject({ progress: 'ndjson' });
  });

  it('should come from the environment where the options are silent', () => {
    const env = { SHELVER_PROGRESS: 'plain', SHELVER_LOG_FORMAT: 'json' };
    expect(voiceOf({}, env)).toMatchObject({ progress: 'plain', logFormat: 'json' });
    expect(voiceOf({ progress: 'none', logFormat: 'text' }, env)).toMatchObject({
      progress: 'none',
      logFormat: 'text'
    });
    expect(voiceOf({}, { SHELVER_PROGRESS: '' }).progress).toBeUndefined();
    expect(() => voiceOf({}, { SHELVER_PROGRESS: 'loud' })).toThrow(
      'SHELVER_PROGRESS is none of auto, tty, plain, ndjson, none'
    );
  });
});
