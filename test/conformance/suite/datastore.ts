// Where a new library can lie: a server with datastores wants one named. It is asked for over REST, and where that is not
// served (vcsim) over the older SOAP.
import type { Dialect, Fields } from './say.ts';
import type { Reply, Sent } from './send.ts';
import { isRecord } from './verdict.ts';

export type Tell = (request: Omit<Sent, 'url' | 'insecure'> & { readonly path: string }) => Promise<Reply>;

export interface Asking {
  readonly tell: Tell;
  readonly get: (path: string) => Promise<Reply>;
  readonly dialect: Dialect;
  readonly username: string;
  readonly password: string;
  readonly signal: AbortSignal;
}

/** The storage backing of a library; one of type OTHER where the server knows no datastore. */
export async function backingOf(asking: Asking): Promise<Fields> {
  const datastore = (await overRest(asking)) ?? (await overSoap(asking).catch(() => undefined));
  return datastore === undefined ? { type: 'OTHER' } : { type: 'DATASTORE', datastore_id: datastore };
}

async function overRest({ get, dialect }: Asking): Promise<string | undefined> {
  const { status, json } = await get(`/${dialect}/vcenter/datastore`);
  const found = isRecord(json) ? json.value : json;
  const first: unknown = status === 200 && Array.isArray(found) ? found[0] : undefined;
  return isRecord(first) && typeof first.datastore === 'string' ? first.datastore : undefined;
}

async function overSoap({ tell, username, password, signal }: Asking): Promise<string | undefined> {
  const call = (body: string, cookie = '') =>
    tell({
      method: 'POST',
      path: '/sdk',
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: 'urn:vim25/6.5', ...(cookie && { cookie }) },
      body: `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${body}</Body></Envelope>`,
      signal
    });
  const about = await call(of('RetrieveServiceContent', ref('ServiceInstance', 'ServiceInstance')));
  const [folder, collector, manager] = ['rootFolder', 'propertyCollector', 'sessionManager'].map(
    name => new RegExp(`<${name}[^>]*>([^<]+)<`).exec(about.text)?.[1]
  );
  if (folder === undefined || collector === undefined || manager === undefined) return undefined;
  const who = `<userName>${escaped(username)}</userName><password>${escaped(password)}</password>`;
  const login = await call(of('Login', `${ref('SessionManager', manager)}${who}`));
  const cookie = (login.headers['set-cookie'] ?? []).map(each => each.split(';', 1)[0]).join('; ');
  const found = await call(of('RetrievePropertiesEx', everyDatastore(collector, folder)), cookie);
  await call(of('Logout', ref('SessionManager', manager)), cookie);
  return /<obj[^>]*type="Datastore"[^>]*>([^<]+)</.exec(found.text)?.[1];
}

function of(method: string, body: string): string {
  return `<${method} xmlns="urn:vim25">${body}</${method}>`;
}

function ref(type: string, id: string): string {
  return `<_this type="${type}">${escaped(id)}</_this>`;
}

/** From the root folder over its datacenters to their datastores. */
function everyDatastore(collector: string, folder: string): string {
  const type = (name: string) => `xsi:type="${name}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;
  const stores = `<selectSet ${type('TraversalSpec')}><name>stores</name><type>Datacenter</type><path>datastore</path><skip>false</skip></selectSet>`;
  const centers = `<selectSet ${type('TraversalSpec')}><name>centers</name><type>Folder</type><path>childEntity</path><skip>true</skip>${stores}</selectSet>`;
  return `${ref('PropertyCollector', collector)}<specSet><propSet><type>Datastore</type><pathSet>name</pathSet></propSet><objectSet><obj type="Folder">${folder}</obj><skip>true</skip>${centers}</objectSet></specSet><options/>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
