// Finding library and item, or making the item; then whether the same bytes are there already.
import { tokenOf } from '../upload-facts.ts';
import { uploadSetup } from './bookkeeping.ts';
import { abandon, attempt, itemOf, itemQuestion, leave, mayHaveMade, patiently } from './calling.ts';

export const locating = uploadSetup.createStateConfig({
  initial: 'choosingLibrary',
  states: {
    choosingLibrary: {
      always: [
        { guard: 'wasDone', target: '#upload.verifying' },
        { guard: 'resumesToEnd', target: abandon },
        { guard: 'resumes', target: '#upload.reconciling' },
        { guard: 'libraryById', target: 'readingLibrary' },
        { target: 'findingLibrary' }
      ]
    },
    findingLibrary: {
      on: { cancel: leave },
      invoke: {
        ...attempt('findLibrary', ({ input }) => ({ op: 'findLibraries', args: { name: input.to.library } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'none', target: abandon, actions: 'failNoLibrary' },
          { guard: 'several', target: abandon, actions: 'failManyLibraries' },
          { target: 'readingLibrary', actions: 'keepLibraryId' }
        ]
      }
    },
    readingLibrary: {
      on: { cancel: leave },
      invoke: {
        ...attempt('readLibrary', ({ input, library }) => ({
          op: 'getLibrary',
          args: { id: library?.id ?? input.to.library }
        })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'isSubscribed', target: abandon, actions: 'failSubscribed' },
          { target: 'choosingItem', actions: 'keepLibrary' }
        ]
      }
    },
    choosingItem: { always: [{ guard: 'itemById', target: 'readingItem' }, { target: 'findingItem' }] },
    findingItem: {
      on: { cancel: leave },
      invoke: {
        ...attempt('findItem', itemQuestion),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'noneInRehearsal', target: '#upload.planned', actions: 'keepTime' },
          { guard: 'ownIsGone', target: 'creatingItem', actions: 'nextGeneration' },
          { guard: 'none', target: 'creatingItem', actions: 'keepTime' },
          { guard: 'several', target: abandon, actions: 'failManyItems' },
          { guard: 'wasMakingForPackage', target: 'readingItem', actions: 'keepFound' },
          { guard: 'wasMaking', target: '#upload.comparing', actions: 'keepFound' },
          { target: 'readingItem', actions: 'keepItemId' }
        ]
      }
    },
    readingItem: {
      on: { cancel: leave },
      invoke: {
        ...attempt('readItem', ({ input, itemId }) => ({ op: 'getItem', args: { id: itemId ?? input.to.item } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'elsewhere', target: abandon, actions: 'failElsewhere' },
          { guard: 'mustNotExist', target: abandon, actions: 'failExists' },
          { guard: 'maySkip', target: '#upload.upToDate', actions: ['keepItem', 'noteSkipped'] },
          { guard: 'fetchesNoPackage', target: abandon, actions: 'failNoPackage' },
          { target: '#upload.comparing', actions: 'keepItem' }
        ]
      }
    },
    creatingItem: {
      ...patiently,
      description: 'not left on cancel: its answer says whether there is an item to take away again',
      entry: 'beginMaking',
      invoke: {
        ...attempt(
          'createItem',
          ({ input, library, generation }) => ({
            op: 'createItem',
            args: {
              libraryId: String(library?.id),
              name: input.to.item,
              type: input.itemType,
              token: tokenOf(input.run, 'item', generation)
            }
          }),
          {},
          undefined,
          mayHaveMade
        ),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failToMake' },
          { guard: 'wished', target: abandon, actions: 'keepMade' },
          { guard: 'foundForPackage', target: 'readingItem', actions: 'keepMade' },
          { target: '#upload.opening', actions: 'keepMade' }
        ]
      }
    }
  }
});

export const comparing = uploadSetup.createStateConfig({
  on: { cancel: leave },
  initial: 'listing',
  states: {
    listing: {
      invoke: {
        ...attempt('listHeld', context => ({ op: 'listItemFiles', args: { itemId: itemOf(context) } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'cannotReplace', target: abandon, actions: 'failToReplace' },
          { target: 'choosing', actions: 'keepHeld' }
        ]
      }
    },
    choosing: {
      always: [
        { guard: 'mustHash', target: 'hashing' },
        { target: 'judging', actions: 'markUnchanged' }
      ]
    },
    hashing: {
      invoke: {
        ...attempt('hash', ({ input, held, toCompare }) => {
          const file = toCompare[0] as number;
          const name = String(input.files[file]?.name);
          const algorithm = held.find(its => its.name === name)?.digest?.algorithm as 'SHA256';
          return { op: 'digest', args: { file, name, algorithm } };
        }),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { target: 'choosing', actions: 'keepDigest' }
        ]
      }
    },
    judging: {
      always: [
        { guard: 'nothingToSend', target: '#upload.upToDate', actions: 'keepComparison' },
        { target: '#upload.opening' }
      ]
    }
  }
});
