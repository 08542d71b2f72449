import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../src/servers/profiles.ts';
import { httpDoorIn, send } from './doors.ts';

const envelope = (content: string) =>
  `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${content}</Body></Envelope>`;
const login = (user: string, password: string) =>
  envelope(
    `<Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>${user}</userName><password>${password}</password></Login>`
  );

async function asked(...bodies: string[]) {
  const door = await httpDoorIn('api')({ users: { user: 'pass', 'a<b&"': "c'd é" } });
  const answers = [];
  for (const body of bodies) {
    const headers = { 'transfer-encoding': 'chunked', 'content-type': 'text/xml' };
    answers.push(await send(`${door.listening.url}/sdk`, { method: 'POST', headers, body }));
  }
  await door.close();
  return { answers, requests: door.simulator.requests.slice(1) };
}

describe('the little SOAP that govc needs', () => {
  it('should tell what the service is', async () => {
    const { answers, requests } = await asked(
      envelope(
        '<RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></RetrieveServiceContent>'
      )
    );
    const [answer] = answers;
    expect([answer?.status, answer?.headers['content-type']]).toEqual([200, 'text/xml; charset=utf-8']);
    for (const part of [
      '<apiType>VirtualCenter</apiType>',
      '<apiVersion>8.0.0</apiVersion>',
      '<rootFolder type="Folder">',
      '<propertyCollector ',
      '<sessionManager ',
      '<searchIndex '
    ]) {
      expect(answer?.body).toContain(part);
    }
    expect(requests).toMatchObject([{ op: 'soap.RetrieveServiceContent', status: 200 }]);
  });

  it('should take user and password, whatever characters they have, and say good-bye', async () => {
    const { answers, requests } = await asked(
      login('user', 'pass'),
      login('a&lt;b&amp;&quot;', 'c&apos;d &#xe9;'),
      login('a&#60;b&amp;&#34;', 'c&#39;d é'),
      envelope('<x:RetrieveServiceContent xmlns:x="urn:vim25"/>')
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers[1]?.body).toContain('<userName>a&#60;b&#38;&#34;</userName>');
    expect(requests.map(({ op, user }) => [op, user])).toEqual([
      ['soap.Login', 'user'],
      ['soap.Login', 'a<b&"'],
      ['soap.Login', 'a<b&"'],
      ['soap.RetrieveServiceContent', undefined]
    ]);
  });

  it('should answer with a fault what it does not know', async () => {
    const { answers } = await asked(
      login('user', 'wrong'),
      envelope('<Login xmlns="urn:vim25"/>'),
      envelope('<PowerOnVM_Task xmlns="urn:vim25"/>'),
      'nonsense'
    );
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500]);
    expect(answers[0]?.body).toContain('InvalidLogin');
    expect(answers[2]?.body).toContain('The simulator has no PowerOnVM_Task');
  });

  it('should read strictly: one call in one envelope, no document type, nothing too deep', async () => {
    const { answers, requests } = await asked(
      `<!DOCTYPE x [<!ENTITY a "b">]>${login('user', '&a;')}`,
      envelope('<a>'.repeat(100_000)),
      envelope(`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`),
      envelope('<Logout/><Logout/>'),
      envelope(''),
      '<Body><Logout/></Body>',
      '',
      envelope('<constructor/>'),
      envelope(`<${'x'.repeat(100_000)}/>`)
    );
    expect(answers.map(({ status }) => status)).toEqual(new Array(9).fill(500));
    const types = answers.map(({ body }) => /xsi:type="(\w+)"/.exec(body)?.[1]);
    expect(types).toEqual([...new Array(7).fill('InvalidRequest'), 'NotSupported', 'NotSupported']);
    expect(answers[0]?.body).toContain('DOCTYPE');
    expect(answers[2]?.body).toContain('inside one another');
    expect(requests.at(-1)?.op).toHaveLength(105);
  });

  it('should call itself 8.0 where the server that it plays has no version', async () => {
    const door = await httpDoorIn('rest')({ profile: PROFILES.vcsim });
    const body = envelope('<RetrieveServiceContent xmlns="urn:vim25"/>');
    const answer = await send(`${door.listening.url}/sdk`, { method: 'POST', body });
    expect(answer.body).toContain('<apiVersion>8.0.0</apiVersion>');
    await door.close();
  });

  it('should refuse other methods and bodies beyond the cap', async () => {
    const door = await httpDoorIn('api')();
    const get = await send(`${door.listening.url}/sdk`, {});
    expect([get.status, get.headers.allow]).toEqual([405, 'POST']);
    const large = await send(`${door.listening.url}/sdk/`, { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) });
    expect(large.status).toBe(413);
    await door.close();
  });
});
