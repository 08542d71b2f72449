// What an XML parser must not be given: document types (entities that grow or fetch), and elements nested so deep that its
// stack overflows. One scan from left to right, before the parser sees the text.

/**
 * What is wrong with the text; `undefined` when it may be parsed. It does not check that the text is well-formed.
 *
 * @example `nestingFault('<a><b/></a>', 1)` is `undefined`; `nestingFault('<!DOCTYPE a><a/>', 1)` is a sentence.
 */
export function nestingFault(text: string, maxDepth: number): string | undefined {
  let depth = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const skipped = SKIPPED.find(([opening]) => text.startsWith(opening, at));
    if (skipped) {
      const [opening, closing] = skipped;
      const end = text.indexOf(closing, at + opening.length);
      if (end < 0) return undefined;
      at = end + closing.length;
    } else if (text.startsWith('<!', at)) {
      return 'it declares a document type (<!DOCTYPE), which is not taken';
    } else if (text.startsWith('</', at)) {
      depth -= 1;
      at += 2;
    } else {
      const end = endOfTag(text, at + 1);
      if (text[end - 1] !== '/') depth += 1;
      if (depth > maxDepth) return `more than ${maxDepth} elements lie inside one another`;
      at = end;
    }
  }
  return undefined;
}

/** Where `<` opens no element. An unclosed one is left to the parser. */
const SKIPPED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>']
] as const;

/** The place of the `>` that ends a tag; one inside a quoted attribute value does not. */
function endOfTag(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '>') return at;
    if (char === '"' || char === "'") {
      const end = text.indexOf(char, at + 1);
      if (end < 0) return text.length;
      at = end;
    }
  }
  return text.length;
}
