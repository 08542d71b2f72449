// Reads a SOAP request strictly: XML of one Envelope with one call in its Body (no DTD, capped: see wire/xml). Names are
// local ones, since clients choose the prefixes.
import type { Refusal } from '../../wire/errors.ts';
import { type Element, localName, readXml } from '../../wire/xml.ts';
import { SoapFault } from './soap-writer.ts';

export interface SoapElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly SoapElement[];
  /** What it holds itself, without that of its children. */
  readonly text: string;
}

/**
 * The call in the Body.
 *
 * @throws `SoapFault` InvalidRequest.
 * @example `readSoap('<Envelope><Body><Logout/></Body></Envelope>').name` is `'Logout'`.
 */
export function readSoap(text: string): SoapElement {
  const envelope = local(read(text));
  const bodies = envelope.name === 'Envelope' ? childrenOf(envelope, 'Body') : [];
  const [call, ...more] = bodies.flatMap(body => body.children);
  if (call !== undefined && more.length === 0) return call;
  throw new SoapFault('InvalidRequest', 'The request is not an Envelope with one call in its Body.');
}

export function childrenOf(parent: SoapElement, name: string): SoapElement[] {
  return parent.children.filter(child => child.name === name);
}

/** The text of the first child of that name, if there is one. */
export function textOf(parent: SoapElement, name: string): string | undefined {
  return parent.children.find(child => child.name === name)?.text;
}

function read(text: string): Element {
  try {
    return readXml(text);
  } catch (cause) {
    throw new SoapFault('InvalidRequest', (cause as Refusal).message);
  }
}

function local({ name, attributes, children, text }: Element): SoapElement {
  const named = Object.entries(attributes).map(([attribute, value]) => [localName(attribute), value]);
  return { name: localName(name), attributes: Object.fromEntries(named), children: children.map(local), text };
}
