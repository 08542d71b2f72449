// What this machine itself needs: a journal that can be written, room for it, a Node that is new enough.
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { sizeOf } from '../view/words.ts';
import { type Check, plural } from './check.ts';

/** Some twenty rows an upload: with less than this a busy day may fill the disk. */
const LITTLE = 100 * 1024 * 1024;
/** The oldest Node that this is tested with. */
const OLDEST = [20, 19] as const;

export const journalCheck: Check = {
  id: 'journal',
  look: async its => {
    const found = await its.means.journal();
    if (found === undefined) {
      return {
        says: 'runs are not written down: after a crash nothing can be resumed or cleaned up',
        next: 'leave --journal and SHELVER_JOURNAL away, or name a file',
        facts: {}
      };
    }
    its.journal = found;
    const { path, unfinished } = found;
    const facts = { path, unfinished };
    if (unfinished === 0) return { says: `${path} can be written; no run is unfinished`, facts };
    return {
      says: `${path} can be written; ${plural(unfinished, 'run')} unfinished`,
      next: 'see shelver transfers, then shelver resume or shelver cleanup',
      facts
    };
  }
};

export const spaceCheck: Check = {
  id: 'space',
  needs: ['journal'],
  look: async ({ journal, means }) => {
    if (journal === undefined) return { says: 'there is no journal to make room for', skip: true };
    const bytes = await means.freeBytes(journal.path).catch(cause => {
      throw new PortFailure(failure('JOURNAL', `the free space for ${journal.path} cannot be told (${cause.code})`));
    });
    const facts = { freeBytes: bytes };
    const says = `${sizeOf(bytes)} free for the journal`;
    return bytes < LITTLE
      ? { says, next: 'make room on that disk, or name another file: --journal FILE', facts }
      : { says, facts };
  }
};

export const nodeCheck: Check = {
  id: 'node',
  look: ({ means }) => {
    const [major = 0, minor = 0] = means.node.replace(/^v/, '').split('.').map(Number);
    const facts = { version: means.node };
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return { says: means.node, facts };
    const next = `install Node ${OLDEST.join('.')} or newer`;
    throw new PortFailure(failure('UNSUPPORTED', `${means.node} is too old for shelver`, { next }));
  }
};
