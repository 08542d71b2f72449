// Which operation a request is: rows by dialect, method and length of path.
import { Refusal, wireError } from './errors.ts';
import { type Dialect, type OperationName, operationNames, type Route } from './operations.ts';
import { routesOf } from './routes.ts';

export interface Entry {
  readonly op: OperationName;
  readonly route: Route;
  readonly segments: readonly Segment[];
}
interface Segment {
  readonly literal: string;
  readonly argument?: string;
}

/** What a request asks for, as far as it decides which operation it is. */
export interface Asked {
  readonly method: string;
  readonly segments: readonly string[];
  readonly action?: string;
  /** Whether the query has an argument of that name. */
  has(name: string): boolean;
}

/** The row of a request; undefined: there is no such operation. */
export function findRoute(dialect: Dialect, { method, segments, action, has }: Asked): Entry | undefined {
  return table(dialect, method, segments.length).find(
    entry =>
      (entry.route.action === action || (action !== undefined && entry.route.tolerates === action)) &&
      (entry.route.selectedBy === undefined || has(entry.route.selectedBy)) &&
      matches(entry.segments, segments)
  );
}

/** The arguments in the path. Throws `Refusal` INVALID_ARGUMENT when one is not percent-encoded UTF-8. */
export function argumentsIn(template: readonly Segment[], segments: readonly string[]): Record<string, string> {
  const args: Record<string, string> = {};
  template.forEach(({ literal, argument }, i) => {
    if (argument === undefined) return;
    try {
      args[argument] = decodeURIComponent(segments[i]!.slice(literal.length));
    } catch {
      throw malformed(`The path segment of ${argument} is not percent-encoded UTF-8.`);
    }
  });
  return args;
}

export function malformed(text: string): Refusal {
  return new Refusal(wireError('INVALID_ARGUMENT', 'shelver.simulator.malformed_request', text));
}

const DIALECTS: readonly Dialect[] = ['api', 'rest', '2014'];

/** The more literal path first, and the one that a query argument selects. */
const tables = new Map<string, Entry[]>();
function table(dialect: Dialect, method: string, length: number): readonly Entry[] {
  if (tables.size === 0) for (const op of operationNames) for (const each of DIALECTS) enter(op, each);
  return tables.get(`${dialect} ${method} ${length}`) ?? [];
}

function enter(op: OperationName, dialect: Dialect): void {
  for (const route of routesOf(op, dialect)) {
    const segments = route.path.split('/').map(part => {
      const brace = part.indexOf('{');
      return brace < 0 ? { literal: part } : { literal: part.slice(0, brace), argument: part.slice(brace + 1, -1) };
    });
    const key = `${dialect} ${route.method} ${segments.length}`;
    const rows = [...(tables.get(key) ?? []), { op, route, segments }];
    tables.set(
      key,
      rows.sort((a, b) => rank(a) - rank(b))
    );
  }
}

function rank(entry: Entry): number {
  return entry.segments.filter(part => part.argument !== undefined).length - (entry.route.selectedBy ? 0.5 : 0);
}

function matches(template: readonly Segment[], segments: readonly string[]): boolean {
  return template.every(({ literal, argument }, i) => {
    if (argument === undefined) return segments[i] === literal;
    return segments[i]!.startsWith(literal) && segments[i]!.length > literal.length;
  });
}
