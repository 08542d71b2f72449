// Finding library, item and files; then whether the target folder has room for their names.
import type { ChecksumAlgorithm } from '../../vocabulary.ts';
import type { DownloadContext } from '../download-facts.ts';
import { downloadSetup } from './bookkeeping.ts';
import { abandon, attempt, itemOf, leave } from './calling.ts';
import { lookedAt } from './questions.ts';

const firstName = (context: DownloadContext): string => String(lookedAt(context)?.name);
const firstAlgorithm = (context: DownloadContext): ChecksumAlgorithm =>
  lookedAt(context)?.digest?.algorithm as ChecksumAlgorithm;

export const locating = downloadSetup.createStateConfig({
  on: { cancel: leave },
  initial: 'choosingLibrary',
  states: {
    choosingLibrary: {
      always: [
        { guard: 'resumesToEnd', target: abandon },
        { guard: 'resumes', target: '#download.comparing' },
        { guard: 'libraryById', target: 'readingLibrary' },
        { target: 'findingLibrary' }
      ]
    },
    findingLibrary: {
      invoke: {
        ...attempt('findLibrary', ({ input }) => ({ op: 'findLibraries', args: { name: input.from.library } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'none', target: abandon, actions: 'failNoLibrary' },
          { guard: 'several', target: abandon, actions: 'failManyLibraries' },
          { target: 'readingLibrary', actions: 'keepLibraryId' }
        ]
      }
    },
    readingLibrary: {
      invoke: {
        ...attempt('readLibrary', ({ input, library }) => ({
          op: 'getLibrary',
          args: { id: library?.id ?? input.from.library }
        })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { target: 'choosingItem', actions: 'keepLibrary' }
        ]
      }
    },
    choosingItem: { always: [{ guard: 'itemById', target: 'readingItem' }, { target: 'findingItem' }] },
    findingItem: {
      invoke: {
        ...attempt('findItem', ({ input, library }) => ({
          op: 'findItems',
          args: { libraryId: String(library?.id), name: input.from.item }
        })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'none', target: abandon, actions: 'failNoItem' },
          { guard: 'several', target: abandon, actions: 'failManyItems' },
          { target: 'readingItem', actions: 'keepItemId' }
        ]
      }
    },
    readingItem: {
      invoke: {
        ...attempt('readItem', ({ input, itemId }) => ({ op: 'getItem', args: { id: itemId ?? input.from.item } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'elsewhere', target: abandon, actions: 'failNoItem' },
          { target: 'listing', actions: 'keepItem' }
        ]
      }
    },
    listing: {
      invoke: {
        ...attempt('listFiles', context => ({ op: 'listItemFiles', args: { itemId: itemOf(context) } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'none', target: abandon, actions: 'failEmpty' },
          { guard: 'notThere', target: abandon, actions: 'failNoFile' },
          { guard: 'collide', target: abandon, actions: 'failCollision' },
          { target: '#download.comparing', actions: 'keepFiles' }
        ]
      }
    }
  }
});

export const comparing = downloadSetup.createStateConfig({
  description:
    'looks at the target folder, before anything is asked of the service: names it cannot have, files that are there, ' +
    'what an earlier life has left',
  on: { cancel: leave },
  initial: 'choosing',
  states: {
    choosing: {
      always: [
        { guard: 'mustLook', target: 'looking' },
        { guard: 'resumes', target: '#download.reconciling' },
        { guard: 'allKeptBefore', target: '#download.done' },
        { guard: 'nothingToFetch', target: '#download.upToDate' },
        { guard: 'rehearses', target: '#download.planned' },
        { target: '#download.opening' }
      ]
    },
    looking: {
      invoke: {
        ...attempt('find', context => ({
          op: 'findTarget',
          args: { name: firstName(context), run: context.input.run }
        })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failToLook' },
          { guard: 'isFree', target: 'choosing', actions: 'keepFree' },
          { guard: 'isAsLeft', target: 'choosing', actions: 'keepAsLeft' },
          { guard: 'isItsOwn', target: 'dropping', actions: 'keepTime' },
          { guard: 'maySkipIt', target: 'choosing', actions: 'keepSkipped' },
          { guard: 'mayBeSame', target: 'reading', actions: 'keepTime' },
          { guard: 'mustNotExist', target: abandon, actions: 'failExists' },
          { target: 'choosing', actions: 'keepTaken' }
        ]
      }
    },
    reading: {
      description: 'the same bytes may be there already',
      invoke: {
        ...attempt('read', context => ({
          op: 'digestTarget',
          args: { name: firstName(context), what: 'kept', algorithm: firstAlgorithm(context) }
        })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failToLook' },
          { guard: 'isWhatWasFetched', target: 'dropping', actions: 'keepTime' },
          { guard: 'isSame', target: 'choosing', actions: 'keepUnchanged' },
          { guard: 'mustNotExist', target: abandon, actions: 'failExists' },
          { target: 'choosing', actions: 'keepTaken' }
        ]
      }
    },
    dropping: {
      description:
        'what an earlier life was fetching is there, and known to be that: its part is not needed, if there still is one',
      invoke: {
        ...attempt('drop', context => ({
          op: 'dropPart',
          args: { name: firstName(context), run: context.input.run }
        })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failToLook' },
          { target: 'choosing', actions: 'keepFetched' }
        ]
      }
    }
  }
});
