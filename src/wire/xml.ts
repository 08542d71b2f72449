// XML as text: what is let in, and how it is written. From outside it is hostile until shown otherwise: no document type
// (so no entities but the five), a cap on size, on the number of elements, and on depth before the parser sees it.
import { parseXml, type XmlElement, type XmlNode } from '@rgrove/parse-xml';
import { Refusal, wireError } from './errors.ts';

export interface Element {
  /** With its prefix, as it stands there. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** What it holds itself, without that of its children. */
  readonly text: string;
}

/** Characters of a document. */
export const XML_LIMIT = 16 * 1024 * 1024;
export const XML_DEPTH = 32;
/** Elements, comments and the like. */
export const XML_NODES = 50_000;

/**
 * The outermost element of a document.
 *
 * @throws `Refusal` INVALID_ARGUMENT, in one sentence; nothing else, whatever the text.
 * @example `readXml('<a><b>1</b></a>').children[0]?.text` is `'1'`.
 */
export function readXml(text: string): Element {
  if (text.length > XML_LIMIT) throw refused(`it has more than ${XML_LIMIT} characters`);
  const fault = faultOf(text);
  if (fault !== undefined) throw refused(fault);
  let root: XmlElement | null;
  try {
    ({ root } = parseXml(text));
  } catch (cause) {
    throw refused((cause as Error).message.split('\n', 1)[0]!);
  }
  return elementOf(root!);
}

/** The part of a name behind its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The namespace that the prefix of an element is bound to by the element itself. */
export function namespaceOf({ name, attributes }: Element): string | undefined {
  const colon = name.indexOf(':');
  return attributes[colon < 0 ? 'xmlns' : `xmlns:${name.slice(0, colon)}`];
}

/** What XML 1.0 cannot carry at all, not even escaped. */
export const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Text between tags; a carriage return would be read as a line feed if it stood there bare. */
export function escaped(text: string): string {
  return text.replace(/[<>&"'\r]/g, char => `&#${char.charCodeAt(0)};`);
}

export function refused(why: string): Refusal {
  // what it quotes may be long
  const said = why.length > 200 ? `${why.slice(0, 200)}…` : why;
  const text = `The XML cannot be read: ${said}.`.replace(/\.\.$/, '.');
  return new Refusal(wireError('INVALID_ARGUMENT', 'shelver.wire.malformed_xml', text));
}

function elementOf({ name, attributes, children }: XmlElement): Element {
  return {
    name,
    attributes,
    children: children.filter(isElement).map(elementOf),
    text: children.map(node => ('text' in node && !isElement(node) ? String(node.text) : '')).join('')
  };
}

function isElement(node: XmlNode): node is XmlElement {
  return node.type === 'element';
}

/** One scan over the tags, from left to right. What is not well-formed the parser finds. */
function faultOf(text: string): string | undefined {
  let depth = 0;
  let nodes = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    if (++nodes > XML_NODES) return `it has more than ${XML_NODES} tags`;
    const aside = ASIDES.find(([opening]) => text.startsWith(opening, at));
    if (aside === undefined && text[at + 1] === '!')
      return 'it declares a document type (<!DOCTYPE), which is not taken';
    const end = aside === undefined ? endOfTag(text, at) : text.indexOf(aside[1], at + aside[0].length);
    if (end < 0) return undefined;
    if (text[at + 1] === '/') depth--;
    else if (aside === undefined && text[end - 1] !== '/' && ++depth > XML_DEPTH) {
      return `more than ${XML_DEPTH} elements lie inside one another`;
    }
    at = end;
  }
  return undefined;
}

/** Where `<` opens no element. */
const ASIDES = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>']
] as const;

/** The place of the `>` that ends a tag; one inside a quoted attribute value does not. */
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
