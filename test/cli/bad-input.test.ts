import { appendFileSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeOva } from '../../src/cli/demo-ova.ts';
import type { ListenOptions } from '../../src/simulator/http/server.ts';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { call, folderWith, left, type Served, serve } from './call.ts';

interface Case {
  readonly what: string;
  readonly exit: number;
  readonly says: RegExp;
  readonly simulator?: Partial<SimulatorOptions>;
  readonly listen?: ListenOptions;
  /** The words of the call, given a folder that is thrown away and the server. */
  words(folder: string, served: Served): readonly string[] | Promise<readonly string[]>;
  /** Done once the file is being sent. */
  meanwhile?(folder: string): void;
  readonly env?: (served: Served) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** What the server has not seen. */
  readonly unseen?: boolean;
}

const MIB = 1024 * 1024;
const OVF = (file: string) => `<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File ovf:id="f1" ovf:href="${file}"/></References>
  <VirtualSystem ovf:id="vm"/>
</Envelope>`;

const into = (folder: string, name: string): string => join(folder, name);

const CASES: readonly Case[] = [
  {
    what: 'a file that is not there',
    exit: 3,
    says: /missing\.iso/,
    words: folder => ['upload', into(folder, 'missing.iso'), 'images']
  },
  {
    what: 'a directory',
    exit: 3,
    says: /folder.*directory|directory.*folder|dir/,
    words: folder => {
      mkdirSync(into(folder, 'dir'));
      return ['upload', into(folder, 'dir'), 'images'];
    }
  },
  {
    what: 'a file that cannot be read',
    exit: 3,
    says: /loop\.iso/,
    words: folder => {
      symlinkSync('loop.iso', into(folder, 'loop.iso'));
      return ['upload', into(folder, 'loop.iso'), 'images'];
    }
  },
  {
    what: 'a file that shrinks while it is sent',
    exit: 3,
    says: /a\.iso/,
    simulator: { bandwidth: 4 * MIB },
    words: folder => {
      folderFile(folder, 'a.iso', 6 * MIB);
      return ['upload', into(folder, 'a.iso'), 'images'];
    },
    meanwhile: folder => truncateSync(into(folder, 'a.iso'), MIB)
  },
  {
    what: 'a file that grows while it is sent',
    exit: 3,
    says: /a\.iso/,
    simulator: { bandwidth: 4 * MIB },
    words: folder => {
      folderFile(folder, 'a.iso', 6 * MIB);
      return ['upload', into(folder, 'a.iso'), 'images'];
    },
    meanwhile: folder => appendFileSync(into(folder, 'a.iso'), 'more')
  },
  {
    what: 'a truncated OVA',
    exit: 3,
    says: /tiny\.ova/,
    words: async folder => {
      const { path } = await makeOva(folder, { name: 'tiny', seed: 1, diskBytes: MIB });
      truncateSync(path, MIB / 2);
      return ['upload', path, 'images'];
    }
  },
  {
    what: 'an OVF naming a file that is not there',
    exit: 3,
    says: /disk\.vmdk/,
    words: folder => {
      folderFile(folder, 'vm.ovf', OVF('disk.vmdk'));
      return ['upload', into(folder, 'vm.ovf'), 'images'];
    }
  },
  {
    what: 'a manifest that disagrees',
    exit: 3,
    says: /disk\.vmdk/,
    words: folder => {
      folderFile(folder, 'vm.ovf', OVF('disk.vmdk'));
      folderFile(folder, 'disk.vmdk', 'not a disk at all');
      folderFile(folder, 'vm.mf', `SHA256(disk.vmdk)= ${'0'.repeat(64)}\n`);
      return ['upload', into(folder, 'vm.ovf'), 'images'];
    }
  },
  {
    what: 'a name with a slash',
    exit: 2,
    says: /"images\/a\/b" is not LIBRARY or LIBRARY\/ITEM/,
    words: folder => ['upload', file(folder), 'images/a/b'],
    unseen: true
  },
  {
    what: 'an unknown library',
    exit: 4,
    says: /there is no library "shelf" on this server/,
    words: folder => ['upload', file(folder), 'shelf']
  },
  {
    what: 'an ambiguous library',
    exit: 4,
    says: /2 libraries/,
    simulator: { libraries: ['twin', 'twin'] },
    words: folder => ['upload', file(folder), 'twin']
  },
  {
    what: 'an item in a subscribed library',
    exit: 6,
    says: /subscribed/i,
    simulator: { libraries: [{ name: 'theirs', type: 'SUBSCRIBED' }] },
    words: folder => ['upload', file(folder), 'theirs']
  },
  {
    what: 'a wrong password',
    exit: 7,
    says: /password|authentic|log/i,
    words: folder => ['upload', file(folder), 'images'],
    env: ({ env }) => ({ ...env, SHELVER_PASSWORD: 'hunter2' }) as Record<string, string>
  },
  {
    what: 'a wrong port',
    exit: 5,
    says: /nobody answers at 127\.0\.0\.1:\d+/,
    words: folder => ['upload', file(folder), 'images'],
    env: async ({ env }) =>
      ({ ...env, SHELVER_URL: `http://127.0.0.1:${await closedPort()}` }) as Record<string, string>
  },
  {
    what: 'a self-signed certificate',
    exit: 8,
    says: /certificate/,
    listen: { tls: true },
    words: folder => ['upload', file(folder), 'images'],
    unseen: true
  },
  {
    what: 'a certificate that is not the pinned one',
    exit: 8,
    says: /fingerprint|thumbprint|certificate/,
    listen: { tls: true },
    words: folder => ['upload', file(folder), 'images', '--thumbprint', 'ab'.repeat(32)],
    unseen: true
  }
];

describe('bad input', () => {
  for (const { what, exit, says, simulator, listen, words, meanwhile, env, unseen } of CASES) {
    it(`should end ${what} in one sentence with exit code ${exit}, and leave nothing on the server`, async () => {
      const folder = folderWith();
      const served = await serve(simulator, listen);
      const argv = await words(folder, served);
      let done = false;
      const { code, stdout, stderr } = await call([...argv, '--progress', 'plain', '--json'], {
        env: (await env?.(served)) ?? served.env,
        onText: text => {
          if (done || !text.includes(': pushing')) return;
          done = true;
          meanwhile?.(folder);
        }
      });
      expect(stderr).toMatch(says);
      expect(code, stderr).toBe(exit);
      // One sentence, then what to do; the lines above it are progress.
      const [sentence = '', next = '', ...more] = stderr.slice(stderr.indexOf('error: ')).split('\n');
      expect(sentence).toMatch(/^error: \S.{10,300}$/);
      expect(next).toMatch(/^next: \S.+$/);
      expect(more).toEqual(['']);
      expect(stderr).not.toMatch(/\bat .*:\d+:\d+|hunter2|undefined|\[object/);
      expect(Object.keys(JSON.parse(stdout))).toContain('schema');
      expect(left(served.simulator)).toEqual({ items: [], sessions: [] });
      if (unseen) expect(served.simulator.requests).toEqual([]);
      // The harm was done while the file was on its way.
      if (meanwhile) expect(done).toBe(true);
    });
  }

  it('should take an empty file', async () => {
    const folder = folderWith({ 'empty.iso': '' });
    const { simulator, env } = await serve();
    const { code, stdout } = await call(['upload', join(folder, 'empty.iso'), 'images', '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).items[0]).toMatchObject({ outcome: 'done', sent: 0 });
    expect(left(simulator)).toEqual({ items: ['empty'], sessions: [] });
  });
});

function file(folder: string): string {
  return folderFile(folder, 'a.iso', 'some bytes');
}

function folderFile(folder: string, name: string, content: string | number): string {
  const path = into(folder, name);
  appendFileSync(path, typeof content === 'string' ? content : Buffer.alloc(content, 7));
  return path;
}

/** A port that was free a moment ago. */
function closedPort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
