// The worlds of an upload that the checker searches, and what must hold in every state of them (S1, S2, S13, S14 of the
// invariants; S3 and S6 stand in product.ts). Nothing here is taken from the code that is checked.
import type { UploadInput, UploadResult } from '../../machines/workflow/upload-facts.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import { factsOf } from '../../src/events/facts.ts';
import { inputWith, POLICY, SERVER } from '../machines/samples.ts';
import type { World } from './world.ts';
import { expired, goesOn, LOCAL, NEW, OLD, READS, type Service, serve, type Traits } from './service.ts';

export interface UploadWorld {
  readonly files: number;
  /** The item is there before, with other bytes. */
  readonly item: boolean;
  readonly traits: Traits;
  /** How often a call is tried; if that is less than can go wrong, a run may give up. */
  readonly maxAttempts: number;
  readonly mayGiveUp: boolean;
}

export function uploadWorld({ files, item, traits, maxAttempts, mayGiveUp }: UploadWorld): World<Service> {
  const names = Array.from({ length: files }, (_, index) => `f${index}`);
  const before: Service = {
    ...(item && { item: { id: 'i0', version: 1, files: Object.fromEntries(names.map(name => [name, OLD])) } }),
    sessions: [],
    given: 0,
    tokens: {}
  };
  const input: UploadInput = inputWith({
    itemType: 'iso',
    // An item that this run has made does not exist already.
    ifExists: item ? 'update' : 'fail',
    files: names.map(name => ({ name, size: 16, role: 'plain' })),
    server: { ...SERVER, sharesItems: traits.shares },
    policy: { ...POLICY, maxAttempts, parallel: files }
  });
  const whole = (service: Service): boolean => names.every(name => service.item?.files[name] === NEW);
  return {
    machine: uploadMachine,
    input,
    factsOf,
    // Without tokens, a session that nobody knows for ours may be in the way for good.
    triesEnd: mayGiveUp || !traits.tokens,
    service: before,
    tokens: traits.tokens,
    serve: (service, call) => serve(service, call, traits),
    expired,
    goesOn,
    reads: READS,
    local: LOCAL,
    broken(service) {
      const published = publishedIn(service);
      if (published > 1) return 'S8: the item has come on by two versions';
      if (published === 1 && !whole(service)) return 'S1: what is published is not what was to be sent';
      return item && service.item === undefined ? 'an item that was there before is gone' : undefined;
    },
    brokenEnd({ output, service, canceled, unanswered, unseen }) {
      const published = publishedIn(service);
      const { outcome, left, asked, failure, itemId, itemMade } = output as UploadResult;
      const words = `${outcome}${left ? ', with something left' : ''}`;
      if (outcome === 'done' && published === 0) return `S1: ${words}, and nothing was published`;
      // Where it was tried only once, what was published may not have been read back.
      const unread = mayGiveUp && failure?.code === 'NOT_VERIFIED';
      if (outcome !== 'done' && published > 0 && !unread) return `S13: ${words}, although it was published`;
      // Complete had been sent, to this session or to the one before what was taken away last.
      const sent = asked || published > 0;
      if (canceled && outcome !== 'canceled' && !(sent && (outcome === 'done' || unread)))
        return `S14: a cancel, and then ${words}`;
      // What this run has made without knowing is in its way, and without a token nobody can tell whose it is.
      const inTheWay = unseen && !traits.tokens;
      const mayFail = mayGiveUp || inTheWay || service.erred === true;
      if (!canceled && outcome !== 'done' && !mayFail) return `S13: ${words}, although nothing was wrong for good`;
      if (left && !unanswered) return `S2: ${words}`;
      // What a request makes that lands after the last question, or of which nobody heard, is nothing that the run knows.
      const isStrange = left || unseen;
      const standing = service.sessions.filter(its => !isStrange || isKnown(its, output as UploadResult));
      if (standing.length > 0) return `S2: ${words}, and a session is left${isStrange ? ' that it knows' : ''}`;
      const stands = !item && published === 0 ? service.item : undefined;
      if (stands === undefined || (isStrange && !(itemMade && itemId === stands.id))) return undefined;
      return `S2: ${words}, and an empty item is left`;
    }
  };
}

/** The run has its id, or has sent into it, or ended it: of what nobody heard nobody does that. */
function isKnown({ id, state, files }: Service['sessions'][number], { sessionId }: UploadResult): boolean {
  return id === sessionId || Object.keys(files).length > 0 || state === 'DONE' || state === 'CANCELED';
}

/** Versions that the item has come on by. */
function publishedIn({ item }: Service): number {
  return (item?.version ?? 1) - 1;
}
