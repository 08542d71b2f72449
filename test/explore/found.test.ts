// What the explorer has found, each as the shortest plan that showed it.
import { describe, expect, it } from 'vitest';
import { problemsOf } from './checks.ts';
import { BARE } from './good.ts';
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import { casesOf, judge } from './sweep.ts';

const one = { name: 'disk.bin', size: 4_000, salt: 4 };
const upload: Plan['job'] = { kind: 'upload', files: [one], ifExists: 'update', parallel: 1 };
const download: Plan['job'] = { kind: 'download', folder: [], ifExists: 'fail', parallel: 1 };

const made = (ifExists: 'fail' | 'skip', at: number): [string, Plan] => [
  `an item that an earlier life made is not one that was there (--if-exists ${ifExists}, dead at ${at})`,
  { ...BARE, seed: 20640, job: { ...upload, ifExists }, crashes: [{ at, lands: 'before', downMs: 0 }] }
];

const FOUND: readonly [string, Plan][] = [
  [
    'a cancel that comes while a run is taken up again ends what its earlier life began',
    {
      ...BARE,
      seed: 4384,
      job: upload,
      crashes: [{ at: 22, lands: 'before', downMs: 0 }],
      events: [{ at: 23, afterMs: 0, do: 'cancel' }]
    }
  ],
  [
    'a fetch that begins anew after a digest that differs does not count its bytes as those of the one before',
    {
      ...BARE,
      seed: 2584,
      job: download,
      shelf: [{ ...one, size: 736 }],
      line: { latencyMs: [5, 400], landsWhenGivenUp: false },
      faults: [
        { on: 'get', do: 'corrupt', atByte: 3 },
        { on: 'get', do: 'reset', afterBytes: 10 }
      ]
    }
  ],
  ...[false as const, undefined].flatMap(tokens =>
    (['before', 'never', 700] as const).map((lands): [string, Plan] => [
      `a run knows the session of an earlier life (${tokens ?? 'with'} tokens, its create lands ${lands})`,
      {
        ...BARE,
        seed: 91,
        job: upload,
        server: { ...BARE.server, ...(tokens === false && { tokens }) },
        crashes: [{ at: lands === 'before' ? 13 : 14, lands, downMs: 0 }]
      }
    ])
  ),
  [
    'a create of the item that lands after a crash is not taken for somebody else’s, without any token',
    {
      ...BARE,
      seed: 91,
      job: upload,
      server: { ...BARE.server, tokens: false },
      crashes: [{ at: 9, lands: 5, downMs: 0 }]
    }
  ],
  [
    'a download knows the session of an earlier life, without any token',
    {
      ...BARE,
      seed: 91,
      job: download,
      shelf: [one],
      server: { ...BARE.server, tokens: false },
      crashes: [{ at: 15, lands: 'before', downMs: 0 }]
    }
  ],
  ...([5, 20, 700] as const).map((lands): [string, Plan] => [
    `a removal of the item that lands ${lands} ms after a crash takes nothing away of what is sent then`,
    {
      ...BARE,
      seed: 91,
      job: upload,
      faults: [{ on: 'session.create', do: 'answer', status: 503, times: 5 }],
      crashes: [{ at: 1, call: 'deleteItem', lands, downMs: 0 }]
    }
  ]),
  [
    'a journal that is full when complete has been sent does not make a failure of what is published',
    {
      ...BARE,
      seed: 2024561,
      job: upload,
      events: [
        { at: 1, call: 'complete', afterMs: 0, do: 'breakJournal' },
        { at: 1, call: 'complete', afterMs: 1, do: 'cancel' }
      ]
    }
  ],
  ...(['fail', 'skip', 'replace'] as const).map((ifExists): [string, Plan] => [
    `a file that no digest can tell is its own where the run died naming it (--if-exists ${ifExists})`,
    {
      ...BARE,
      seed: 2033963,
      job: { ...download, ifExists },
      server: { ...BARE.server, digests: 'none' },
      shelf: [{ name: 'disk1.bin', size: 2_189, salt: 1 }],
      crashes: [{ at: 1, call: 'folder.keep', lands: 'before', downMs: 0 }]
    }
  ]),
  [
    'a file that no digest can tell is its own where the run died beside it (four at a time)',
    {
      ...BARE,
      seed: 2007232,
      job: { ...download, parallel: 4 },
      server: { ...BARE.server, digests: 'none' },
      shelf: [one, { ...one, name: 'disk1.bin' }, { ...one, name: 'disk2.bin' }],
      crashes: [{ at: 1, call: 'folder.keep', lands: 'before', downMs: 0 }]
    }
  ],
  [
    'a file that no digest can tell is its own where the run died before it could write that down',
    {
      ...BARE,
      seed: 2054746,
      job: download,
      server: { ...BARE.server, digests: 'none' },
      line: { ...BARE.line, cutsFetchAt: 485 },
      shelf: [
        { name: 'a.bin', size: 260, salt: 60 },
        { name: 'b.bin', size: 534, salt: 62 }
      ],
      crashes: [{ at: 2, call: 'folder.keep', lands: 'before', downMs: 0 }]
    }
  ],
  [
    'a create of a session that lands when its repeat has ended well is told',
    {
      ...BARE,
      seed: 2027584,
      job: upload,
      faults: [{ do: 'late', delayMs: 122, on: 'session.create', times: 1 }]
    }
  ],
  [
    'a create of a download session that lands when a later life has ended is told',
    {
      ...BARE,
      seed: 2032342,
      job: download,
      shelf: [one],
      crashes: [{ at: 1, call: 'createDownloadSession', lands: 700, downMs: 0 }]
    }
  ],
  [
    'a create of the item that lands when the one of a later life was taken away is told',
    {
      ...BARE,
      seed: 2051328,
      job: { ...upload, files: [{ ...one, pull: 'wrong' }] },
      crashes: [{ at: 1, call: 'createItem', lands: 700, downMs: 0 }]
    }
  ],
  [
    'a session that an earlier life has canceled without a word is not sent into',
    {
      ...BARE,
      seed: 2058930,
      job: upload,
      events: [{ at: 13, afterMs: 0, do: 'breakJournal' }],
      crashes: [{ at: 15, lands: 'before', downMs: 0 }]
    }
  ],
  [
    'a file that was to be replaced, and is there still, is no success where the service fetches, either',
    {
      ...BARE,
      seed: 5015786,
      job: { ...upload, files: [{ ...one, pull: 'told' }], ifExists: 'replace' },
      shelf: [{ ...one, name: 'old.bin' }],
      faults: [{ do: 'answer', status: 400, on: 'file.remove', times: 1 }]
    }
  ],
  made('fail', 10),
  made('fail', 11),
  made('skip', 10),
  made('skip', 11)
];

describe('what the explorer found', () => {
  it.each(FOUND)('should stay so: %s', async (_, plan) => {
    expect(await problemsOf(await play(plan))).toEqual([]);
  });
});

it('should end well what lands after a crash before a server that never says READY (the sweep)', async () => {
  const ends: Record<string, readonly string[]> = {};
  for await (const its of casesOf('upload to vcsim'))
    if (its.kind === 'crash' && its.name.endsWith('which arrives 5, 0 ms down'))
      ends[its.name] = (await judge(its)).problems;
  expect(Object.keys(ends).length).toBeGreaterThan(30);
  expect(Object.values(ends).flat()).toEqual([]);
});
