// Bugs around the plan: what the wire tells, what the folder holds, and what must stay secret.
import type { Bug } from '../apply.ts';
import { explorer, tests } from './catchers.ts';

const sink = 'src/adapters/files/file-sink.ts';
const names = 'src/adapters/files/safe-name.ts';

export const AROUND: readonly Bug[] = [
  {
    name: 'asks for all of a source at once',
    file: 'src/effects/calls.ts',
    anchor: 'for await (const chunk of source.read(signal)) await hashing.update(chunk);',
    replacement:
      'const its = source.read(signal)[Symbol.asyncIterator]();\n' +
      '    const steps = Array.from({ length: 9 }, () => its.next());\n' +
      '    for (const { value } of await Promise.all(steps)) if (value !== undefined) await hashing.update(value);',
    catcher: explorer(200)
  },
  {
    name: 'leaves the source open that it has read for a digest',
    file: 'src/effects/calls.ts',
    anchor: 'for await (const chunk of source.read(signal)) await hashing.update(chunk);',
    replacement:
      'const its = source.read(signal)[Symbol.asyncIterator]();\n' +
      '    for (let left = source.size; left > 0; ) {\n' +
      '      const { value } = await its.next();\n' +
      '      left -= (value as Uint8Array).length;\n' +
      '      await hashing.update(value as Uint8Array);\n' +
      '    }',
    catcher: explorer(200)
  },
  {
    name: 'leaves the folder open',
    file: 'src/download.ts',
    anchor: 'close: () => target.close()',
    replacement: 'close: async () => undefined',
    catcher: explorer(200)
  },
  {
    name: 'forgets that the server may have acted (ambiguous)',
    file: 'src/adapters/http/failure.ts',
    anchor: "const maybe = asked.method === 'GET' ? {} : { ambiguous: true };",
    replacement: "const maybe = asked.method === 'GET' ? {} : {};",
    catcher: tests('test/client/failure.test.ts')
  },
  {
    name: 'takes another part of a file than it asked for',
    file: 'src/adapters/http/get.ts',
    anchor: 'if (from > 0 && start === from) return start;',
    replacement: 'if (from > 0) return from;',
    catcher: tests('test/client/get.test.ts')
  },
  {
    name: 'sends a source that has grown or shrunk',
    file: 'src/adapters/http/pump.ts',
    anchor: 'if (read < source.size) throw changed(',
    replacement: 'if (read < 0) throw changed(',
    catcher: tests('test/client/bytes-source.test.ts')
  },
  {
    name: 'shows a secret that the server repeats',
    file: 'src/effects/perform.ts',
    anchor: 'const value = hide(await effects[op](means, args as never, signal));',
    replacement: 'const value = await effects[op](means, args as never, signal);',
    catcher: tests('test/effects/pulls.test.ts')
  },
  {
    name: 'shows a secret that stands in a failure',
    file: 'src/effects/perform.ts',
    anchor: 'failure: hide(asFailure(cause)) };',
    replacement: 'failure: asFailure(cause) };',
    catcher: tests('test/effects/pulls.test.ts')
  },
  {
    name: 'writes to the final name before all bytes are there',
    file: sink,
    anchor: 'const path = join(this.place, partName(name, this.#safe(name, run)));\n      const known',
    replacement: 'const path = this.#final(name);\n      const known',
    catcher: tests('test/download/file-sink.test.ts')
  },
  {
    name: 'overwrites what has come to the folder meanwhile',
    file: sink,
    anchor: 'if (replace) await rename(part.path, path);',
    replacement: 'if (replace || path !== name) await rename(part.path, path);',
    catcher: tests('test/download/file-sink.test.ts')
  },
  {
    name: 'names a file before it is on the disk',
    file: sink,
    anchor: 'await part.handle.sync();',
    replacement: '',
    catcher: tests('test/download/file-sink.test.ts')
  },
  {
    name: 'goes on in, and drops, the part of another run',
    file: names,
    anchor: 'const tail = `.',
    replacement: 'const tail = `.part`;\n  `.',
    catcher: tests('test/download/file-sink.test.ts')
  },
  {
    name: 'keeps a file under a name that leads out of the folder',
    file: names,
    anchor: "const separator = ['/', '\\\\'].find(each => name.includes(each));",
    replacement: "const separator = ['\\0'].find(each => name.includes(each));",
    catcher: tests('test/download/safe-name.test.ts')
  }
];
