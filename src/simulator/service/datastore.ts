// The one datastore of this installation: storage backings, storage URIs and the inventory of the SOAP side name it alike.

export const DATASTORE = { id: 'datastore-1', name: 'datastore1' } as const;

/** What every storage URI on it begins with. */
export function datastoreUrl(serverGuid: string): string {
  return `ds:///vmfs/volumes/${serverGuid}/`;
}
