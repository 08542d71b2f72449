// Who may do what, over HTTP in both dialects, against the documentation's list of privileges written down a second time here.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createSimulator,
  type Privilege,
  type Simulator,
  type SimulatorOptions,
  virtualClock
} from '../../src/simulator/index.ts';
import { NEEDS, type Need, PRIVILEGES, ROLES } from '../../src/simulator/service/privileges.ts';
import { encodeRequest } from '../../src/wire/codec.ts';
import { models } from '../../src/wire/model-fields.ts';
import { type OperationName, operation, operationNames, type WireArgs } from '../../src/wire/operations.ts';
import { basic, NOW, send } from './doors.ts';

const DIALECTS = ['api', 'rest'] as const;
type Dialect = (typeof DIALECTS)[number];

/** Ids of what the calls are about; none of them are there, so that nothing is changed when a call is let through. */
const NOTHING = {
  library_id: 'l',
  source_library_item_id: 's',
  update_session_id: 'u',
  download_session_id: 'd',
  file_name: 'f',
  name: 'n',
  client_error_message: 'm'
};
const PULL = { name: 'n', source_type: 'PULL' };

function argumentsOf(op: OperationName, more: WireArgs): WireArgs {
  const fields = models[operation(op).spec ?? 'AddSpec'];
  const spec = { name: 'n', library_id: 'l', library_item_id: 'i', source_type: 'PUSH' };
  return {
    ...NOTHING,
    // a list of sessions is of all items unless it is told otherwise
    library_item_id: /^(session|download)\.list$/.test(op) ? undefined : 'i',
    spec: Object.fromEntries(Object.entries(spec).filter(([name]) => Object.hasOwn(fields, name))),
    ...more
  };
}

/** Operation, privilege, and the arguments that make it needed, if not all do. */
const NEEDED: readonly (readonly [OperationName, Privilege, WireArgs?])[] = [
  ['session.create', 'ContentLibrary.UpdateSession'],
  ['session.list', 'ContentLibrary.UpdateSession', { library_item_id: 'i' }],
  ['download.create', 'ContentLibrary.DownloadSession'],
  ['download.list', 'ContentLibrary.DownloadSession', { library_item_id: 'i' }],
  ['file.add', 'ContentLibrary.ReadStorage', { spec: { ...PULL, source_endpoint: { uri: 'ds:///vmfs/x' } } }],
  ['file.add', 'ContentLibrary.ReadStorage', { spec: { ...PULL, source_endpoint: { uri: 'FILE:///x' } } }],
  ['itemStorage.list', 'ContentLibrary.ReadStorage'],
  ['itemStorage.get', 'ContentLibrary.ReadStorage'],
  ['item.create', 'ContentLibrary.AddLibraryItem'],
  ['item.delete', 'ContentLibrary.DeleteLibraryItem'],
  ['item.update', 'ContentLibrary.UpdateLibraryItem'],
  ['item.copy', 'ContentLibrary.AddLibraryItem'],
  ['item.copy', 'System.Read'],
  ['localLibrary.create', 'ContentLibrary.CreateLocalLibrary'],
  ['localLibrary.create', 'Datastore.AllocateSpace', { spec: { storage_backings: [{ type: 'DATASTORE' }] } }],
  ['localLibrary.update', 'ContentLibrary.UpdateLocalLibrary'],
  ['localLibrary.delete', 'ContentLibrary.DeleteLocalLibrary'],
  ['subscribedLibrary.update', 'ContentLibrary.UpdateSubscribedLibrary'],
  ['subscribedLibrary.delete', 'ContentLibrary.DeleteSubscribedLibrary'],
  ['library.update', 'ContentLibrary.UpdateLibrary'],
  ['configuration.get', 'ContentLibrary.GetConfiguration'],
  ['configuration.update', 'ContentLibrary.UpdateConfiguration'],
  ['type.list', 'ContentLibrary.TypeIntrospection'],
  ...(
    [
      'library.list',
      'library.get',
      'library.find',
      'localLibrary.list',
      'localLibrary.get',
      'subscribedLibrary.list',
      'subscribedLibrary.get',
      'item.list',
      'item.get',
      'item.find',
      'itemFile.list',
      'itemFile.get'
    ] as const
  ).map(op => [op, 'System.Read'] as const)
];
/** Those that any login may call, whatever it holds. */
const ANYONE = operationNames.filter(op => !['login.create', 'login.delete'].includes(op) && !always(op));

function always(op: OperationName): boolean {
  return NEEDED.some(([other, , more]) => other === op && more === undefined);
}

const lacking = (privilege: Privilege) => PRIVILEGES.filter(other => other !== privilege);
const users: SimulatorOptions['users'] = {
  nobody: { password: 'p', privileges: [] },
  ...Object.fromEntries(PRIVILEGES.map(each => [each, { password: 'p', privileges: lacking(each) }]))
};

describe.each(DIALECTS)('over HTTP in /%s', dialect => {
  let world: Awaited<ReturnType<typeof opened>>;
  beforeAll(async () => {
    world = await opened(dialect);
  });
  afterAll(() => world.simulator.close());

  const named = NEEDED.map(([op, privilege, more]) => [op, privilege, shown(more), more] as const);
  it.each(named)('should let nobody do %s without %s%s', async (op, privilege, _, more) => {
    const { status, error } = await world.ask(privilege, op, more);
    expect([status, error.error_type]).toEqual([403, 'UNAUTHORIZED']);
    expect(error.messages).toEqual([
      {
        id: 'shelver.simulator.privilege_missing',
        default_message: `This needs the privilege ${privilege}.`,
        args: [privilege]
      }
    ]);
  });

  it.each(named)('should let everybody do %s once the table lacks %s%s', async (op, privilege, _, more) => {
    const needs = NEEDS[op] as Need[];
    const at = needs.findIndex(need => need.privilege === privilege);
    const [need] = needs.splice(at, 1);
    try {
      expect((await world.ask(privilege, op, more)).status).not.toBe(403);
    } finally {
      needs.splice(at, 0, need!);
    }
  });

  it.each(named)('should need nothing else for %s than %s%s, and what is listed beside', async (op, _, __, more) => {
    const needed = NEEDED.filter(([other, , args]) => other === op && (args === undefined || args === more));
    const others = PRIVILEGES.filter(privilege => !needed.some(([, other]) => other === privilege));
    for (const privilege of others) expect((await world.ask(privilege, op, more)).status).not.toBe(403);
  });

  it.each(ANYONE)('should let anyone who is logged in do %s', async op => {
    if (operation(op)[dialect] === undefined) return;
    expect((await world.ask('nobody', op)).status).not.toBe(403);
  });

  it('should ask for a login first, then look at the form of the request, then at privileges, then at the rest', async () => {
    const spec = { library_item_id: 'nothing' };
    expect((await world.ask(undefined, 'session.create', { spec })).status).toBe(401);
    expect((await world.ask('nobody', 'session.create', { spec: { ...spec, more: 1 } })).error).toMatchObject({
      error_type: 'INVALID_ARGUMENT'
    });
    expect((await world.ask('nobody', 'session.create', { spec })).status).toBe(403);
    expect((await world.ask('nobody', 'session.create', { spec: {}, client_token: 'x' })).status).toBe(403);
    expect((await world.ask('System.Read', 'session.create', { spec })).status).toBe(404);
  });

  it('should give the place of a file to whoever could read storage when the download began', async () => {
    for (const user of ['ContentLibrary.ReadStorage', 'System.Read'] as const) {
      const spec = { library_item_id: world.item };
      const download_session_id = (await world.ask(user, 'download.create', { spec })).value as string;
      const prepare = { download_session_id, file_name: 'a.iso', endpoint_type: 'DIRECT' };
      const { status, error, value } = await world.ask(user, 'downloadFile.prepare', prepare);
      if (user === 'System.Read') {
        const uri = expect.stringMatching(/^ds:\/\/\/vmfs\/volumes\//);
        expect(value).toMatchObject({ status: 'PREPARED', download_endpoint: { uri } });
      } else {
        expect([status, error.messages[0]?.args]).toEqual([403, ['ContentLibrary.ReadStorage']]);
        const plain = await world.ask(user, 'downloadFile.prepare', { ...prepare, endpoint_type: 'HTTPS' });
        expect(plain.value).toMatchObject({ status: 'PREPARED' });
      }
    }
  });
});

describe('the table', () => {
  it('should hold what the documentation lists, and nothing else', () => {
    const listed = new Set(NEEDED.map(([op, privilege]) => `${op} ${privilege}`));
    listed.add('downloadFile.prepare ContentLibrary.ReadStorage');
    const held = operationNames.flatMap(op => NEEDS[op].map(({ privilege }) => `${op} ${privilege}`));
    expect(new Set(held)).toEqual(listed);
  });

  it('should give each role what its work needs, and nothing else', () => {
    const reads: readonly Privilege[] = ['System.Read', 'ContentLibrary.TypeIntrospection'];
    const works: readonly OperationName[] = ['session.create', 'item.create', 'item.update', 'item.delete'];
    const needed = works.flatMap(op => NEEDED.filter(([other]) => other === op).map(([, privilege]) => privilege));
    const held = Object.entries(ROLES).map(([role, privileges]) => [role, [...privileges].sort()]);
    expect(Object.fromEntries(held)).toEqual({
      Administrator: [...PRIVILEGES].sort(),
      ReadOnly: [...reads].sort(),
      Downloader: [...reads, 'ContentLibrary.DownloadSession'].sort(),
      Uploader: [...reads, ...needed].sort()
    });
    expect([...PRIVILEGES]).toEqual(expect.arrayContaining(NEEDED.map(([, privilege]) => privilege)));
  });
});

interface Asked {
  readonly status: number;
  readonly value: unknown;
  readonly error: { readonly error_type?: string; readonly messages: readonly { readonly args: string[] }[] };
}

/** A simulator with a user for each privilege, who holds all the others. */
async function opened(dialect: Dialect) {
  const items = [{ name: 'one', files: [{ name: 'a.iso', text: 'hello' }] }];
  const simulator: Simulator = createSimulator({
    clock: virtualClock(NOW),
    users,
    libraries: [{ name: 'images', items }]
  });
  const { url } = await simulator.listen();
  const tokens = new Map<string, string>();
  for (const user of Object.keys(users ?? {})) {
    const headers = { authorization: basic(user, 'p') };
    const { body } = await send(`${url}/api/session`, { method: 'POST', headers });
    tokens.set(user, JSON.parse(body) as string);
  }
  const ask = async (
    user: Privilege | 'nobody' | undefined,
    op: OperationName,
    args: WireArgs = {}
  ): Promise<Asked> => {
    const { method, path, body, headers } = encodeRequest(op, dialect, argumentsOf(op, args), { tokenPlace: 'body' });
    const token: Record<string, string> = user === undefined ? {} : { 'vmware-api-session-id': tokens.get(user)! };
    const answer = await send(`${url}${path}`, {
      method,
      headers: { ...headers, ...token },
      ...(body !== undefined && { body: JSON.stringify(body) })
    });
    const parsed = (answer.body === '' ? {} : JSON.parse(answer.body)) as Record<string, unknown>;
    const value = dialect === 'rest' ? parsed.value : parsed;
    return { status: answer.status, value, error: value as Asked['error'] };
  };
  return { simulator, item: simulator.contents('one')!.id, ask };
}

function shown(args: WireArgs | undefined): string {
  return args === undefined ? '' : ` (${JSON.stringify(args)})`;
}
