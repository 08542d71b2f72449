// shelver library create|rm: enough to begin with an empty vCenter Server, and to leave it as it was.
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { UsageError } from './exit.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';
import { findLibrary, placeOf } from './place.ts';
import { withConnection } from './server.ts';

export interface CreateFlags extends CommonFlags {
  readonly datastore?: string;
  readonly description?: string;
}
export interface RemoveFlags extends CommonFlags {
  readonly recursive?: boolean;
}

export async function createCommand(name: string, flags: CreateFlags, context: Context): Promise<number> {
  const fault = name.trim() === '' ? 'is empty' : name.startsWith('id:') ? 'looks like an id' : undefined;
  if (fault !== undefined) throw new UsageError(`the name of the library ${fault}`, 'choose another name');
  const id = await withConnection(flags, context, async ({ library: service, random }) => {
    // The service would take a second library of the same name, and from then on neither could be named.
    const [same] = await service.findLibraries({ name });
    if (same !== undefined) {
      const said = `there is a library ${JSON.stringify(name)} already (${same})`;
      throw new PortFailure(failure('ALREADY_EXISTS', said, { next: 'choose another name, or use that library' }));
    }
    if (flags.datastore === undefined && service.server.needsDatastore) {
      throw new UsageError(
        `${service.server.name} makes no library without a datastore`,
        'name one by --datastore, as in --datastore datastore-59 (govc ls -i datastore shows which there are)'
      );
    }
    const spec = { name, description: flags.description, datastoreId: flags.datastore };
    return service.createLibrary(spec, { token: random.uuid() });
  });
  if (context.out.json) context.out.object({ library: { id, name } });
  else context.out.data(`${id}\n`);
  return 0;
}

export async function removeCommand(text: string, flags: RemoveFlags, context: Context): Promise<number> {
  const place = placeOf(text);
  if (place.item !== undefined) {
    throw new UsageError(`${JSON.stringify(text)} names an item, not a library`, 'remove an item by shelver item rm');
  }
  const library = await withConnection(flags, context, async ({ library: service }) => {
    const found = await findLibrary(service, place.library);
    const items = flags.recursive ? [] : await service.listItems(found.id);
    if (items.length > 0) {
      throw new UsageError(
        `the library ${JSON.stringify(found.name)} holds ${items.length === 1 ? 'an item' : `${items.length} items`}`,
        'look with shelver ls; to remove it with all in it, add --recursive'
      );
    }
    await service.deleteLibrary(found.id);
    return { id: found.id, name: found.name };
  });
  if (context.out.json) context.out.object({ removed: { library } });
  else context.out.log('info', `removed the library ${JSON.stringify(library.name)} (${library.id})`);
  return 0;
}
