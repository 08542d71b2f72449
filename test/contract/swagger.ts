// The little of Swagger 2.0 that the published specifications use: which operation a request is, and whether a value fits.
import { existsSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../shared/openapi/', import.meta.url);

/** Whether the specifications lie beside the repository. */
export const isThere = existsSync(FOLDER);

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly uniqueItems?: boolean;
}
type Definitions = Readonly<Record<string, Schema>>;
interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema?: Schema }[];
  readonly responses: Readonly<Record<string, { readonly schema?: Schema }>>;
}
export interface Specified {
  /** `POST /api/content/library/item?action=find` */
  readonly name: string;
  /** What a body of the request has to be; undefined: there is none. */
  readonly body?: Schema;
  /** By status. */
  readonly responses: Described['responses'];
  readonly definitions: Definitions;
  fits(method: string, url: string): boolean;
}

/** All operations in these files, those that a query tells apart before the others. */
export function specification(files: readonly string[]): Specified[] {
  const operations = files.flatMap(file => {
    const text = readFileSync(new URL(file, FOLDER), 'utf8');
    const {
      basePath = '',
      paths,
      definitions
    } = JSON.parse(text) as {
      basePath?: string;
      paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
      definitions: Definitions;
    };
    return Object.entries(paths).flatMap(([relative, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], responses }]) => {
        const path = `${basePath}${relative}`;
        const fits = fitting(path);
        return {
          name: `${method.toUpperCase()} ${path}`,
          body: parameters.find(parameter => parameter.in === 'body')?.schema,
          responses,
          definitions,
          fits: (asked: string, url: string) => asked === method.toUpperCase() && fits(url)
        };
      })
    );
  });
  const tellsApart = ({ name }: Specified) => (name.includes('?') ? 0 : 1);
  const arguments_ = ({ name }: Specified) => name.split('{').length;
  return operations.toSorted((a, b) => tellsApart(a) - tellsApart(b) || arguments_(a) - arguments_(b));
}

/** What is wrong with a value, in a few words each; nothing: it fits. */
export function misfits(value: unknown, schema: Schema, definitions: Definitions, where = 'body'): string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice('#/definitions/'.length);
    const definition = definitions[name];
    return definition === undefined
      ? [`${where}: no definition ${name}`]
      : misfits(value, definition, definitions, where);
  }
  switch (schema.type) {
    case 'object':
      return objectMisfits(value, schema, definitions, where);
    case 'array':
      if (!Array.isArray(value)) return [`${where}: ${JSON.stringify(value)} is no array`];
      return [
        ...(schema.uniqueItems && new Set(value).size !== value.length ? [`${where}: something is in it twice`] : []),
        ...value.flatMap((item, i) => misfits(item, schema.items ?? {}, definitions, `${where}[${i}]`))
      ];
    case 'string':
      if (typeof value !== 'string') return [`${where}: ${JSON.stringify(value)} is no string`];
      return stringMisfits(value, schema, where);
    case 'integer':
      return Number.isSafeInteger(value) ? [] : [`${where}: ${JSON.stringify(value)} is no integer`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${where}: ${JSON.stringify(value)} is no boolean`];
    default:
      return [`${where}: the specification says ${JSON.stringify(schema)}, which this test does not know`];
  }
}

function objectMisfits(value: unknown, schema: Schema, definitions: Definitions, where: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${where}: ${JSON.stringify(value)} is no object`];
  }
  const { properties, required = [], additionalProperties } = schema;
  const missing = required.filter(name => !Object.hasOwn(value, name)).map(name => `${where}.${name} is missing`);
  const found = Object.entries(value).flatMap(([name, member]) => {
    const known = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known !== undefined) return misfits(member, known, definitions, `${where}.${name}`);
    return properties === undefined ? [] : [`${where}.${name} is not in the specification`];
  });
  return [...missing, ...found];
}

function stringMisfits(value: string, schema: Schema, where: string): string[] {
  if (schema.enum && !schema.enum.includes(value)) return [`${where}: ${value} is none of ${schema.enum.join(', ')}`];
  if (schema.format === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) {
    return [`${where}: ${value} is no date-time`];
  }
  if (schema.format === 'uri' && !URL.canParse(value)) return [`${where}: ${value} is no URI`];
  return [];
}

/** A path of the specification carries the query that tells it from others: `?action=find`, `?name`. */
function fitting(template: string): (url: string) => boolean {
  const [path = '', wanted] = template.split('?');
  const [key = '', value] = wanted?.split('=') ?? [];
  const pattern = path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+');
  const place = new RegExp(`^${pattern}$`);
  return url => {
    const [asked = '', query] = url.split('?');
    if (!place.test(asked)) return false;
    const given = new URLSearchParams(query);
    const action = given.get('action') ?? given.get('~action');
    if (action !== null && value !== action) return false;
    return wanted === undefined || (value === undefined ? given.has(key) : given.get(key) === value);
  };
}
