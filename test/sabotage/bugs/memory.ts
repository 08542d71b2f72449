// Bugs of what a run remembers across a crash: when it is written down, and what is forgotten.
import type { Bug } from '../apply.ts';
import { checker, explorer, NEW_ITEM, OLD_ITEM, tests } from './catchers.ts';

const facts = 'src/events/facts.ts';
const run = 'src/drive.ts';
const journal = 'src/adapters/sqlite/journal.ts';

export const MEMORY: readonly Bug[] = [
  {
    name: 'saves one step late',
    file: run,
    anchor: 'const saved = await this.#save(tree);',
    replacement: 'const saved = this.#tree === undefined || (await this.#save(this.#tree));',
    catcher: explorer(200)
  },
  {
    name: 'acts before it has saved',
    file: run,
    anchor: 'const saved = await this.#save(tree);',
    replacement: 'const saving = this.#save(tree);\n    const saved = saving instanceof Promise;',
    catcher: explorer(200)
  },
  {
    name: 'goes on although the journal could not be written',
    file: run,
    anchor: "else if (saved || command.src !== 'call') this.#performer.begin(tree, command);",
    replacement: 'else if (saved || command !== undefined) this.#performer.begin(tree, command);',
    catcher: tests('test/scenarios/stopping.test.ts')
  },
  forgetting('asked', 'asked: its.asked,', '', NEW_ITEM),
  forgetting(
    'opened',
    'opened: its.opened,\n    sessionId: its.sessionId,\n    before: its.before,\n    asked: its.asked,',
    'sessionId: its.sessionId,\n    before: its.before,\n    asked: its.asked,',
    NEW_ITEM
  ),
  forgetting(
    'sessionId',
    'sessionId: its.sessionId,\n    before: its.before,\n    asked: its.asked,',
    'before: its.before,\n    asked: its.asked,',
    NEW_ITEM
  ),
  {
    ...forgetting('before', 'before: its.before,\n    asked: its.asked,', 'asked: its.asked,', OLD_ITEM),
    catcher: tests('test/events/facts.test.ts')
  },
  forgetting('making', 'making: its.making,', '', NEW_ITEM),
  forgetting('itemMade', 'itemMade: its.itemMade,', '', NEW_ITEM),
  {
    ...forgetting('removing', 'removing: its.removing,', '', NEW_ITEM),
    name: 'forgets that removal has begun',
    catcher: tests('test/explore/found.test.ts', 'a removal of the item')
  },
  {
    ...forgetting('done', 'done: its.done,', '', NEW_ITEM),
    catcher: tests('test/events/facts.test.ts')
  },
  forgetting('wish', 'done: its.done,\n    wish: its.wish,', 'done: its.done,', NEW_ITEM),
  {
    ...forgetting(
      'generation',
      'making: its.making,\n    generation: its.generation,',
      'making: its.making,',
      NEW_ITEM
    ),
    catcher: tests('test/events/facts.test.ts')
  },
  {
    name: 'forgets how often a file was sent before the crash',
    file: facts,
    anchor: "{ ...file, outcome: 'todo', attempts: attemptsOf(tree, index, file) }",
    replacement: "{ ...file, outcome: 'todo' }",
    catcher: tests('test/events/facts.test.ts')
  },
  {
    name: 'forgets that it was naming a file',
    file: facts,
    anchor: "{ ...file, outcome: 'todo', attempts: attemptsOf(tree, index, file) }",
    replacement: "{ ...file, naming: undefined, outcome: 'todo', attempts: attemptsOf(tree, index, file) }",
    catcher: checker('a download, 1 file: 0 faults, 1 crash, 1 cancel, 0 expiries; no digests')
  },
  {
    name: 'takes what stands under a name for its own although it never gave that name',
    file: 'machines/workflow/download/questions.ts',
    anchor: 'there?.parted === false && there.size === file?.naming',
    replacement: 'there?.size === file?.naming',
    catcher: tests('test/machines/left-behind.test.ts')
  },
  {
    name: 'gives a file its name before that is written down',
    file: 'machines/workflow/fetch-file/questions.ts',
    anchor: 'isComparable(digest) && sameDigest(digest, file.digest)',
    replacement: 'isComparable(digest) || file.digest === undefined',
    catcher: tests('test/explore/found.test.ts', 'no digest can tell')
  },
  {
    name: 'hears the answer of an effect that was stopped',
    file: 'src/performer.ts',
    anchor: 'if (this.#going.get(path)?.serial !== serial) return false;',
    replacement: 'if (serial < 0) return false;',
    catcher: tests('test/scenarios/cancel.test.ts', 'should be remembered by the journal')
  },
  {
    name: 'begins a second upload of an item while the first goes on',
    file: journal,
    anchor: 'if (other !== undefined) {',
    replacement: 'if (other?.run === run) {',
    catcher: tests('test/journal/journal.test.ts')
  },
  {
    name: 'takes up a run that another process works on',
    file: journal,
    anchor: 'if (owner !== undefined && !owner.gone && !mine && !(force && owner.host !== host))',
    replacement: 'if (owner !== undefined && !owner.gone && !mine && owner.host !== host && !force)',
    catcher: tests('test/journal/journal.test.ts')
  }
];

/** A fact that is not written down. */
function forgetting(fact: string, anchor: string, replacement: string, row: string): Bug {
  return { name: `forgets the fact ${fact}`, file: facts, anchor, replacement, catcher: checker(row) };
}
