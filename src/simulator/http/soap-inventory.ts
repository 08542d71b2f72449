// The inventory that the SOAP side shows, as data: what a client walks through to find the datastore that a library is to
// lie on. One data center, one datastore; nothing in it changes.
import { DATASTORE, datastoreUrl } from '../service/datastore.ts';

/** A reference to a managed object. */
export interface Ref {
  readonly type: string;
  readonly id: string;
}
/** A value of a type that only one object has, written already. */
export interface Written {
  readonly type: string;
  readonly xml: string;
}
export type Property = string | boolean | Ref | Written | readonly string[] | readonly Ref[];

export interface ManagedObject extends Ref {
  /** The type and what it is derived from, as far as a client may ask for it. */
  readonly kinds: readonly string[];
  /** By path; null: the type has it, the object has not. */
  readonly properties: Readonly<Record<string, Property | null>>;
}

const ROOT = { type: 'Folder', id: 'group-d1' };
const DATACENTER = { type: 'Datacenter', id: 'datacenter-1' };
const DATASTORE_REF = { type: 'Datastore', id: DATASTORE.id };
const FOLDERS = {
  vmFolder: folder('group-v1', 'vm', ['Folder', 'VirtualMachine', 'VirtualApp'], []),
  hostFolder: folder('group-h1', 'host', ['Folder', 'ComputeResource'], []),
  datastoreFolder: folder('group-s1', 'datastore', ['Folder', 'Datastore', 'StoragePod'], [DATASTORE_REF]),
  networkFolder: folder('group-n1', 'network', ['Folder', 'Network', 'DistributedVirtualSwitch'], [])
};

const ROOT_FOLDER: ManagedObject = {
  ...ROOT,
  kinds: ['Folder', 'ManagedEntity'],
  properties: { name: 'Datacenters', parent: null, childType: ['Folder', 'Datacenter'], childEntity: [DATACENTER] }
};
const DATACENTER_ITSELF: ManagedObject = {
  ...DATACENTER,
  kinds: ['Datacenter', 'ManagedEntity'],
  properties: {
    name: 'Datacenter1',
    parent: ROOT,
    ...Object.fromEntries(Object.entries(FOLDERS).map(([property, { type, id }]) => [property, { type, id }])),
    datastore: [DATASTORE_REF]
  }
};

/** All that is there, for a client that may see everything. */
export function inventoryOf(serverGuid: string): readonly ManagedObject[] {
  return [ROOT_FOLDER, DATACENTER_ITSELF, ...Object.values(FOLDERS), datastoreOf(serverGuid)];
}

function datastoreOf(serverGuid: string): ManagedObject {
  return {
    ...DATASTORE_REF,
    kinds: ['Datastore', 'ManagedEntity'],
    properties: {
      name: DATASTORE.name,
      parent: { type: 'Folder', id: FOLDERS.datastoreFolder.id },
      'summary.name': DATASTORE.name,
      'summary.url': datastoreUrl(serverGuid),
      'summary.type': 'VMFS',
      'summary.accessible': true,
      'capability.topLevelDirectoryCreateSupported': true
    }
  };
}

function folder(id: string, name: string, childType: readonly string[], childEntity: readonly Ref[]): ManagedObject {
  return {
    type: 'Folder',
    id,
    kinds: ['Folder', 'ManagedEntity'],
    properties: { name, parent: DATACENTER, childType, childEntity }
  };
}
