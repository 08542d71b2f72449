// The one table against the specifications as data, where they lie beside the repository: a mistake in it would be
// mirrored by client and simulator, and unseen by every other test.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type OperationName, operation, operationNames } from '../../src/wire/operations.ts';
import { formsOf } from '../../src/wire/preview-2014.ts';
import { routeOf } from '../../src/wire/routes.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'openapi');
const isThere = existsSync(folder);

interface Specification {
  readonly paths: Record<string, Record<string, { parameters?: { in: string; name: string }[]; responses: object }>>;
}

const FILES: Readonly<Record<'api' | 'rest', readonly string[]>> = {
  api: ['sessions_api_8.0.2.json', 'library_items_api_8.0.2.json', 'auth_api_session_8.0.2.json'],
  rest: ['sessions_rest_8.0.2.json', 'library_items_rest_8.0.2.json', 'auth_rest_cis_session_8.0.2.json']
};

/** The data beside the repository ends at the content library and its login, and nobody ever wrote down `probe`. */
const UNSPECIFIED: readonly OperationName[] = ['system.version', 'file.probe'];

function specified(dialect: 'api' | 'rest'): Specification['paths'] {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Specification;
  return Object.assign({}, ...FILES[dialect].map(file => read(file).paths));
}

/** A path key of the specification: path arguments without their names, the action, the selecting query. */
function keyOf(path: string): string {
  return path.replace(/\{\w+\}/g, '{}');
}

// The data is not in the repository: where it does not lie beside it, only the last test of this file can be made.
describe.skipIf(!isThere)('the table (held against the OpenAPI data beside the repository)', () => {
  for (const dialect of ['api', 'rest'] as const) {
    for (const op of operationNames.filter(name => !UNSPECIFIED.includes(name))) {
      it(`should say ${op} in ${dialect} as the specification does`, () => {
        const { token } = operation(op);
        const route = routeOf(op, dialect)!;
        const paths = Object.entries(specified(dialect)).map(([path, methods]) => [keyOf(path), methods] as const);
        const action = route.action && `?${dialect === 'rest' ? '~action' : 'action'}=${route.action}`;
        const wanted = [
          `${keyOf(route.path)}${action ?? ''}`,
          ...(route.query ?? []).map(name => `${keyOf(route.path)}?${name}`)
        ];
        const found = paths
          .filter(([path]) => wanted.includes(path))
          .flatMap(([, methods]) => methods[route.method.toLowerCase()] ?? []);
        expect(found.length).toBeGreaterThan(0);
        const specification = found.find(each => {
          const query = (each.parameters ?? []).filter(parameter => parameter.in === 'query').map(({ name }) => name);
          const known = [...(route.query ?? []), ...(token ? ['client_token'] : [])];
          return query.every(name => known.includes(name)) && (route.query ?? []).every(name => query.includes(name));
        });
        expect(specification, 'query arguments').toBeDefined();
        expect(Object.keys(specification!.responses)).toContain(String(route.ok));
      });
    }
  }
});

/** The forms of 2014, as they were copied from its documentation. */
interface Index {
  readonly operations: readonly {
    readonly service: string;
    readonly operation: string;
    readonly preview2014?: {
      readonly forms: readonly { method: string; path: string; query: object; body: object | null }[];
    };
  }[];
}
const PREFIXES: Readonly<Record<string, string>> = {
  update_session: 'session',
  'updatesession/file': 'file',
  download_session: 'download',
  'downloadsession/file': 'downloadFile'
};

// As above: the index is not in the repository, either.
describe.skipIf(!isThere)('the forms of 2014, which are derived (held against the index beside the repository)', () => {
  const index = isThere ? (JSON.parse(readFileSync(join(folder, 'ops.json'), 'utf8')) as Index).operations : [];
  it.each(index.map(row => [`${row.service} ${row.operation}`, row] as const))('should be those of %s', (_, row) => {
    const verb = row.operation.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const op = `${PREFIXES[row.service]}.${verb}` as OperationName;
    const wanted = (row.preview2014?.forms ?? []).map(({ method, path, query, body }) => ({
      method,
      path,
      said: [
        ...Object.entries(query).map(([name, value]) => (name === '~action' ? `${value}!` : name)),
        ...Object.keys(body ?? {})
      ]
        .map(name => name.replace('?', ''))
        .toSorted()
    }));
    const derived = [...formsOf(op).values()].map(({ method, path, action, query = [], body = {} }) => ({
      method,
      path,
      said: [
        ...(action === undefined ? [] : [`${action}!`]),
        ...query,
        ...Object.keys(body),
        ...(operation(op).token ? ['client_token'] : [])
      ].toSorted()
    }));
    expect(derived).toEqual(wanted);
  });
});

// In the place of the two above; where they can be made it says nothing more.
describe.skipIf(isThere)(
  'the table (the OpenAPI data is not beside the repository: nothing to hold it against)',
  () => {
    it('should still have every operation in both dialects', () => {
      for (const op of operationNames) expect(routeOf(op, 'api')?.path).not.toBe(routeOf(op, 'rest')?.path);
    });
  }
);
