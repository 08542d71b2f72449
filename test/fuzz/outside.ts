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

/** What takes apart only what this program has made itself, or what its caller gives as a value. */
export const NOT_FROM_OUTSIDE: Readonly<Record<string, string>> = {
  'src/adapters/files/file-source.ts': 'numbers of the file system',
  'src/adapters/hash.ts': 'the address of its own thread',
  'src/cli/demo.ts': 'the file that the demo has just made',
  'src/cli/main.ts': 'how much is still to be written',
  'src/cli/show-run.ts': 'lines of its own view',
  'src/cli/simulate.ts': 'a word of the call, held against one fixed pattern',
  'src/diagram/drawing.ts': 'the charts of machines/',
  'src/diagram/edges.ts': 'the charts of machines/',
  'src/diagram/nodes.ts': 'the charts of machines/',
  'src/doctor/certificate.ts': 'a sentence of the client',
  'src/effects/hiding.ts': 'an address that has been checked (address to pull from)',
  'src/events/shapes.ts': 'what src/events/reading.ts gives it (records of a run)',
  'src/observe/fold.ts': 'events of this run',
  'src/simulator/blobs.ts': 'names of bytes that the simulator has made',
  'src/simulator/http/certificate.ts': 'a certificate that the simulator has made',
  'src/simulator/port-fetch.ts': 'links that the simulator has made',
  'src/simulator/port-push.ts': 'links that the simulator has made',
  'src/simulator/seeded-random.ts': 'digits of its own',
  'src/simulator/service/privileges.ts': 'arguments of a request (request to the service)',
  'src/simulator/service/pulled-files.ts': 'what was fetched from the address before',
  'src/simulator/service/pulls.ts': 'an id that the simulator has made',
  'src/simulator/service/session-files.ts': 'arguments of a request (request to the service)',
  'src/view/report.ts': 'lines of its own report',
  'src/wire/preview-2014.ts': 'the table of operations'
};
