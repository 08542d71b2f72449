// Reads a SOAP request strictly: well-formed XML of one Envelope with one call in its Body, no DTD, a cap on depth before
// the parser sees it (the body itself is capped by whoever receives it). Names are local ones: clients choose the prefixes.
import { parseXml, type XmlElement, type XmlNode } from '@rgrove/parse-xml';
import { SoapFault } from './soap-writer.ts';

export interface SoapElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly SoapElement[];
  /** What it holds itself, without that of its children. */
  readonly text: string;
}

const DEPTH_LIMIT = 64;

/**
 * The call in the Body.
 *
 * @throws `SoapFault` InvalidRequest.
 * @example `readSoap('<Envelope><Body><Logout/></Body></Envelope>')` is `{ name: 'Logout', … }`.
 */
export function readSoap(text: string): SoapElement {
  if (/<!DOCTYPE/i.test(text)) throw invalid('The request has a DOCTYPE.');
  if (deeperThan(text, DEPTH_LIMIT)) throw invalid(`The request is nested deeper than ${DEPTH_LIMIT} elements.`);
  let root: XmlElement | null;
  try {
    ({ root } = parseXml(text));
  } catch (cause) {
    throw invalid(`The request is not well-formed XML: ${(cause as Error).message.split('\n', 1)[0]}`);
  }
  const envelope = elementOf(root!);
  const bodies = envelope.name === 'Envelope' ? childrenOf(envelope, 'Body') : [];
  const [call, ...more] = bodies.flatMap(body => body.children);
  if (call === undefined || more.length > 0) throw invalid('The request is not an Envelope with one call in its Body.');
  return call;
}

export function childrenOf(parent: SoapElement, name: string): SoapElement[] {
  return parent.children.filter(child => child.name === name);
}

/** The text of the first child of that name, if there is one. */
export function textOf(parent: SoapElement, name: string): string | undefined {
  return parent.children.find(child => child.name === name)?.text;
}

function invalid(said: string): SoapFault {
  return new SoapFault('InvalidRequest', said);
}

function elementOf(element: XmlElement): SoapElement {
  const attributes = Object.entries(element.attributes).map(([name, value]) => [localName(name), value]);
  return {
    name: localName(element.name),
    attributes: Object.fromEntries(attributes),
    children: element.children.filter(isElement).map(elementOf),
    text: element.children.map(textIn).join('')
  };
}

function isElement(node: XmlNode): node is XmlElement {
  return node.type === 'element';
}

function textIn(node: XmlNode): string {
  return 'text' in node && !isElement(node) ? String(node.text) : '';
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** One pass over the tags; what ends them in quotes does not count. What is not well-formed the parser finds. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const aside = ASIDES.find(([opening]) => text.startsWith(opening, at));
    const end = aside === undefined ? endOfTag(text, at) : text.indexOf(aside[1], at);
    if (end < 0) return false;
    if (text[at + 1] === '/') depth--;
    else if (aside === undefined && text[end - 1] !== '/' && ++depth > limit) return true;
    at = end;
  }
  return false;
}

const ASIDES = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>']
] as const;

function endOfTag(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '>') return at;
    else if (char === '"' || char === "'") quote = char;
  }
  return -1;
}
