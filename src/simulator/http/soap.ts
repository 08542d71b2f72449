// The little of the vSphere Web Services (SOAP, /sdk) that govc wants beside the content library: what the service is, login
// and logout, and the inventory that leads to a datastore. Anything else is answered with a fault that names it.
import { createHash } from 'node:crypto';
import type { ServerProfile } from '../../ports.ts';
import type { Login, Logins } from '../logins.ts';
import { inventoryOf, type ManagedObject } from './soap-inventory.ts';
import { collect } from './soap-properties.ts';
import { readSoap, type SoapElement, textOf } from './soap-reader.ts';
import { fault, fields, response, SoapFault } from './soap-writer.ts';

export interface SoapAnswer {
  readonly status: number;
  readonly xml: string;
  /** Name of the method that was called. */
  readonly method: string;
  readonly user?: string;
  /** Token of a login that this answer begins. */
  readonly begun?: string;
}
export interface SoapHost {
  readonly logins: Logins;
  readonly profile: ServerProfile;
  /** Stands for this installation. */
  readonly instanceId: string;
  now(): number;
}

/** The log and the answer repeat no more of a name. */
const NAME_SHOWN = 100;

/** `token` is what the request shows of its login. */
export function answerSoap(body: string, token: string | undefined, host: SoapHost): SoapAnswer {
  let method = 'unknown';
  const login = host.logins.find(token);
  try {
    const call = readSoap(body);
    method = call.name.slice(0, NAME_SHOWN);
    const known = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (known === undefined) {
      throw new SoapFault('NotSupported', `The simulator has no ${method}: only the content library is here.`);
    }
    const { content = '', ...more } = known(call, login, host);
    return { status: 200, method, ...(login && { user: login.user }), ...more, xml: response(method, content) };
  } catch (cause) {
    if (!(cause instanceof SoapFault)) throw cause;
    return { status: 500, method, ...(login && { user: login.user }), xml: fault(cause) };
  }
}

type Method = (
  call: SoapElement,
  login: Login | undefined,
  host: SoapHost
) => Pick<SoapAnswer, 'user' | 'begun'> & { readonly content?: string };

const METHODS: Readonly<Record<string, Method>> = {
  RetrieveServiceContent: (_call, _login, host) => ({ content: `<returnval>${serviceContent(host)}</returnval>` }),
  Login: (call, _login, host) => {
    const login = host.logins.open(textOf(call, 'userName') ?? '', textOf(call, 'password') ?? '');
    if (login !== undefined) {
      return { user: login.user, begun: login.token, content: `<returnval>${session(login)}</returnval>` };
    }
    throw new SoapFault('InvalidLogin', 'Cannot complete login due to an incorrect user name or password.');
  },
  Logout: (_call, login, host) => {
    host.logins.end(loggedIn(login).token);
    return {};
  },
  SessionIsActive: (call, login) => {
    const { user } = loggedIn(login);
    const active = textOf(call, 'sessionID') === keyOf(login!) && textOf(call, 'userName') === user;
    return { content: fields({ returnval: active }) };
  },
  CurrentTime: (_call, login, host) => {
    loggedIn(login);
    return { content: fields({ returnval: new Date(host.now()).toISOString() }) };
  },
  RetrievePropertiesEx: (call, login, host) => ({
    content: collect(call, [...inventoryOf(host.instanceId), sessionManager(loggedIn(login))])
  })
};

/** A client that kept a login which has ended logs in again when it is told so. */
function loggedIn(login: Login | undefined): Login {
  if (login !== undefined) return login;
  const content = `<object type="Folder">group-d1</object>${fields({ privilegeId: 'System.View' })}`;
  throw new SoapFault('NotAuthenticated', 'The session is not authenticated.', content);
}

function serviceContent({ profile, instanceId }: SoapHost): string {
  const version = /^\d/.test(profile.name) ? `${profile.name}.0` : '8.0.0';
  const about = fields({
    name: 'VMware vCenter Server',
    fullName: `VMware vCenter Server ${version} (shelver simulator)`,
    vendor: 'VMware, Inc.',
    version,
    build: '0',
    localeVersion: 'INTL',
    localeBuild: '000',
    osType: 'linux-x64',
    productLineId: 'vpx',
    apiType: 'VirtualCenter',
    apiVersion: version,
    instanceUuid: instanceId,
    licenseProductName: 'VMware VirtualCenter Server',
    licenseProductVersion: version
  });
  return [
    '<rootFolder type="Folder">group-d1</rootFolder>',
    '<propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>',
    '<viewManager type="ViewManager">ViewManager</viewManager>',
    `<about>${about}</about>`,
    '<sessionManager type="SessionManager">SessionManager</sessionManager>',
    '<searchIndex type="SearchIndex">SearchIndex</searchIndex>'
  ].join('');
}

function sessionManager(login: Login): ManagedObject {
  return {
    type: 'SessionManager',
    id: 'SessionManager',
    kinds: ['SessionManager'],
    properties: { currentSession: { type: 'UserSession', xml: session(login) } }
  };
}

function session(login: Login): string {
  const { user, createdAt, accessedAt } = login;
  return fields({
    key: keyOf(login),
    userName: user,
    fullName: user,
    loginTime: new Date(createdAt).toISOString(),
    lastActiveTime: new Date(accessedAt).toISOString(),
    locale: 'en',
    messageLocale: 'en'
  });
}

/** What a session is called where others may see it: not what opens it. */
function keyOf({ token }: Login): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 32);
}
