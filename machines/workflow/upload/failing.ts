// How the upload plan puts into words what went wrong, or is less than it should be.
import { assign } from 'xstate';
import type { Failure, Item, Library, SessionFile, SessionInfo, Validation } from '../../vocabulary.ts';
import { failure } from '../../vocabulary.ts';
import { wasDoubted } from '../attempt/answer.ts';
import { doubtAfter } from '../doubts.ts';
import { contradiction, endOf } from '../lease.ts';
import type { UploadContext } from '../upload-facts.ts';
import { fetchFailure } from '../upload-file/words.ts';
import { type ChildEnd, uploadQuestions } from './questions.ts';
import { answer, extras, failureOf, list, stamp, theItem, unproven, warningsOf } from './reading.ts';

export const uploadFailing = uploadQuestions.extend({
  actions: {
    failAsAnswered: assign(({ context, event }) => ({ ...stamp(event), failure: context.failure ?? failureOf(event) })),
    failNoLibrary: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('NOT_FOUND', `there is no library ${JSON.stringify(context.input.to.library)} on this server`)
    })),
    failManyLibraries: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'AMBIGUOUS',
        `${list(event).length} libraries are called ${JSON.stringify(context.input.to.library)}: ${list(event).join(', ')}`
      )
    })),
    failSubscribed: assign(({ event }) => ({
      ...stamp(event),
      library: { id: String(answer<Library>(event)?.id), name: String(answer<Library>(event)?.name) },
      failure: failure(
        'INVALID_ELEMENT_TYPE',
        `the library ${JSON.stringify(answer<Library>(event)?.name)} is subscribed: its items cannot be changed here`
      )
    })),
    failManyItems: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('AMBIGUOUS', `${list(event).length} items match ${theItem(context)}: ${list(event).join(', ')}`)
    })),
    failElsewhere: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('NOT_FOUND', `there is no ${theItem(context)}`)
    })),
    failNoPackage: assign(({ context, event }) => ({
      ...stamp(event),
      // This run would have made one of that type.
      itemMade: false,
      failure: failure(
        'INVALID_ELEMENT_TYPE',
        `the ${theItem(context)} is not of type "ovf": the service would fetch the descriptor of the package, and nothing that it names`,
        { next: 'name another item, or send the files instead of having them fetched' }
      )
    })),
    failExists: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure('ALREADY_EXISTS', `the ${theItem(context)} exists already`)
    })),
    failToMake: assign(({ context, event }) => ({
      ...stamp(event),
      failure: whyNotMade(context, failureOf(event)),
      making: wasDoubted(event),
      itemDoubtedAt: doubtAfter(context.itemDoubtedAt, event)
    })),
    noteSkipped: assign(({ context, event }) => {
      // What another import has left behind is no content that could be skipped for.
      const empty = context.input.server.reportsSize && answer<Item>(event)?.size === 0;
      return {
        notes: [
          ...context.notes,
          `the item exists already, and was left as it is (--if-exists skip)${empty ? ': it holds no byte' : ''}`
        ]
      };
    }),
    failToReplace: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'UNSUPPORTED',
        `this server cannot remove single files: ${extras(context.input, list(event)).join(', ')} would stay in the ${theItem(context)}`
      )
    })),
    failToOpen: assign(({ context, event }) => ({
      ...stamp(event),
      failure: whyNotOpened(failureOf(event)),
      opened: wasDoubted(event),
      sessionDoubtedAt: doubtAfter(context.sessionDoubtedAt, event)
    })),
    failAsEnded: assign(({ context, event }) => ({
      ...stamp(event),
      over: true,
      failure: context.failure ?? endOf(answer<SessionInfo>(event), String(context.sessionId))
    })),
    failAsNowKnown: assign(({ context, event }) => ({
      ...stamp(event),
      over: true,
      failure: endOf(answer<SessionInfo>(event), String(context.sessionId))
    })),
    failMissing: assign(({ event }) => ({
      ...stamp(event),
      failure: failure(
        'MISSING_FILES',
        `the descriptor references files that were not sent: ${answer<Validation>(event)?.missing.join(', ')}`
      )
    })),
    failInvalid: assign(({ event }) => ({
      ...stamp(event),
      failure: failure(
        'INVALID_FILES',
        (answer<Validation>(event) as Validation).invalid.map(({ name, message }) => `${name}: ${message}`).join('; ')
      )
    })),
    failWarnings: assign(({ context, event }) => {
      const refused = warningsOf(event).filter(
        ({ type, ignored }) => !ignored && !context.input.acceptWarnings.includes(type)
      );
      return {
        ...stamp(event),
        failure: failure(
          'WARNINGS',
          `the service warns: ${refused.map(({ type, message }) => `${type} (${message})`).join('; ')}`,
          {
            next: `check the certificate; to go on in spite of it: ${refused
              .map(({ type }) => `--accept-warning ${type}`)
              .join(' ')}`
          }
        )
      };
    }),
    failImpatient: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'TIMED_OUT',
        `the service has shown no progress for ${Math.round(context.input.policy.patienceMs / 60_000)} min`
      )
    })),
    failAsFetched: assign(({ event }) => {
      const all = list<SessionFile>(event).filter(file => file.sourceType === 'PULL' && file.status === 'ERROR');
      // The others have ended with the one that says why.
      const broken = (all.find(({ errorMessage }) => errorMessage !== undefined) ?? all[0]) as SessionFile;
      return {
        ...stamp(event),
        failure: fetchFailure(broken, `the service could not fetch ${broken.name} (status: ${broken.status})`)
      };
    }),
    noteFetched: assign(({ context, event }) => {
      const named = new Set(context.input.files.map(({ name }) => name));
      const more = list<SessionFile>(event).filter(file => file.sourceType === 'PULL' && !named.has(file.name));
      return {
        ...stamp(event),
        notes: [
          ...context.notes,
          ...(more.length === 0 ? [] : [`fetched besides by the server: ${more.map(({ name }) => name).join(', ')}`])
        ]
      };
    }),
    failToComplete: assign(({ context, event }) => ({ ...stamp(event), failure: context.completeFailure })),
    failNotVerified: assign({
      failure: ({ context }) =>
        failure(
          'NOT_VERIFIED',
          context.toRemove.length > 0
            ? `after the session was DONE the item still holds what was to be replaced: ${context.toRemove.join(', ')}`
            : `after the session was DONE the item does not hold what was sent: ${unverified(context)}`
        )
    }),
    failContradicted: assign(({ context, event }) => ({
      ...stamp(event),
      over: false,
      failure: contradiction(context.sessionId)
    })),
    failLost: assign({
      failure: ({ context }) =>
        (context.over ? context.failure : undefined) ??
        failure(
          'SESSION_LOST',
          `the session was gone before its end was known, and nothing shows that the item holds ${unproven(context).join(', ')}`
        )
    }),
    failLostUnread: assign(({ event }) => ({
      ...stamp(event),
      failure: failure(
        'NOT_VERIFIED',
        `the session was gone before its end was known, and the item could not be read: ${failureOf(event)?.message}`,
        { next: 'what it holds is not known: run the command again, which compares it and sends only what differs' }
      )
    })),
    failUnverified: assign(({ event }) => {
      const why = failureOf(event) as Failure;
      return {
        ...stamp(event),
        failure: failure('NOT_VERIFIED', `the session is DONE, but the item could not be read back: ${why.message}`, {
          next: 'what it holds is not known: run the command again, which compares it and sends only what differs'
        })
      };
    }),
    noteLeft: assign(({ context, event }) => ({
      ...stamp(event),
      looksForLate: false,
      left: true,
      notes: [...context.notes, `left on the server: ${leftOver(context, event)} (${failureOf(event)?.message})`]
    })),
    /** Nobody looks for it by its name later: by then an empty item of that name may be somebody else's, who is just filling it. */
    noteItemMayCome: assign(({ context }) => ({
      left: true,
      notes: [
        ...context.notes,
        `left on the server: perhaps an ${theItem(context)}: a create was not answered, and may still take effect; look for it in two minutes, and delete it if it is empty and nobody else's`
      ]
    })),
    noteUnjudged: assign(({ context, event }) => ({
      ...stamp(event),
      notes: [
        ...context.notes,
        `complete had been sent, and what became of it is not known: the ${theItem(context)} may hold what was sent`
      ]
    })),
    noteItemStays: assign(({ context, event }) => ({
      ...stamp(event),
      notes: [...context.notes, 'the item was made by this run and holds files: it was left']
    }))
  }
});

/** There was none of that name a moment ago. */
function whyNotMade({ input }: UploadContext, failed: Failure | undefined): Failure | undefined {
  if (failed?.code !== 'ALREADY_EXISTS' || input.ifExists === 'fail') return failed;
  return { ...failed, next: 'somebody else has made it just now: run the command again' };
}

/** The library takes content, or it would have been refused before: it is the item that does not. */
function whyNotOpened(failed: Failure | undefined): Failure | undefined {
  if (failed?.code !== 'INVALID_ELEMENT_TYPE') return failed;
  return { ...failed, next: 'an item that holds a virtual machine template takes no files: name another item' };
}

function unverified(context: UploadContext): string {
  return context.input.files
    .filter((_, index) => context.verified[index]?.verified === 'no')
    .map(({ name }) => name)
    .join(', ');
}

/** What the call that failed would have taken away, or found; what was taken away before it is not left. */
function leftOver(context: UploadContext, event: unknown): string {
  const item = `item ${context.itemId}`;
  const session = `session ${context.sessionId}`;
  switch ((event as ChildEnd).actorId) {
    case 'proveOwnerFound':
    case 'proveOpenFound':
    case 'proveIdleFound':
      return `perhaps session ${context.candidate}`;
    case 'findMade':
      return `perhaps an ${theItem(context)}`;
    case 'lookIn':
    case 'removeItem':
      return item;
    default:
      return session;
  }
}
