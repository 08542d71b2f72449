// Bugs of the upload's plan: its order, its end, and what it leaves behind.
import type { Bug } from '../apply.ts';
import { checker, EXPIRY, explorer, GOOD_RUN, NEW_ITEM, OLD_ITEM, tests } from './catchers.ts';

const questions = 'machines/workflow/upload/questions.ts';
const ending = 'machines/workflow/upload/ending.ts';
const holding = 'machines/workflow/upload/holding.ts';
const opening = 'machines/workflow/upload/opening.ts';
const rivals = 'machines/workflow/upload/rivals.ts';

export const PLAN: readonly Bug[] = [
  {
    name: 'completes while a file is still being sent',
    file: questions,
    anchor: "return files.every(file => file.outcome === 'ready' || file.outcome === 'unchanged');",
    replacement: "return files.every(file => file.outcome !== 'todo');",
    catcher: checker(GOOD_RUN)
  },
  {
    name: 'completes before the service says READY',
    file: 'machines/workflow/upload-file/questions.ts',
    anchor: 'notReported: ({ context }) => !context.server.reportsReady,',
    replacement: 'notReported: () => true,',
    catcher: tests('test/machines/upload-file.test.ts')
  },
  {
    name: 'sends the files of a package in any order',
    file: 'machines/workflow/upload-facts.ts',
    anchor: "return isNotKept(file) ? 0 : file.role === 'descriptor' ? 1 : 2;",
    replacement: 'return file === undefined ? 0 : 2;',
    catcher: tests('test/machines/upload.test.ts')
  },
  {
    name: 'sends more files at a time than it may',
    file: 'machines/workflow/upload-facts.ts',
    anchor: '.slice(0, Math.max(0, input.policy.parallel - sending));',
    replacement: '.slice(0, Math.max(input.files.length, sending));',
    catcher: tests('test/machines/upload.test.ts')
  },
  {
    name: 'takes a session that is CANCELED for success',
    file: questions,
    anchor: "isDone: ({ event }) => stateOf(event) === 'DONE',",
    replacement: "isDone: ({ event }) => stateOf(event) === 'DONE' || stateOf(event) === 'CANCELED',",
    catcher: checker(OLD_ITEM)
  },
  {
    name: 'does not hold the item against the source',
    file: questions,
    anchor: "(context.toRemove.length > 0 || context.verified.some(({ verified }) => verified === 'no')),",
    replacement: 'context.toRemove.length > 9,',
    catcher: tests('test/machines/upload.test.ts')
  },
  {
    name: 'leaks the session on cancel',
    file: ending,
    anchor: "{ guard: 'hasSession', target: 'ending' },",
    replacement: "{ guard: 'hasSession', target: 'choosingItem' },",
    catcher: checker(OLD_ITEM)
  },
  {
    name: 'leaves an ended session where it is',
    file: ending,
    anchor: "choosing: { always: [{ guard: 'hasSession', target: 'deleting' }, { target: 'closed' }] },",
    replacement: "choosing: { always: [{ target: 'closed' }] },",
    catcher: checker(GOOD_RUN)
  },
  {
    name: 'does not judge a complete that lands before the cancel',
    file: ending,
    anchor: "{ guard: 'mayBeDone', target: 'judging', actions: 'keepTime' },",
    replacement: '',
    catcher: checker(OLD_ITEM)
  },
  {
    name: 'cancels a session although complete was sent, without asking',
    file: ending,
    anchor: "{ guard: 'mayBeDone', target: 'asking' },",
    replacement: '',
    catcher: checker(NEW_ITEM)
  },
  {
    name: 'deletes an item that it made although it is not empty',
    file: ending,
    anchor: "{ guard: 'none', target: 'removingItem', actions: 'keepTime' },",
    replacement: "{ target: 'removingItem', actions: 'keepTime' },",
    catcher: tests('test/machines/upload.test.ts')
  },
  {
    name: 'deletes an item that was there before',
    file: questions,
    anchor: 'madeItem: ({ context }) => context.itemMade && context.itemId !== undefined,',
    replacement: 'madeItem: ({ context }) => context.itemId !== undefined,',
    catcher: explorer(200)
  },
  {
    name: 'writes down that removal has begun when it is over',
    file: ending,
    anchor: "entry: 'beginRemoving',",
    replacement: "exit: 'beginRemoving',",
    catcher: tests('test/explore/found.test.ts', 'a removal of the item')
  },
  {
    name: 'tries anew while a removal of its item may be on its way',
    file: 'machines/workflow/taken-up.ts',
    anchor: 'known.removing === true || !mayPass',
    replacement: '!mayPass',
    catcher: tests('test/machines/removing.test.ts')
  },
  {
    name: 'gives up what a late request has unsettled before a service that never says READY',
    file: questions,
    anchor: '(rechecks > 1 && !input.server.reportsReady)',
    replacement: '!input.server.reportsReady',
    catcher: tests('test/machines/blind.test.ts')
  },
  {
    name: 'leaves the empty item that it made',
    file: ending,
    anchor: "{ guard: 'madeItem', target: 'lookingIn' },",
    replacement: '',
    catcher: checker(NEW_ITEM)
  },
  {
    name: 'does not say that something is left',
    file: 'machines/workflow/upload/failing.ts',
    anchor: 'left: true,\n      notes: [...context.notes, `left on the server: ',
    replacement: 'left: false,\n      notes: [...context.notes, `left on the server: ',
    catcher: tests('test/machines/removing.test.ts')
  },
  {
    name: 'does not send again what the service misses',
    file: 'machines/workflow/upload/rechecking.ts',
    anchor: "actions: ['sendAgain', 'forgetCompletion'] }",
    replacement: "actions: 'forgetCompletion' }",
    catcher: checker(NEW_ITEM)
  },
  {
    name: 'never looks at the session while files are sent',
    file: holding,
    anchor: "onDone: 'looking'",
    replacement: "onDone: 'resting'",
    catcher: tests('test/machines/upload.test.ts')
  },
  {
    name: 'opens another session in place of a lost one with the same token',
    file: opening,
    anchor: "token: tokenOf(input.run, 'session', generation), before }",
    replacement: "token: tokenOf(input.run, 'session', 1), before }",
    catcher: checker(EXPIRY)
  },
  {
    name: 'goes on after a crash without asking about its session',
    file: 'machines/workflow/upload/locating.ts',
    anchor: "{ guard: 'resumes', target: '#upload.reconciling' },",
    replacement: "{ guard: 'resumes', target: '#upload.holding' },",
    catcher: checker(NEW_ITEM)
  },
  {
    name: 'uses a session again that is over',
    file: questions,
    anchor: 'knownToBeOver: ({ context }) => context.over && context.sessionId !== undefined && !context.lost,',
    replacement: 'knownToBeOver: () => false,',
    catcher: checker(EXPIRY)
  },
  {
    name: 'takes over a session whose owner lives',
    file: rivals,
    anchor: "return owner.run === input.run || owner.standing === 'gone';",
    replacement: 'return true;',
    catcher: tests('test/machines/contending.test.ts')
  },
  {
    name: 'takes the session of another run for its own',
    file: 'machines/workflow/upload/reading.ts',
    anchor: '.some(owner => owner.run !== run);',
    replacement: ".some(owner => owner.run === run && run === '');",
    catcher: tests('test/machines/contending.test.ts')
  },
  {
    name: 'starts a child that was stopped in the same step',
    file: 'src/step.ts',
    anchor: 'if (begun >= 0) kept.splice(begun, 1);',
    replacement: 'if (begun >= 0) continue;',
    catcher: tests('test/step/step.test.ts')
  }
];
