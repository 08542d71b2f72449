// shelver item rm: removes an item with its files.
import { UsageError } from './exit.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';
import { findItem, findLibrary, itemById, placeOf } from './place.ts';
import { withConnection } from './server.ts';

export async function removeItemCommand(text: string, flags: CommonFlags, context: Context): Promise<number> {
  const { library, item } = placeOf(text);
  const alone = item === undefined ? library.id : undefined;
  if (item === undefined && alone === undefined) {
    throw new UsageError(`${JSON.stringify(text)} names no item`, 'write LIBRARY/ITEM or id:UUID');
  }
  const removed = await withConnection(flags, context, async ({ library: service }) => {
    const found =
      item === undefined
        ? await itemById(service, alone as string)
        : await findItem(service, await findLibrary(service, library), item);
    await service.deleteItem(found.id);
    return { id: found.id, name: found.name };
  });
  if (context.out.json) context.out.object({ removed: { item: removed } });
  else context.out.log('info', `removed the item ${JSON.stringify(removed.name)} (${removed.id})`);
  return 0;
}
