// Where the sources take something apart that may come from outside, and what stands for each place: a reader that is fuzzed, or
// a word why it needs none.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What takes a text, bytes or a tree of JSON apart. */
const TAKES_APART =
  /\b(?:JSON\.parse|readJson|parseXml|readXml|readAnswer|readFields|readPairs|safeParse|new URL|new URLSearchParams|new X509Certificate|decodeURIComponent|Date\.parse|parseInt|parseFloat|Number|new RegExp|matchAll|createReadStream|indexTar|json_extract)\(/;
/** A pattern that is held against a text. */
const HOLDS_AGAINST = /\/[gimsuy]*\s*\.(?:exec|test)\(|\.(?:match|matchAll|search|split)\(\//;

/** The files of src that take something apart. */
export function takersApart(root: string): string[] {
  return readdirSync(join(root, 'src'), { recursive: true })
    .map(name => `src/${String(name).replaceAll('\\', '/')}`)
    .filter(name => name.endsWith('.ts'))
    .filter(name => {
      const code = withoutComments(readFileSync(join(root, name), 'utf8'));
      return TAKES_APART.test(code) || HOLDS_AGAINST.test(code);
    })
    .sort();
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
