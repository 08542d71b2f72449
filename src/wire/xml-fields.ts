// Fields in XML, as the documentation of 2014 and 6.5 prints them: `<{Op}-Input>` and `<{Op}-Result>` in the namespace of the
// service, an element a field, a list F as `<F-array>` of `<array-item>`; what is unset is not there.
import { unsupportedProperty } from './fields.ts';
import { type Fields, type FieldType, models } from './model-fields.ts';
import { type Element, escaped, ILLEGAL, localName, namespaceOf, readXml, refused } from './xml.ts';

export interface Named {
  /** `Add-Input` */
  readonly root: string;
  readonly namespace: string;
}

/**
 * Writes fields; undefined and null are left out.
 *
 * @param illegal what becomes of a character that XML cannot carry: it is replaced by U+FFFD, or the error is thrown.
 * @example `writeFields({ root: 'A', namespace: 'n' }, { b: ['c'] }, 'replace')` ends with
 * `<b-array><array-item>c</array-item></b-array></ns0:A>`.
 */
export function writeFields(
  { root, namespace }: Named,
  value: Readonly<Record<string, unknown>>,
  illegal: 'replace' | ((field: string) => Error)
): string {
  const text = (scalar: unknown, name: string): string => {
    const said = String(scalar);
    if (!ILLEGAL.test(said)) return escaped(said);
    if (illegal !== 'replace') throw illegal(name);
    return escaped(said.replace(new RegExp(ILLEGAL, 'gu'), '\u{FFFD}'));
  };
  const content = (member: unknown, name: string): string => {
    if (Array.isArray(member)) return member.map(item => `<array-item>${content(item, name)}</array-item>`).join('');
    return typeof member === 'object' && member !== null ? fields(member) : text(member, name);
  };
  const fields = (members: object): string =>
    Object.entries(members)
      .filter(([name, member]) => member !== undefined && member !== null && NAME.test(name))
      .map(([name, member]) => {
        const tag = Array.isArray(member) ? `${name}-array` : name;
        return `<${tag}>${content(member, name)}</${tag}>`;
      })
      .join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ns0:${root} xmlns:ns0="${escaped(namespace)}">${fields(value)}</ns0:${root}>`;
}

/**
 * Reads fields: a request, where an unknown element is refused as an unknown property is. Types are not checked here:
 * a text that is no integer stays one, for `acceptFields` to refuse.
 *
 * @throws `Refusal` INVALID_ARGUMENT, and nothing else.
 */
export function readFields(text: string, named: Named, fields: Fields): Record<string, unknown> {
  const root = readXml(text);
  if (localName(root.name) !== named.root || namespaceOf(root) !== named.namespace) {
    throw refused(`its outermost element is not ${named.root} in the namespace ${named.namespace}`);
  }
  return membersOf(root, fields, 'refuse');
}

/** Reads fields of an answer, whose outermost element has the name: what is unknown is kept, as text, lists and objects. */
export function readAnswer(text: string, root: string, fields: Fields): Record<string, unknown> {
  const found = readXml(text);
  if (localName(found.name) !== root) throw refused(`its outermost element is not ${root}`);
  return membersOf(found, fields, 'keep');
}

type Unknown = 'refuse' | 'keep';

function membersOf(element: Element, fields: Fields, unknown: Unknown): Record<string, unknown> {
  const members = new Map<string, unknown>();
  if (unknown === 'refuse' && element.text.trim() !== '')
    throw refused(`there is text beside the elements in ${localName(element.name)}`);
  for (const child of element.children) {
    const list = /^(.+)-array$/.exec(child.name)?.[1];
    const name = list ?? child.name;
    const known = Object.hasOwn(fields, name) ? fields[name]! : undefined;
    if (unknown === 'refuse') {
      if (known === undefined || !fits(known, list !== undefined)) throw unsupportedProperty(child.name);
      if (members.has(name)) throw refused(`the element ${child.name} stands there twice`);
      checkAttributes(child);
    }
    if (isUnset(child)) continue;
    members.set(name, valueAs(child, known === undefined || known === 'any' ? untyped(list) : known, unknown));
  }
  // defines own properties, whatever they are called
  return Object.fromEntries(members);
}

function untyped(list: string | undefined): FieldType {
  return list === undefined ? 'any' : ['any'];
}

/** Whether an element may say a field of this type: a list is said by `F-array`, everything else by `F`. */
function fits(type: FieldType, asList: boolean): boolean {
  return type === 'any' || (typeof type !== 'string') === asList;
}

function valueAs(element: Element, type: FieldType, unknown: Unknown): unknown {
  if (typeof type !== 'string') {
    const items = element.children.filter(({ name }) => name === 'array-item');
    const strange = element.children.find(({ name }) => name !== 'array-item');
    if (unknown === 'refuse' && strange !== undefined) throw unsupportedProperty(strange.name);
    if (unknown === 'refuse') items.forEach(checkAttributes);
    return items.map(item => valueAs(item, type[0], unknown));
  }
  const { children, text, name } = element;
  if (Object.hasOwn(models, type)) return membersOf(element, models[type as keyof typeof models], unknown);
  if (type === 'any' || (unknown === 'keep' && children.length > 0)) {
    return children.length > 0 ? membersOf(element, {}, 'keep') : text;
  }
  if (children.length > 0) throw refused(`there are elements in ${name}, which is a plain value`);
  const plain = text.trim();
  if (type === 'integer' && /^[+-]?\d+$/.test(plain)) return Number(plain);
  if (type === 'boolean' && /^(?:true|false)$/.test(plain)) return plain === 'true';
  return text;
}

/** `xsi:nil="true"`, whatever the prefix. */
function isUnset({ attributes }: Element): boolean {
  return Object.entries(attributes).some(([name, value]) => localName(name) === 'nil' && /^(?:true|1)$/.test(value));
}

/** Fields are elements; what has a prefix is said to XML itself. */
function checkAttributes({ name, attributes }: Element): void {
  const own = Object.keys(attributes).find(attribute => attribute !== 'xmlns' && !attribute.includes(':'));
  if (own !== undefined) throw refused(`the element ${name} has an attribute ${own}`);
}

/** A field that can be an element; nothing of the service's own is called otherwise. */
const NAME = /^[A-Za-z_][\w.-]*$/;
