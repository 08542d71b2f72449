// Who may do what: the privilege that each operation needs (the privilege notes of vSphere API 8.0), and the sets of them that
// people call roles. Privileges are held everywhere at once: there are no permissions on single objects here.
import type { OperationName, WireArgs } from '../../wire/operations.ts';
import { needed, specOf } from './arguments.ts';
import { downloadOf } from './download-work.ts';
import { unauthorized } from './refusals.ts';
import type { ServiceState } from './state.ts';
import type { Work } from './work.ts';

/** Every privilege by name; System.Anonymous is what any login holds. */
export const PRIVILEGES = [
  'System.Anonymous',
  'System.Read',
  'Datastore.AllocateSpace',
  'ContentLibrary.AddLibraryItem',
  'ContentLibrary.CreateLocalLibrary',
  'ContentLibrary.DeleteLibraryItem',
  'ContentLibrary.DeleteLocalLibrary',
  'ContentLibrary.DeleteSubscribedLibrary',
  'ContentLibrary.DownloadSession',
  'ContentLibrary.GetConfiguration',
  'ContentLibrary.ReadStorage',
  'ContentLibrary.TypeIntrospection',
  'ContentLibrary.UpdateConfiguration',
  'ContentLibrary.UpdateLibrary',
  'ContentLibrary.UpdateLibraryItem',
  'ContentLibrary.UpdateLocalLibrary',
  'ContentLibrary.UpdateSession',
  'ContentLibrary.UpdateSubscribedLibrary',
  // of operations that are not here
  'ContentLibrary.AddSubscription',
  'ContentLibrary.CreateSubscribedLibrary',
  'ContentLibrary.DeleteSubscription',
  'ContentLibrary.EvictLibraryItem',
  'ContentLibrary.EvictSubscribedLibrary',
  'ContentLibrary.ProbeSubscription',
  'ContentLibrary.PublishLibrary',
  'ContentLibrary.PublishLibraryItem',
  'ContentLibrary.SyncLibrary',
  'ContentLibrary.SyncLibraryItem',
  'ContentLibrary.UpdateSubscription'
] as const;
export type Privilege = (typeof PRIVILEGES)[number];

/** Roles that are there without being made. */
export const ROLES: Readonly<Record<string, readonly Privilege[]>> = {
  Administrator: PRIVILEGES,
  ReadOnly: ['System.Read', 'ContentLibrary.TypeIntrospection'],
  Downloader: ['System.Read', 'ContentLibrary.TypeIntrospection', 'ContentLibrary.DownloadSession'],
  /** Makes items, fills them and takes back what did not come to an end. */
  Uploader: [
    'System.Read',
    'ContentLibrary.TypeIntrospection',
    'ContentLibrary.AddLibraryItem',
    'ContentLibrary.DeleteLibraryItem',
    'ContentLibrary.UpdateLibraryItem',
    'ContentLibrary.UpdateSession'
  ]
};

export interface Need {
  readonly privilege: Privilege;
  /** Only of calls like this. */
  readonly of?: (args: WireArgs) => boolean;
  /** Whether it is held, where it is not the caller's of now. */
  readonly held?: (work: Work, args: WireArgs) => boolean;
}

const READS: readonly Need[] = [{ privilege: 'System.Read' }];
/** System.Anonymous: whoever is logged in. That sessions are their owner's only is not a matter of privileges. */
const ANYONE: readonly Need[] = [];

/** What each operation needs, in the order in which it is asked for. */
export const NEEDS: Readonly<Record<OperationName, readonly Need[]>> = {
  'session.create': [{ privilege: 'ContentLibrary.UpdateSession' }],
  'session.list': [{ privilege: 'ContentLibrary.UpdateSession', of: ofOneItem }],
  'session.get': ANYONE,
  'session.update': ANYONE,
  'session.delete': ANYONE,
  'session.complete': ANYONE,
  'session.cancel': ANYONE,
  'session.fail': ANYONE,
  'session.keepAlive': ANYONE,
  'file.add': [{ privilege: 'ContentLibrary.ReadStorage', of: fromStorage }],
  'file.list': ANYONE,
  'file.get': ANYONE,
  'file.remove': ANYONE,
  'file.validate': ANYONE,
  'file.probe': ANYONE,
  'download.create': [{ privilege: 'ContentLibrary.DownloadSession' }],
  'download.list': [{ privilege: 'ContentLibrary.DownloadSession', of: ofOneItem }],
  'download.get': ANYONE,
  'download.delete': ANYONE,
  'download.cancel': ANYONE,
  'download.fail': ANYONE,
  'download.keepAlive': ANYONE,
  'downloadFile.list': ANYONE,
  'downloadFile.get': ANYONE,
  'downloadFile.prepare': [{ privilege: 'ContentLibrary.ReadStorage', of: toStorage, held: whenCreated }],
  'library.list': READS,
  'library.get': READS,
  'library.find': READS,
  'library.update': [{ privilege: 'ContentLibrary.UpdateLibrary' }],
  'localLibrary.list': READS,
  'localLibrary.create': [
    { privilege: 'ContentLibrary.CreateLocalLibrary' },
    { privilege: 'Datastore.AllocateSpace', of: onDatastore }
  ],
  'localLibrary.get': READS,
  'localLibrary.update': [{ privilege: 'ContentLibrary.UpdateLocalLibrary' }],
  'localLibrary.delete': [{ privilege: 'ContentLibrary.DeleteLocalLibrary' }],
  'subscribedLibrary.list': READS,
  'subscribedLibrary.get': READS,
  'subscribedLibrary.update': [{ privilege: 'ContentLibrary.UpdateSubscribedLibrary' }],
  'subscribedLibrary.delete': [{ privilege: 'ContentLibrary.DeleteSubscribedLibrary' }],
  'item.create': [{ privilege: 'ContentLibrary.AddLibraryItem' }],
  'item.list': READS,
  'item.get': READS,
  'item.find': READS,
  'item.update': [{ privilege: 'ContentLibrary.UpdateLibraryItem' }],
  // Of the target, and of the source.
  'item.copy': [{ privilege: 'ContentLibrary.AddLibraryItem' }, { privilege: 'System.Read' }],
  'item.delete': [{ privilege: 'ContentLibrary.DeleteLibraryItem' }],
  'itemFile.list': READS,
  'itemFile.get': READS,
  'itemStorage.list': [{ privilege: 'ContentLibrary.ReadStorage' }],
  'itemStorage.get': [{ privilege: 'ContentLibrary.ReadStorage' }],
  'type.list': [{ privilege: 'ContentLibrary.TypeIntrospection' }],
  'configuration.get': [{ privilege: 'ContentLibrary.GetConfiguration' }],
  'configuration.update': [{ privilege: 'ContentLibrary.UpdateConfiguration' }],
  'login.create': ANYONE,
  'login.get': ANYONE,
  'login.delete': ANYONE,
  'system.version': ANYONE
};

/**
 * Throws a `Refusal` UNAUTHORIZED that names the first privilege which is not held. It comes after the login and the form of
 * the request, and before its arguments are looked at, so that nobody learns what is there from a refusal (our judgement).
 */
export function demand(work: Work, op: OperationName, args: WireArgs): void {
  for (const { privilege, of, held } of NEEDS[op]) {
    if (of !== undefined && !of(args)) continue;
    const has = held === undefined ? holds(work.state, work.context.user, privilege) : held(work, args);
    if (!has) throw unauthorized(privilege);
  }
}

export function holds({ settings }: ServiceState, user: string, privilege: Privilege): boolean {
  if (Object.hasOwn(settings.privileges, user)) return settings.privileges[user]!.includes(privilege);
  return privilege !== 'ContentLibrary.ReadStorage' || settings.rules.readStorage;
}

function ofOneItem({ library_item_id }: WireArgs): boolean {
  return library_item_id !== undefined;
}

/** A source that lies in a storage of the service, or in its file system. */
function fromStorage(args: WireArgs): boolean {
  const { source_type, source_endpoint } = specOf(args) as {
    source_type?: unknown;
    source_endpoint?: { uri?: unknown };
  };
  return source_type === 'PULL' && /^(?:file|ds):/i.test(String(source_endpoint?.uri));
}

function toStorage({ endpoint_type }: WireArgs): boolean {
  return endpoint_type === 'DIRECT';
}

/** What counts is what the owner held when the download session was created (DownloadSession.File.prepare, vSphere API 8.0). */
function whenCreated(work: Work, args: WireArgs): boolean {
  return downloadOf(work, needed(args, 'download_session_id')).readsStorage === true;
}

function onDatastore(args: WireArgs): boolean {
  const { storage_backings = [] } = specOf(args) as { storage_backings?: readonly { type?: unknown }[] };
  return storage_backings.some(({ type }) => type === 'DATASTORE');
}
