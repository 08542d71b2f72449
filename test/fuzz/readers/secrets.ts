// What a server says, with secrets of ours in it.
import fc from 'fast-check';
import { makeSecrets } from '../../../src/adapters/http/secrets.ts';
import { CANARY } from '../judge.ts';
import { longText, noise } from '../mutate-bytes.ts';
import { nothing, type Reader, reader } from '../reader.ts';

export const secretReaders: readonly Reader[] = [
  reader({
    name: 'secrets in what a server says',
    covers: ['src/secret-forms.ts', 'src/adapters/http/secrets.ts'],
    inputs: {
      structured: fc
        .tuple(
          fc.string({
            unit: fc.constantFrom('\\', '"', '?', '%', '&', ' ', '/', 'п', 'é', 'a', '1', '\n', '+', '\u{1f600}'),
            minLength: 1,
            maxLength: 24
          }),
          fc.array(
            fc.tuple(
              fc.constantFrom('?', '\\', '\\\\', '%', '%25', '&amp;', 'Ð¿', 'п', ' ', '+', '"', 'a', '1', '/'),
              fc.nat(200)
            ),
            { maxLength: 5 }
          )
        )
        .map(([secret, runs]) => ({
          secret,
          page: `${secret.replace(/[^a-z0-9]/gi, '')} ${runs.map(([unit, times]) => unit.repeat(times)).join('')}`
        })),
      bytes: fc
        .tuple(fc.string({ unit: 'binary', maxLength: 20 }), noise)
        .map(([secret, page]) => ({ secret, page: Buffer.from(page).toString('latin1') })),
      long: fc
        .tuple(
          fc.constantFrom(
            'п?п?п?п?п?п?п?п1',
            '\\\\\\\\\\\\\\\\\\\\a',
            '"\\"\\"\\"\\"\\"\\"\\"a',
            'пароль',
            'a b c d e f',
            CANARY
          ),
          longText(
            ['?', '\\', '\\"', '"', '\\\\"', 'Ð', '?1', ' +', '%20', 'aa', 'A', '1?'],
            [
              ['', ''],
              ['a1 ', '']
            ],
            60_000
          )
        )
        .map(([secret, page]) => ({ secret, page }))
    },
    read: ({ secret, page }) => {
      const secrets = makeSecrets();
      secrets.add(secret);
      const json = JSON.stringify(secret).slice(1, -1);
      const forms = [
        secret,
        json,
        JSON.stringify(json).slice(1, -1),
        encodeURIComponent(secret.replaceAll(/\p{Cs}/gu, 'x'))
      ];
      const hidden = secrets.hide({ page, own: forms.map(form => `x ${form} y`) });
      return { secret: /\p{Cs}/u.test(secret) ? '' : secret, forms, own: hidden.own };
    },
    declared: nothing,
    check: ({ secret, forms, own }) => {
      const stays = forms.find((form, at) => own[at]?.includes(` ${form} `));
      return secret.length >= 6 && stays !== undefined ? `the secret ${secret} stays as ${stays}` : undefined;
    }
  })
];
