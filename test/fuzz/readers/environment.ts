// What the environment says to the command: the server, the user, whom to trust, and the way there.
import fc from 'fast-check';
import { addressOf, mayHaveSession, usableUploadUrl } from '../../../src/adapters/http/address.ts';
import { httpReach } from '../../../src/adapters/http/reach.ts';
import { pinOf } from '../../../src/adapters/http/pin.ts';
import { transferUrl } from '../../../src/adapters/http/transfer-failure.ts';
import { makeAgents } from '../../../src/adapters/http/trust.ts';
import { tunnelThrough } from '../../../src/adapters/http/tunnel.ts';
import { settingsFound } from '../../../src/cli/environment.ts';
import { voiceOf } from '../../../src/cli/output.ts';
import { proxyFound } from '../../../src/cli/proxy.ts';
import { DEFAULT_TIMEOUTS } from '../../../src/policy.ts';
import { CANARY } from '../judge.ts';
import { almostText, longText, UNITS } from '../mutate-bytes.ts';
import { oneOf, portFailure, type Reader, reader } from '../reader.ts';
import { certificate } from './specs.ts';
import { ioOf, usage } from './command.ts';

export const misuse = oneOf(usage, portFailure());

const url = fc.constantFrom(
  'https://vc.example.com',
  'vc.example.com/sdk',
  '[::1]:8443',
  'http://127.0.0.1:8989/',
  '0.0.0.0',
  `https://me:${CANARY}@vc.example.com:444/sdk?x#y`
);
const plainUrl = fc.constantFrom('https://vc.example.com', '[::1]:8443', 'http://127.0.0.1:8989/x?y#z');
const variables = fc.record(
  {
    SHELVER_URL: url,
    SHELVER_USERNAME: fc.constantFrom('me', 'administrator@vsphere.local', ''),
    SHELVER_PASSWORD: fc.constant(CANARY),
    SHELVER_INSECURE: fc.constantFrom('1', 'TRUE', 'maybe', ''),
    SHELVER_THUMBPRINT: fc.constant('AA:'.repeat(31)),
    SHELVER_DIALECT: fc.constantFrom('api', '2014', 'x'),
    SHELVER_PROXY: fc.constantFrom(`http://u:${CANARY}@p:3128`, 'none'),
    SHELVER_PROGRESS: fc.constantFrom('plain', 'x'),
    GOVC_URL: url,
    GOVC_USERNAME: fc.constant('me'),
    GOVC_PASSWORD: fc.constant(CANARY),
    GOVC_INSECURE: fc.constantFrom('true', '0'),
    VSPHERE_SERVER: url,
    VSPHERE_USER: fc.constant('me'),
    VSPHERE_PASSWORD: fc.constant(CANARY),
    HTTPS_PROXY: fc.constantFrom('p:3128', `http://u:${CANARY}@p:3128`, '://'),
    NO_PROXY: fc.constantFrom('*', '.example.com', '10.0.0.0/8,[::1]:443', '300.0.0.0/99', 'vc.example.com:443')
  },
  { requiredKeys: [], noNullPrototype: true }
);
const oddVariables = fc
  .tuple(
    variables,
    fc.array(
      fc.tuple(fc.nat(99), almostText(fc.oneof(plainUrl, fc.constantFrom('*', '10.0.0.0/8,x', 'true', 'p:3128')))),
      {
        maxLength: 3
      }
    )
  )
  .map(([env, changed]) => {
    const names = Object.keys(env);
    const own = changed.flatMap(([at, text]) =>
      names.length === 0 ? [] : [[names[at % names.length], text.replaceAll('\0', '')]]
    );
    return { ...env, ...Object.fromEntries(own) } as Record<string, string>;
  });
const vcenter = addressOf('https://vc.example.com');
const print = fc.constantFrom('AA'.repeat(32), `sha256:${'a1:'.repeat(31)}a1`, 'sha1=00', 'bb'.repeat(20));

export const environmentReaders: readonly Reader[] = [
  reader({
    name: 'server, user and trust in the environment',
    covers: ['src/cli/environment.ts', 'src/cli/output.ts'],
    inputs: {
      structured: variables,
      bytes: oddVariables,
      long: fc
        .tuple(
          fc.constantFrom('SHELVER_URL', 'GOVC_URL', 'NO_PROXY', 'SHELVER_PASSWORD', 'HTTPS_PROXY'),
          longText(
            UNITS,
            [
              ['', ''],
              ['http://', '@h'],
              ['https://u:', '@h']
            ],
            100_000
          )
        )
        .map(([name, text]) => ({ SHELVER_USERNAME: 'me', [name]: text }))
    },
    read: async env => {
      const io = ioOf(env, `${CANARY}\r\n`);
      voiceOf({}, io.env);
      const { settings, origins } = await settingsFound({ passwordStdin: env.GOVC_INSECURE === '0' }, io);
      const told = JSON.stringify([origins, settings.url, settings.username]);
      if (told.includes(CANARY)) throw new Error(`it tells a secret: ${told.slice(0, 200)}`);
      return [addressOf(settings.url).origin, settings.password];
    },
    declared: cause => misuse(cause)?.slice(0, 1_000)
  }),
  reader({
    name: 'proxy in the environment',
    covers: ['src/cli/proxy.ts', 'src/adapters/http/tunnel.ts', 'src/adapters/http/reach.ts'],
    inputs: {
      structured: fc.tuple(url, oddVariables),
      bytes: fc.tuple(almostText(url), oddVariables),
      long: fc.tuple(
        url,
        longText(
          [' ', ',', ':', '[', ']', '10.0.0.0/8,', 'a', '*.', '/'],
          [
            ['', ''],
            ['[', ''],
            ['.', ':80']
          ]
        ).map((text): Record<string, string> => ({ HTTPS_PROXY: 'p:1', NO_PROXY: text }))
      )
    },
    read: ([its, env]) => {
      const found = proxyFound(its, undefined, env);
      if (found === undefined) return 'none';
      httpReach({ vcenter, timeouts: DEFAULT_TIMEOUTS, proxy: found.proxy });
      return tunnelThrough(found.proxy, 1_000).place;
    },
    declared: misuse,
    check: place => (place.includes(CANARY) ? `it tells a secret: ${place}` : undefined)
  }),
  reader({
    name: 'address of a server, and where it sends bytes',
    covers: ['src/adapters/http/address.ts', 'src/adapters/http/transfer-failure.ts'],
    inputs: {
      structured: url,
      bytes: almostText(url),
      long: longText(UNITS, [
        ['', ''],
        ['https://', ''],
        ['http://', '/']
      ])
    },
    read: text => {
      const asked = [() => transferUrl(text, vcenter), () => addressOf(text)].map(ask => {
        try {
          const found = ask();
          return found instanceof URL ? mayHaveSession(found, vcenter, [text]) : found.name;
        } catch (cause) {
          if (portFailure('UNSUPPORTED', 'BAD_ADDRESS')(cause) === undefined) throw cause;
          return cause;
        }
      });
      if (URL.canParse(text)) usableUploadUrl(text, vcenter);
      const failed = asked.find(each => each instanceof Error);
      if (failed !== undefined) throw failed;
    },
    declared: portFailure('UNSUPPORTED', 'BAD_ADDRESS')
  }),
  reader({
    name: 'fingerprint and authorities',
    covers: ['src/adapters/http/pin.ts', 'src/adapters/http/trust.ts'],
    inputs: {
      structured: print,
      bytes: fc.oneof(almostText(print), almostText(fc.constant(certificate))),
      long: longText(
        [':', ' ', 'a', 'aa:', '\u2003', '-----BEGIN CERTIFICATE-----\n'],
        [
          ['', ''],
          ['sha256:', ''],
          [certificate, '']
        ]
      )
    },
    read: text => {
      try {
        makeAgents({ ca: text, connectMs: 1, keepAlive: false }).destroy();
      } catch (cause) {
        if (portFailure('INVALID_SPEC')(cause) === undefined) throw cause;
      }
      return pinOf(text).hex.length;
    },
    declared: portFailure('INVALID_SPEC')
  })
];
