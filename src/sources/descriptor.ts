// An OVF descriptor (.ovf), as far as an upload needs it: which files it references, and how big they should be.
import { XmlElement as Element, parseXml, type XmlElement } from '@rgrove/parse-xml';
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { quoted } from '../tar/quoted.ts';
import { withoutDot } from './manifest.ts';
import { nestingFault } from './nesting.ts';

export interface Reference {
  /** As it stands in the descriptor, without `./`. */
  readonly href: string;
  /** Bytes, when the descriptor tells. */
  readonly size?: number;
}

/** Most bytes that a descriptor may have. */
export const MAX_DESCRIPTOR_BYTES = 8 * 1024 * 1024;
/** Most elements inside one another. */
export const MAX_DEPTH = 64;

/**
 * The files that a descriptor references (DSP0243 2.1, section 7.1), in its order, each once. Throws `PortFailure`
 * SOURCE_INVALID for what is no descriptor, for document types (entities), and for references to other places.
 *
 * @param from what the descriptor is called in messages
 * @example `parseReferences(bytes, 'tiny.ovf')` is `[{ href: 'tiny-disk1.vmdk', size: 70144 }]`.
 */
export function parseReferences(bytes: Uint8Array, from: string): Reference[] {
  const invalid = (fault: string, cause?: unknown): PortFailure =>
    new PortFailure(failure('SOURCE_INVALID', `${from} is not an OVF descriptor that can be used: ${fault}`), {
      cause
    });
  if (bytes.length > MAX_DESCRIPTOR_BYTES) throw invalid(`it has more than ${MAX_DESCRIPTOR_BYTES} bytes`);
  const root = parse(bytes, invalid);
  if (localName(root.name) !== 'Envelope') throw invalid(`its outermost element is ${quoted(root.name)}, not Envelope`);
  const found = new Map<string, Reference>();
  const lists = childrenOf(root, 'References');
  for (const file of lists.flatMap(list => childrenOf(list, 'File'))) {
    const reference = readFile(file, invalid);
    const known = found.get(reference.href);
    if (known && known.size !== reference.size) {
      throw invalid(`it references ${quoted(reference.href)} twice, with different sizes`);
    }
    found.set(reference.href, reference);
  }
  return [...found.values()];
}

type Invalid = (fault: string, cause?: unknown) => PortFailure;

function parse(bytes: Uint8Array, invalid: Invalid): XmlElement {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid('it is not UTF-8 text', cause);
  }
  const fault = nestingFault(text, MAX_DEPTH);
  if (fault !== undefined) throw invalid(fault);
  try {
    // Without a root element it does not parse.
    return parseXml(text).root as XmlElement;
  } catch (cause) {
    throw invalid(firstLine(cause), cause);
  }
}

function readFile(file: XmlElement, invalid: Invalid): Reference {
  const raw = attribute(file, 'href');
  if (raw === undefined || raw === '') throw invalid('a File among its References has no href');
  const href = withoutDot(raw);
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(href)?.[0];
  if (scheme !== undefined) {
    throw invalid(
      `it references ${quoted(href)}: files must lie beside it, download this one and name it by its file name`
    );
  }
  if (attribute(file, 'chunkSize') !== undefined) {
    throw invalid(`${quoted(href)} is split into chunks, which the service does not take: join them first`);
  }
  const size = attribute(file, 'size');
  if (size === undefined) return { href };
  const bytes = /^\d{1,16}$/.test(size) ? Number(size) : Number.NaN;
  if (!Number.isSafeInteger(bytes))
    throw invalid(`the size of ${quoted(href)} is ${quoted(size)}, not a number of bytes`);
  return { href, size: bytes };
}

function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter(
    (child): child is XmlElement => child instanceof Element && localName(child.name) === name
  );
}

/** OVF 1.x qualifies attributes (`ovf:href`); some tools do not. The prefix may be any. */
function attribute(element: XmlElement, name: string): string | undefined {
  const key = Object.keys(element.attributes).find(each => localName(each) === name);
  return key === undefined ? undefined : element.attributes[key];
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** What the parser says, without the excerpt that it adds. */
function firstLine(cause: unknown): string {
  // The depth is checked before; should the parser's stack overflow all the same, it is said in words.
  if (cause instanceof RangeError) return 'its elements lie too deep inside one another';
  return String((cause as Error).message).split('\n', 1)[0] as string;
}
