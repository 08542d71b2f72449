// What a simulator is told to be.
import fc from 'fast-check';
import { memoryBlobs } from '../../../src/simulator/blobs.ts';
import { readConfig } from '../../../src/simulator/config.ts';
import { FAULT_TARGETS, faultsOf } from '../../../src/simulator/faults.ts';
import { pullPolicyOf } from '../../../src/simulator/pull/options.ts';
import { seeded } from '../../../src/simulator/seed-files.ts';
import { seededRandom } from '../../../src/simulator/seeded-random.ts';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { usersOf } from '../../../src/simulator/users.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { CANARY, faultOfData } from '../judge.ts';
import { almostText, longText } from '../mutate-bytes.ts';
import { almostJson, almostValue, parsed } from '../mutate-json.ts';
import { portFailure, type Reader, reader } from '../reader.ts';

const fault = fc.record(
  {
    on: fc.constantFrom('put', ['session.create', 'get'], '*', 'connection'),
    do: fc.constantFrom('answer', 'reset', 'slow', 'corrupt', 'late'),
    status: fc.constant(503),
    file: fc.constant('*.vmdk'),
    times: fc.constantFrom('always', 2),
    probability: fc.double({ min: 0.1, max: 1, noNaN: true }),
    afterBytes: fc.nat(),
    delayMs: fc.nat(),
    bytesPerSecond: fc.nat()
  },
  { requiredKeys: ['on', 'do'], noNullPrototype: true }
);
const configuration = fc.record(
  {
    users: fc.constantFrom(
      { alice: { password: CANARY, roles: ['ReadOnly', 'own'] } },
      { bob: { passwordEnv: 'X', privileges: [] } }
    ),
    roles: fc.constant({ own: ['ContentLibrary.UpdateSession'] }),
    libraries: fc.constant([
      {
        name: 'l',
        type: 'LOCAL',
        items: [
          {
            name: 'i',
            files: [
              { name: 'a', text: 'x' },
              { name: 'b', base64: 'AA==' }
            ]
          }
        ]
      }
    ]),
    rules: fc.constant({ mismatch: 'refuse', ranges: true, validatingMs: 7 }),
    pull: fc.constant({ hosts: ['example.com'], maxBytes: '20M', stallMs: 5 }),
    sessionTimeout: fc.constantFrom('5m', 7, '99999999999d', '9'.repeat(400)),
    bandwidth: fc.constantFrom('1K', 7, `${'9'.repeat(400)}G`),
    profile: fc.constant('8.0'),
    faults: fc.array(fault, { maxLength: 2 }),
    admin: fc.constantFrom(true, { port: 0, tokenEnv: 'X' })
  },
  { requiredKeys: [], noNullPrototype: true }
);

export const configurationReaders: readonly Reader[] = [
  reader({
    name: 'configuration of the simulator',
    covers: [
      'src/simulator/config.ts',
      'src/simulator/faults.ts',
      'src/simulator/issue-words.ts',
      'src/simulator/seed-files.ts',
      'src/simulator/users.ts',
      'src/figures.ts'
    ],
    inputs: {
      structured: almostJson(configuration),
      bytes: almostText(configuration.map(its => JSON.stringify(its))).map(text => text),
      long: longText(
        ['9', 'a', '*', '?', ' ', 'AAAA', '1h'],
        [
          ['{"libraries":[{"name":"l","items":[{"name":"i","files":[{"name":"a","base64":"', '"}]}]}]}'],
          ['{"sessionTimeout":"', '"}'],
          ['{"faults":[{"on":"', '","do":"reset"}]}'],
          ['{"users":{"', '":{"password":"x"}}}']
        ]
      )
    },
    read: text => {
      let given: unknown;
      try {
        given = JSON.parse(text);
      } catch {
        return undefined;
      }
      const config = readConfig(given);
      usersOf(
        Object.fromEntries(
          Object.entries(config.users ?? {}).map(([name, { roles, privileges }]) => [
            name,
            { password: 'x', roles, privileges }
          ])
        ),
        config.roles
      );
      for (const each of config.libraries ?? []) seeded(each, memoryBlobs(1e6), () => 'x');
      const faults = faultsOf(config.faults ?? [], FAULT_TARGETS, seededRandom(1));
      faults.take('put', 'a'.repeat(200));
      pullPolicyOf(config.pull ?? {});
      return config;
    },
    declared: portFailure('INVALID_SPEC'),
    check: config => faultOfData(config)
  }),
  reader({
    name: 'a simulator as it is configured',
    covers: ['src/simulator/config.ts', 'src/simulator/simulator.ts', 'src/figures.ts'],
    cost: 5,
    inputs: { structured: almostValue(configuration).map(parsed) },
    // Whatever it was told, it serves.
    read: async given => {
      const { users: _, admin: __, profile: ___, faults, sessionTimeout, loginTimeout, ...options } = readConfig(given);
      const simulator = createSimulator({
        ...options,
        clock: virtualClock(),
        sessionTimeoutMs: sessionTimeout,
        loginTimeoutMs: loginTimeout
      });
      faultsOf(faults ?? [], FAULT_TARGETS, seededRandom(1));
      const { library } = simulator.ports();
      for (const id of await library.listLibraries()) {
        for (const itemId of await library.listItems(id))
          await library.getSession(await library.createSession({ itemId }));
      }
      const { state } = simulator;
      await simulator.close();
      return state;
    },
    declared: portFailure(),
    check: state => faultOfData(state)
  })
];
