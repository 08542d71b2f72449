// What the service reads in an OVF descriptor: the files that it references. XML from outside is hostile until shown
// otherwise: no DOCTYPE, a cap on size, a cap on depth before the parser sees it.
import { parseXml, type XmlElement } from '@rgrove/parse-xml';

export type DescriptorFacts =
  | { readonly references: readonly string[]; readonly fault?: undefined }
  | { readonly references: readonly string[]; readonly fault: string };

/** A descriptor may have this many characters at most. */
export const DESCRIPTOR_LIMIT = 8 * 1024 * 1024;
const DEPTH_LIMIT = 64;

/**
 * The href of every File under References; `text` is undefined when the file was too large to be read. Never throws.
 *
 * @example `readDescriptor('<Envelope><References><File href="d.vmdk"/></References></Envelope>').references` is
 * `['d.vmdk']`.
 */
export function readDescriptor(text: string | undefined): DescriptorFacts {
  if (text === undefined || text.length > DESCRIPTOR_LIMIT) return faulty('it is larger than 8 MiB');
  if (/<!DOCTYPE/i.test(text)) return faulty('it has a DOCTYPE');
  if (deeperThan(text, DEPTH_LIMIT)) return faulty(`its elements are nested deeper than ${DEPTH_LIMIT}`);
  let root: XmlElement | null;
  try {
    root = parseXml(text).root;
  } catch (cause) {
    return faulty(`it is not well-formed XML: ${(cause as Error).message.split('\n', 1)[0]}`);
  }
  if (root === null || localName(root.name) !== 'Envelope') return faulty('its root element is not Envelope');
  const hrefs = elements(root, 'References')
    .flatMap(references => elements(references, 'File'))
    .map(href);
  if (hrefs.includes(undefined)) return faulty('a File under References has no href');
  // A reference with a scheme lies elsewhere: it is not a file of the item.
  const own = hrefs.filter(name => name !== undefined).filter(name => !/^[a-z][a-z0-9+.-]*:/i.test(name));
  return { references: [...new Set(own.map(decoded))] };
}

function faulty(fault: string): DescriptorFacts {
  return { references: [], fault };
}

function elements(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter(
    (child): child is XmlElement => child.type === 'element' && localName((child as XmlElement).name) === name
  );
}

function href(file: XmlElement): string | undefined {
  return Object.entries(file.attributes).find(([name]) => localName(name) === 'href')?.[1];
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** A href is a relative URI: `disk%201.vmdk` names `disk 1.vmdk`. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A linear scan over the tags, comments and CDATA aside, that errs towards deeper. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const end = text.indexOf(closingOf(text, at), at);
    if (end < 0) return false; // not well-formed: the parser will say so
    if (text[at + 1] === '/') depth--;
    else if (text[at + 1] !== '!' && text[at + 1] !== '?' && text[end - 1] !== '/' && ++depth > limit) return true;
    at = end;
  }
  return false;
}

function closingOf(text: string, at: number): string {
  if (text.startsWith('<!--', at)) return '-->';
  return text.startsWith('<![CDATA[', at) ? ']]>' : '>';
}
