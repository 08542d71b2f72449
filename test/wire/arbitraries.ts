// Arguments and results of every operation, generated from the models.
import fc from 'fast-check';
import type { Encoding } from '../../src/wire/media.ts';
import { type FieldType, models } from '../../src/wire/model-fields.ts';
import { type OperationName, operation, type Route } from '../../src/wire/operations.ts';
import { argumentType } from '../../src/wire/routes.ts';
import { ILLEGAL } from '../../src/wire/xml.ts';

/** Any text that a path segment can carry: `.` and `..` are what a URL cannot say. */
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(s => s !== '.' && s !== '..');
/** Any text that every encoding can carry, blank ones and the marks of XML and forms among them. */
const sayable = fc.oneof(
  text.filter(s => !ILLEGAL.test(s)),
  fc.constantFrom('', ' ', '\r\n', '<a>&amp;</a>', ']]>', 'a=1&b.1=%2B+', '"\'', '__proto__', 'true', '7')
);
const instant = fc
  .date({ min: new Date(0), max: new Date('2999-01-01T00:00:00Z'), noInvalidDate: true })
  .map(date => date.toISOString());

/** A value of a type. What has no type of its own (`any`) is text alone in a form, and has no numbers in XML. */
export function valueAs(type: FieldType, encoding: Encoding = 'json'): fc.Arbitrary<unknown> {
  if (typeof type !== 'string') return fc.array(valueAs(type[0], encoding), { maxLength: 3 });
  switch (type) {
    case 'any':
      if (encoding === 'form') return sayable;
      return encoding === 'xml' ? fc.constantFrom({ a: 'b', c: ['d'] }, 'x') : fc.constantFrom({ a: 1 }, 'x', 7);
    case 'string':
      return sayable;
    case 'date-time':
      return instant;
    case 'integer':
      return fc.maxSafeInteger();
    case 'boolean':
      return fc.boolean();
    default:
      return modelOf(models[type], encoding);
  }
}

function modelOf(fields: Readonly<Record<string, FieldType>>, encoding: Encoding): fc.Arbitrary<unknown> {
  const shapes = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueAs(field, encoding)]));
  return fc.record(shapes, { requiredKeys: [], noNullPrototype: true });
}

/** Arguments that an operation takes by a route: those of its path and of the query that selects it always. */
export function argumentsOf(
  op: OperationName,
  route: Route,
  encoding: Encoding = 'json'
): fc.Arbitrary<Record<string, unknown>> {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const required = [...inPath, ...(route.selectedBy ? [route.selectedBy] : []), ...(route.whole ? [route.whole] : [])];
  const names = [...required, ...(route.query ?? []), ...Object.values(route.body ?? {})];
  const shapes: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
    names.map(name => {
      const type = argumentType(op, name);
      return [name, type === 'string' && required.includes(name) ? text : valueAs(type, encoding)];
    })
  );
  if (operation(op).token) shapes.client_token = fc.uuid();
  return fc.record(shapes, { requiredKeys: required, noNullPrototype: true }) as fc.Arbitrary<Record<string, unknown>>;
}

/** What an operation answers with. */
export function resultOf(op: OperationName, encoding: Encoding = 'json'): fc.Arbitrary<unknown> {
  const { result, model = 'any' } = operation(op);
  switch (result) {
    case 'nothing':
      return fc.constant(undefined);
    case 'id':
      return valueAs('string', encoding);
    case 'ids':
      return valueAs(['string'], encoding);
    case 'model':
      return valueAs(model, encoding);
    case 'models':
      return valueAs([model], encoding);
  }
}
