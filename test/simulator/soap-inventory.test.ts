import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpDoor, httpDoorIn, type Received, send } from './doors.ts';

const NAMESPACES =
  'xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const envelope = (content: string) => `<?xml version="1.0"?><Envelope ${NAMESPACES}><Body>${content}</Body></Envelope>`;
const call = (method: string, content = '') => envelope(`<${method} xmlns="urn:vim25">${content}</${method}>`);
const LOGIN = call('Login', '<userName>user</userName><password>pass</password>');
const retrieve = (...filters: string[]) =>
  call('RetrievePropertiesEx', filters.map(filter => `<specSet>${filter}</specSet>`).join(''));
const props = (type: string, ...paths: string[]) =>
  `<propSet><type>${type}</type>${paths.map(path => `<pathSet>${path}</pathSet>`).join('')}</propSet>`;
const objects = (type: string, id: string, more = '') =>
  `<objectSet><obj type="${type}">${id}</obj>${more}</objectSet>`;
const SKIP = '<skip>true</skip>';
const traversal = (type: string, path: string, more = '') =>
  `<selectSet xsi:type="TraversalSpec"><type>${type}</type><path>${path}</path>${more}</selectSet>`;
const named = (name: string) => `<selectSet><name>${name}</name></selectSet>`;
const ANCESTORS = traversal(
  'ManagedEntity',
  'parent',
  `<name>traverseParent</name><skip>false</skip>${named('traverseParent')}`
);

describe('the inventory over SOAP', () => {
  let door: HttpDoor;
  let cookie: string;

  beforeEach(async () => {
    door = await httpDoorIn('api')();
    cookie = cookieOf(await asked(LOGIN, ''));
  });
  afterEach(() => door.close());

  it('should lead from the root folder to the data center, and from there to the folders', async () => {
    const children = await found(
      retrieve(
        props('Folder', 'name', 'childType') +
          props('Datacenter', 'name') +
          props('VirtualApp', 'name') +
          objects('Folder', 'group-d1', SKIP + traversal('Folder', 'childEntity'))
      )
    );
    expect(children).toEqual({ 'datacenter-1': { name: 'Datacenter1' } });
    expect(
      await found(
        retrieve(props('Datacenter', 'name', 'datastoreFolder', 'vmFolder') + objects('Datacenter', 'datacenter-1'))
      )
    ).toEqual({
      'datacenter-1': { name: 'Datacenter1', datastoreFolder: 'Folder group-s1', vmFolder: 'Folder group-v1' }
    });
  });

  it('should lead from the folder of datastores to the one that is there', async () => {
    const wanted = props('Datastore', 'name', 'summary.url', 'capability.topLevelDirectoryCreateSupported');
    const { serverGuid } = door.simulator.state.settings;
    expect(
      await found(retrieve(wanted + objects('Folder', 'group-s1', SKIP + traversal('Folder', 'childEntity'))))
    ).toEqual({
      'datastore-1': {
        name: 'datastore1',
        'summary.url': `ds:///vmfs/volumes/${serverGuid}/`,
        'capability.topLevelDirectoryCreateSupported': 'true'
      }
    });
  });

  it('should lead back from anywhere to the root, whose parent is not told', async () => {
    const wanted = props('ManagedEntity', 'name', 'parent');
    expect(await found(retrieve(wanted + objects('Datastore', 'datastore-1', ANCESTORS)))).toEqual({
      'datastore-1': { name: 'datastore1', parent: 'Folder group-s1' },
      'group-s1': { name: 'datastore', parent: 'Datacenter datacenter-1' },
      'datacenter-1': { name: 'Datacenter1', parent: 'Folder group-d1' },
      'group-d1': { name: 'Datacenters' }
    });
  });

  it('should tell all properties of a type, where all are wanted', async () => {
    const all = '<propSet><type>Folder</type><all>1</all></propSet>';
    expect(await found(retrieve(all + objects('Folder', 'group-d1')))).toEqual({
      'group-d1': { name: 'Datacenters', childType: 'Folder Datacenter', childEntity: 'Datacenter datacenter-1' }
    });
    expect(await found(retrieve(all + objects('Folder', 'group-n1')))).toMatchObject({
      'group-n1': { childType: 'Folder Network DistributedVirtualSwitch', childEntity: '' }
    });
  });

  it('should tell an object once, with what each of the filters wants of it', async () => {
    const folder = objects('Folder', 'group-d1');
    const filters = [props('Folder', 'name') + folder + folder, props('ManagedEntity', 'childType') + folder];
    expect(await found(retrieve(...filters))).toEqual({
      'group-d1': { name: 'Datacenters', childType: 'Folder Datacenter' }
    });
  });

  it('should tell nothing where nothing is wanted, or nothing selected', async () => {
    expect(await found(retrieve(props('VirtualMachine', 'name') + objects('Folder', 'group-d1')))).toEqual({});
    expect(await found(retrieve(props('Folder', 'name') + objects('Folder', 'group-d1', SKIP)))).toEqual({});
    expect(await found(retrieve(`<propSet/>${objects('Folder', 'group-d1')}`))).toEqual({});
    expect(await found(retrieve())).toEqual({});
  });

  it('should end where a traversal has been, and not go where its type does not fit', async () => {
    const round = traversal(
      'Folder',
      'childEntity',
      `<name>down</name>${traversal('Datacenter', 'datastoreFolder', named('down'))}${traversal('ManagedEntity', 'parent', named('down'))}`
    );
    const told = await found(retrieve(props('ManagedEntity', 'name') + objects('Folder', 'group-d1', round)));
    expect(Object.keys(told).sort()).toEqual(['datacenter-1', 'datastore-1', 'group-d1', 'group-s1']);
  });

  it('should follow a chain of traversals of any length', async () => {
    const back = (index: number) => (index % 2 === 0 ? ['Datacenter', 'vmFolder'] : ['Folder', 'parent']);
    const chain = Array.from({ length: 4_000 }, (_, index) => {
      const [type = '', path = ''] = back(index);
      return traversal(type, path, `<name>${index}</name>${named(String((index + 1) % 4_000))}`);
    });
    const wanted = props('Folder', 'name') + objects('Datacenter', 'datacenter-1', chain.join(''));
    expect(await found(retrieve(wanted))).toEqual({ 'group-v1': { name: 'vm' } });
  });

  it('should say what is wrong with what is asked', async () => {
    const wrong = async (filter: string) => faultOf(await asked(retrieve(filter)));
    expect(await wrong(props('Datastore', 'name') + objects('Datastore', 'datastore-7'))).toEqual([
      'ManagedObjectNotFound',
      'datastore-7'
    ]);
    expect(await wrong(props('Datastore', 'name') + objects('Folder', 'datastore-1'))).toEqual([
      'ManagedObjectNotFound',
      'datastore-1'
    ]);
    expect(await wrong(`${props('Datastore', 'name')}<objectSet/>`)).toEqual(['ManagedObjectNotFound', '']);
    const folder = (more: string) => props('Folder', 'name') + objects('Folder', 'group-d1', more);
    expect(await wrong(props('Folder', 'host') + objects('Folder', 'group-d1'))).toEqual(['InvalidProperty', 'host']);
    expect(await wrong(props('Folder', 'constructor') + objects('Folder', 'group-d1'))).toEqual([
      'InvalidProperty',
      'constructor'
    ]);
    expect(await wrong(folder(traversal('Folder', 'children')))).toEqual(['InvalidProperty', 'children']);
    expect(await wrong(folder(named('nowhere')))).toEqual(['InvalidArgument', 'selectSet']);
    expect(await wrong(folder('<selectSet/>'))).toEqual(['InvalidArgument', 'selectSet']);
  });

  it('should tell the login its session, and others that they have none', async () => {
    const wanted = retrieve(props('SessionManager', 'currentSession') + objects('SessionManager', 'SessionManager'));
    const { body } = await asked(wanted);
    expect(body).toContain('<val xsi:type="UserSession">');
    const session = /<val xsi:type="UserSession">(.*)<\/val>/.exec(body)![1]!;
    expect(session).toContain('<userName>user</userName>');
    expect(session).not.toContain(cookie.split('=')[1]);
    const key = /<key>(.*)<\/key>/.exec(session)![1]!;
    const isActive = (id: string, user: string) =>
      asked(call('SessionIsActive', `<sessionID>${id}</sessionID><userName>${user}</userName>`));
    expect((await isActive(key, 'user')).body).toContain('<returnval>true</returnval>');
    expect((await isActive(key, 'other')).body).toContain('<returnval>false</returnval>');
    expect((await isActive('another', 'user')).body).toContain('<returnval>false</returnval>');
    for (const body of [wanted, call('CurrentTime'), call('SessionIsActive'), call('Logout')]) {
      expect(faultOf(await asked(body, ''))).toEqual(['NotAuthenticated', 'group-d1']);
      expect(faultOf(await asked(body, 'vmware_soap_session=stale'))).toEqual(['NotAuthenticated', 'group-d1']);
    }
  });

  it('should end a login by logout, by time, and with all others', async () => {
    expect((await asked(call('CurrentTime'))).body).toContain('<returnval>2025-03-01T12:00:00.000Z</returnval>');
    expect((await asked(call('Logout'))).status).toBe(200);
    expect(faultOf(await asked(call('CurrentTime')))).toEqual(['NotAuthenticated', 'group-d1']);
    cookie = cookieOf(await asked(LOGIN, ''));
    await door.clock.advanceBy(31 * 60_000);
    expect(faultOf(await asked(call('CurrentTime')))).toEqual(['NotAuthenticated', 'group-d1']);
    cookie = cookieOf(await asked(LOGIN, ''));
    door.simulator.endLogins();
    expect(faultOf(await asked(call('CurrentTime')))).toEqual(['NotAuthenticated', 'group-d1']);
  });

  it('should write down who asked', async () => {
    await asked(call('CurrentTime'));
    await asked(call('CurrentTime'), '');
    const seen = door.simulator.requests.slice(-2);
    expect(seen.map(({ op, user, status }) => [op, user, status])).toEqual([
      ['soap.CurrentTime', 'user', 200],
      ['soap.CurrentTime', undefined, 500]
    ]);
  });

  function asked(body: string, shown = cookie): Promise<Received> {
    const headers = { 'content-type': 'text/xml', ...(shown !== '' && { cookie: shown }) };
    return send(`${door.listening.url}/sdk`, { method: 'POST', headers, body });
  }

  /** By the id of the object: its properties, with what refers to others as `TYPE ID`. */
  async function found(body: string): Promise<Record<string, Record<string, string>>> {
    const answer = await asked(body);
    expect(answer.status).toBe(200);
    const told = all(parseXml(answer.body).root!, 'objects').map(object => {
      const its = all(object, 'propSet').map(prop => [all(prop, 'name')[0]!.text, textOfValue(all(prop, 'val')[0]!)]);
      return [all(object, 'obj')[0]!.text, Object.fromEntries(its)];
    });
    return Object.fromEntries(told);
  }
});

function cookieOf({ headers }: Received): string {
  return headers['set-cookie']![0]!.split(';')[0]!;
}

/** Type of the fault, and what its detail holds first. */
function faultOf({ status, body }: Received): string[] {
  const [, type, detail] = /<(\w+)Fault xmlns="urn:vim25" xsi:type="\1">(?:<[^>]*>)?([^<]*)/.exec(body) ?? [];
  return status === 500 ? [type!, detail!] : [String(status)];
}

function textOfValue(value: XmlElement): string {
  const items = value.children.filter(child => child instanceof XmlElement);
  if (items.length > 0) return items.map(textOfValue).join(' ');
  return [value.attributes.type, value.text].filter(part => part !== undefined).join(' ');
}

function all(element: XmlElement, name: string): XmlElement[] {
  return element.children
    .filter(child => child instanceof XmlElement)
    .flatMap(child => (child.name === name ? [child] : all(child, name)));
}
