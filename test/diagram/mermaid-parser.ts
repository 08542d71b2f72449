// Mermaid's own parser. It wants a DOM, even to parse.
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');

/** Rejects with what Mermaid does not understand. */
export async function parse(text: string): Promise<string> {
  const { diagramType } = (await mermaid.parse(text)) as { diagramType: string };
  return diagramType;
}
