// What reaches the simulator as SOAP.
import fc from 'fast-check';
import { PROFILES } from '../../../src/servers/profiles.ts';
import { answerSoap } from '../../../src/simulator/http/soap.ts';
import { loginsOf } from '../../../src/simulator/logins.ts';
import { seededRandom } from '../../../src/simulator/seeded-random.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { readXml } from '../../../src/wire/xml.ts';
import { faultOfSentence } from '../judge.ts';
import { almostText, longText } from '../mutate-bytes.ts';
import { nothing, type Reader, reader } from '../reader.ts';
import { XML_UNITS } from './packages.ts';

const envelope = (call: string): string =>
  `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${call}</Body></Envelope>`;
const traversal = fc
  .array(
    fc.tuple(
      fc.constantFrom('Folder', 'Datacenter', 'Datastore', 'constructor'),
      fc.constantFrom('childEntity', 'parent', 'name', '__proto__', 'datastore'),
      fc.constantFrom('a', 'b')
    ),
    { maxLength: 5 }
  )
  .map(sets =>
    sets
      .map(
        ([type, path, name]) =>
          `<selectSet><name>${name}</name><type>${type}</type><path>${path}</path><skip>false</skip><selectSet><name>a</name></selectSet></selectSet>`
      )
      .join('')
  );
const soap = fc.oneof(
  fc
    .constantFrom(
      '<RetrieveServiceContent/>',
      '<Login><userName>user</userName><password>pass</password></Login>',
      '<CurrentTime/>',
      '<constructor/>',
      '<SessionIsActive/>',
      '<Logout/>'
    )
    .map(envelope),
  traversal.map(sets =>
    envelope(
      `<RetrievePropertiesEx><specSet><propSet><type>Folder</type><all>1</all></propSet><propSet><type>Datacenter</type><pathSet>name</pathSet></propSet><objectSet><obj type="Folder">group-d1</obj>${sets}</objectSet></specSet></RetrievePropertiesEx>`
    )
  )
);

export const soapReaders: readonly Reader[] = [
  reader({
    name: 'SOAP',
    covers: [
      'src/simulator/http/soap.ts',
      'src/simulator/http/soap-reader.ts',
      'src/simulator/http/soap-properties.ts'
    ],
    inputs: {
      structured: soap,
      bytes: almostText(soap),
      long: longText(
        ['<selectSet/>', '<selectSet><name>a</name></selectSet>', '<objectSet/>', '<specSet/>', ...XML_UNITS],
        [
          ['', ''],
          ['<Envelope><Body>', '</Body></Envelope>'],
          [
            '<Envelope><Body><RetrievePropertiesEx><specSet><objectSet><obj type="Folder">group-d1</obj>',
            '</objectSet></specSet></RetrievePropertiesEx></Body></Envelope>'
          ]
        ]
      )
    },
    read: body => {
      const clock = virtualClock();
      const logins = loginsOf(new Map([['user', 'pass']]), 1_000, clock, seededRandom(1));
      const token = logins.open('user', 'pass')?.token;
      const answer = answerSoap(body, token, { logins, profile: PROFILES['8.0'], instanceId: 'x', now: clock.now });
      readXml(answer.xml);
      return answer.method;
    },
    declared: nothing,
    check: method => faultOfSentence(method)
  })
];
