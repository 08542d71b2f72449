// Arrows go down only (docs/architecture.md). The table is the plan of the house; an import that is not in it is red.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const files = ['machines', 'src'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true })
    .map(name => join(folder, String(name)))
    .filter(name => /\.(ts|mjs)$/.test(name))
);

/** The room a file stands in: a folder of src, or one of the single pages on the way from spec to report. */
function roomOf(file: string): string {
  if (file.startsWith('machines/')) return 'machines';
  const [, first = ''] = file.split('/');
  if (first === 'adapters') return /^adapters\/(http|sqlite)(?=\/)/.exec(file.slice('src/'.length))?.[0] ?? 'adapters';
  return first.endsWith('.ts') ? first.replace('.ts', '') : first;
}

const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  machines: [],
  'content-library': ['machines'],
  ports: ['machines', 'content-library'],
  reach: ['machines', 'content-library'],
  wire: ['machines', 'ports'],
  tar: ['machines', 'ports'],
  servers: ['machines', 'ports'],
  policy: ['machines'],
  figures: [],
  'secret-forms': [],
  step: [],
  events: ['machines', 'ports', 'step'],
  adapters: ['machines', 'ports'],
  'adapters/sqlite': ['machines', 'ports', 'events', 'processes', 'folder'],
  folder: [],
  processes: [],
  'retry-budget': ['ports', 'policy'],
  'adapters/http': ['machines', 'ports', 'policy', 'wire', 'servers', 'adapters', 'reach', 'secret-forms'],
  sources: ['machines', 'ports', 'tar', 'adapters', 'events'],
  spec: ['machines', 'ports', 'sources', 'tar'],
  plan: ['machines', 'ports', 'sources', 'spec', 'events', 'adapters', 'tar'],
  effects: ['machines', 'ports', 'plan', 'sources', 'secret-forms'],
  observe: ['machines', 'ports', 'events'],
  forecast: ['machines', 'events', 'plan'],
  report: ['machines', 'events', 'plan', 'forecast'],
  'upload-input': ['machines', 'ports', 'plan', 'spec'],
  'prepare-upload': ['machines', 'ports', 'effects', 'plan', 'policy', 'sources', 'spec', 'upload-input'],
  inbox: ['machines', 'step'],
  patience: ['inbox', 'ports'],
  errand: ['machines', 'step', 'effects', 'events'],
  performer: ['machines', 'step', 'effects', 'events', 'inbox'],
  logbook: ['machines', 'ports', 'effects', 'errand', 'events'],
  drive: ['errand', 'inbox', 'logbook', 'performer', 'machines', 'ports', 'step', 'effects', 'events', 'observe'],
  run: [
    'drive',
    'errand',
    'inbox',
    'logbook',
    'patience',
    'machines',
    'ports',
    'effects',
    'events',
    'observe',
    'policy'
  ],
  upload: [
    'machines',
    'ports',
    'errand',
    'events',
    'forecast',
    'plan',
    'policy',
    'report',
    'run',
    'sources',
    'spec',
    'upload-input'
  ],
  'download-spec': ['machines', 'ports', 'spec', 'tar'],
  'download-report': ['machines', 'events', 'forecast'],
  download: [
    'machines',
    'ports',
    'step',
    'events',
    'forecast',
    'adapters',
    'policy',
    'run',
    'download-spec',
    'download-report'
  ],
  'transfer-error': ['machines', 'report', 'download-report'],
  connect: ['policy', 'retry-budget', 'machines', 'ports', 'servers', 'adapters', 'adapters/http', 'events', 'wire'],
  doctor: ['machines', 'ports', 'reach', 'effects', 'report', 'sources', 'upload', 'view'],
  simulator: ['retry-budget', 'machines', 'ports', 'processes', 'folder', 'wire', 'servers', 'tar', 'figures'],
  diagram: ['machines', 'events'],
  view: ['machines', 'ports', 'events', 'observe', 'report', 'download-report', 'forecast']
};
/** The composition roots: they may use every room. */
const EVERYTHING = ['cli', 'index'];

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => String(match[1]));
}

describe('layering', () => {
  for (const file of files) {
    const room = roomOf(file);
    if (EVERYTHING.includes(room)) continue;
    it(`should let ${file} use only what lies below it`, () => {
      const allowed = MAY_USE[room];
      expect(allowed, `the room ${room} is not in the table`).toBeDefined();
      for (const target of importsOf(file)) {
        if (!target.startsWith('.')) continue;
        const other = roomOf(relative(root, join(root, dirname(file), target)));
        if (other !== room) expect(allowed, `${file} imports ${target}`).toContain(other);
      }
    });
  }

  const only = (what: string, packages: readonly string[], where: readonly string[]) => {
    it(`should keep ${what} to ${where.join(', ')}`, () => {
      const users = files.filter(file => importsOf(file).some(target => packages.includes(target)));
      expect(users.filter(file => !where.includes(roomOf(file)))).toEqual([]);
    });
  };
  only('got and p-retry', ['got', 'p-retry'], ['adapters/http']);
  only('SQLite', ['libsql', 'node:sqlite'], ['adapters/sqlite']);
  only('rxjs', ['rxjs'], ['observe', 'view', 'run', 'cli', 'index']);

  it('should keep machines to xstate alone', () => {
    const outside = files
      .filter(file => roomOf(file) === 'machines')
      .flatMap(importsOf)
      .filter(target => !target.startsWith('.'));
    expect(new Set(outside)).toEqual(new Set(['xstate']));
  });

  it('should leave time, timers and chance to adapters, cli and the sockets of the simulator', () => {
    const forbidden =
      /\b(?:Date\.now|Math\.random|performance\.now|randomUUID|AbortSignal\.timeout|setTimeout|setInterval|setImmediate)\b\s*\(/;
    // The virtual clock, and an answer before the end of its request, let the event loop turn: neither waits for time. How long a
    // socket is idle it counts by itself.
    const known = ['virtual-clock.ts', 'http/answers.ts', 'http/idle.ts'].map(name => `src/simulator/${name}`);
    const allowed = (file: string): boolean => /^src\/(adapters|cli)\//.test(file) || known.includes(file);
    const guilty = files.filter(
      file => !allowed(file) && forbidden.test(withoutComments(readFileSync(join(root, file), 'utf8')))
    );
    expect(guilty).toEqual([]);
  });

  it('should let simulator and client know each other only through ports', () => {
    const crossing = files.filter(file => {
      const room = roomOf(file);
      const others = importsOf(file)
        .filter(target => target.startsWith('.'))
        .map(target => roomOf(relative(root, join(root, dirname(file), target))));
      return (
        (room === 'simulator' && others.some(other => other.startsWith('adapters') || other === 'connect')) ||
        (room.startsWith('adapters') && others.includes('simulator'))
      );
    });
    expect(crossing).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}
