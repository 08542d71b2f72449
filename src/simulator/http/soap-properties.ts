// The property collector: RetrievePropertiesEx. Which objects are looked at (object set and traversal), and which of their
// properties are told (property set), as the vSphere Web Services API says. Everything is told in one answer.
import { escaped } from '../../wire/xml.ts';
import type { ManagedObject, Property, Ref } from './soap-inventory.ts';
import { childrenOf, type SoapElement, textOf } from './soap-reader.ts';
import { fields, SoapFault } from './soap-writer.ts';

/**
 * The answer to `call`, a RetrievePropertiesEx as it came. An object that several ways lead to is told once.
 *
 * @throws `SoapFault` ManagedObjectNotFound, InvalidProperty, InvalidArgument.
 */
export function collect(call: SoapElement, inventory: readonly ManagedObject[]): string {
  const told = new Map<ManagedObject, Map<string, Property>>();
  for (const filter of childrenOf(call, 'specSet')) {
    for (const object of select(childrenOf(filter, 'objectSet'), inventory)) {
      const specs = childrenOf(filter, 'propSet').filter(spec => isA(object, textOf(spec, 'type')));
      // an object of a type that nothing is wanted of is not told at all
      if (specs.length === 0) continue;
      const properties = told.get(object) ?? new Map<string, Property>();
      told.set(object, properties);
      for (const path of specs.flatMap(spec => pathsOf(spec, object))) {
        const value = propertyOf(object, path);
        if (value !== null) properties.set(path, value);
      }
    }
  }
  return told.size === 0
    ? ''
    : `<returnval>${[...told].map(([object, its]) => written(object, its)).join('')}</returnval>`;
}

/** Goes from each object of the set along the traversals that leave it. What is skipped is only passed through. */
function select(sets: readonly SoapElement[], inventory: readonly ManagedObject[]): Set<ManagedObject> {
  const selected = new Set<ManagedObject>();
  for (const set of sets) {
    const start = startOf(set, inventory);
    if (!isTrue(set, 'skip')) selected.add(start);
    const named = traversalsIn(set);
    // a traversal that leads back, as one that names itself may, ends where it has been
    const been = new Map<SoapElement, Set<ManagedObject>>();
    // not by recursion: a request may name more of them, one after another, than calls can be nested
    const ahead: [from: ManagedObject, given: SoapElement][] = [];
    const leave = (from: ManagedObject, spec: SoapElement): void => {
      for (const given of childrenOf(spec, 'selectSet').toReversed()) ahead.push([from, given]);
    };
    leave(start, set);
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      const [from, given] = next;
      const spec = traversalOf(given, named);
      const froms = been.get(spec) ?? new Set();
      if (!isA(from, textOf(spec, 'type')) || froms.has(from)) continue;
      been.set(spec, froms.add(from));
      for (const to of refsIn(propertyOf(from, textOf(spec, 'path')!))) {
        const found = inventory.find(({ type, id }) => type === to.type && id === to.id)!;
        if (!isTrue(spec, 'skip')) selected.add(found);
        leave(found, spec);
      }
    }
  }
  return selected;
}

function startOf(set: SoapElement, inventory: readonly ManagedObject[]): ManagedObject {
  const obj = childrenOf(set, 'obj')[0];
  const ref = { type: obj?.attributes.type ?? '', id: obj?.text ?? '' };
  const start = inventory.find(({ type, id }) => type === ref.type && id === ref.id);
  if (start !== undefined) return start;
  const said = 'The object has already been deleted or has not been completely created';
  throw new SoapFault('ManagedObjectNotFound', said, reference('obj', ref));
}

/** A selection is a traversal itself, or names one of the same object set. */
function traversalOf(given: SoapElement, named: ReadonlyMap<string, SoapElement>): SoapElement {
  if (textOf(given, 'path') !== undefined) return given;
  const spec = named.get(textOf(given, 'name') ?? '');
  if (spec !== undefined) return spec;
  const said = 'A specified parameter was not correct: selectSet';
  throw new SoapFault('InvalidArgument', said, fields({ invalidProperty: 'selectSet' }));
}

function traversalsIn(set: SoapElement): Map<string, SoapElement> {
  const named = new Map<string, SoapElement>();
  const look = (parent: SoapElement): void => {
    for (const spec of childrenOf(parent, 'selectSet')) {
      const name = textOf(spec, 'name');
      if (name !== undefined && textOf(spec, 'path') !== undefined) named.set(name, spec);
      look(spec);
    }
  };
  look(set);
  return named;
}

function pathsOf(spec: SoapElement, object: ManagedObject): string[] {
  if (isTrue(spec, 'all')) return Object.keys(object.properties);
  return childrenOf(spec, 'pathSet').map(({ text }) => text);
}

/** Null where the type has the property, and the object has not. */
function propertyOf(object: ManagedObject, path: string): Property | null {
  const value = Object.hasOwn(object.properties, path) ? object.properties[path] : undefined;
  if (value === undefined)
    throw new SoapFault('InvalidProperty', `There is no property ${path}.`, fields({ name: path }));
  return value;
}

function isA(object: ManagedObject, type: string | undefined): boolean {
  return type !== undefined && object.kinds.includes(type);
}

function isTrue(spec: SoapElement, name: string): boolean {
  const text = textOf(spec, name)?.trim();
  return text === 'true' || text === '1';
}

function refsIn(value: Property | null): readonly Ref[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each): each is Ref => typeof each === 'object' && each !== null && 'id' in each);
}

function written(object: Ref, properties: ReadonlyMap<string, Property>): string {
  const props = [...properties].map(([name, value]) => `<propSet>${fields({ name })}${writtenValue(value)}</propSet>`);
  return `<objects>${reference('obj', object)}${props.join('')}</objects>`;
}

function writtenValue(value: Property): string {
  if (typeof value === 'string') return `<val xsi:type="xsd:string">${escaped(value)}</val>`;
  if (typeof value === 'boolean') return `<val xsi:type="xsd:boolean">${value}</val>`;
  if ('xml' in value) return `<val xsi:type="${value.type}">${value.xml}</val>`;
  if ('id' in value) return reference('val', value, ' xsi:type="ManagedObjectReference"');
  const refs = refsIn(value);
  if (refs.length > 0) {
    const items = refs.map(ref => reference('ManagedObjectReference', ref, ' xsi:type="ManagedObjectReference"'));
    return `<val xsi:type="ArrayOfManagedObjectReference">${items.join('')}</val>`;
  }
  const items = value.map(text => `<string xsi:type="xsd:string">${escaped(String(text))}</string>`);
  return `<val xsi:type="ArrayOfString">${items.join('')}</val>`;
}

function reference(element: string, { type, id }: Ref, more = ''): string {
  return `<${element} type="${escaped(type)}"${more}>${escaped(id)}</${element}>`;
}
