// docs/retry.md, made of the table of failures, the policy and the rules of the calls, so that it cannot drift from them.
import { FAILURES, type FailureCode } from '../../machines/vocabulary.ts';
import { isAlreadySo, isDoubtful, mustAsk, questionOf } from '../../machines/workflow/after-failure.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { costOf } from '../../machines/workflow/retry-budget.ts';
import { CLEANUP } from '../../machines/workflow/upload/calling.ts';
import { BUDGET_TOKENS, DEFAULT_POLICY, DEFAULT_TIMEOUTS } from '../../src/policy.ts';
import { ARGS } from '../effects/counting.ts';
import { BOUNDS } from './bounds.ts';
import { WHY } from './failures.ts';

const { maxAttempts, baseMs, capMs, retryAfterCapMs, retryCost, breakCost } = DEFAULT_POLICY;
const CODES = Object.keys(FAILURES) as FailureCode[];
const failed = (code: FailureCode) => ({ code, message: '' });
const inSeconds = (ms: number): string => (ms >= 120_000 ? `${ms / 60_000} min` : `${ms / 1_000} s`);

export function retryPage(): string {
  return `${INTRODUCTION}
## Every failure

A failure keeps its code, and with it the exit code of the command, whatever stopped the trying. *Asked first*: where the call has a question ([below](#every-call)); a push is asked about after every failure that may pass.

${table(['code', 'tried again', 'asked first', 'waits', 'costs', 'exit', 'why, and what ends it'], CODES.map(failureRow))}
## Every call

A call without a question is one that does no harm when it is repeated. The question is asked after a doubt: no answer, or one that does not say whether the server acted.

${table(['call', 'question', 'asked', 'taken as done when refused with', 'may be our own, after a doubt'], (Object.keys(ARGS) as Op[]).flatMap(callRow))}
Calls that are not listed are repeated as they are. \`complete\` has no question of its own: the session is asked after it, whatever was answered.

## Every phase

${table(['figure', 'default', 'bounds'], FIGURES)}
The first six are the \`policy\` of a run, the last four the \`timeouts\` of \`connect\`; the command has no options for them. Cleaning up makes ${CLEANUP.maxAttempts} tries, ${inSeconds(CLEANUP.capMs)} apart at most, obeys Retry-After up to ${inSeconds(CLEANUP.retryAfterCapMs)} and draws nothing.

## Every wait

${table(
  ['state', 'waits for', 'ends'],
  Object.entries(BOUNDS).map(([state, { waitsFor, ends }]) => [`\`${state}\``, waitsFor, ends])
)}`;
}

const CEILINGS = Array.from({ length: maxAttempts - 1 }, (_, tries) => baseMs * 2 ** tries);

const INTRODUCTION = `# Retries

Generated from \`machines/\` and \`src/policy.ts\`; do not edit. \`npm run docs\` writes this page anew.

**One layer.** The machine \`attempt\` makes every call, and is the only place that retries. HTTP below it does not, but for a second try of a GET or a login whose connection broke. Plans above it may make a thing again (a file whose bytes were not taken, a link that has ended, \`complete\`); they hand the reason to \`attempt\`, which treats it as any other retry.

**Doubt.** A call whose answer was lost may have acted. It is not repeated before the service was asked what happened; what is found is taken as the answer. So it does not matter whether the server honours the client token in a header, in a query or not at all: the token is sent where the server wants it, and nothing rests on it.

**The wait** before a retry is drawn evenly between nothing and a ceiling that doubles (full jitter): ${CEILINGS.map(inSeconds).join(', ')}, at most ${inSeconds(capMs)}. Retry-After, in seconds or as a date by the server's clock, is never undercut up to ${inSeconds(retryAfterCapMs)}, and exceeded by a tenth at most. The count of tries begins again when a push or a fetch came a sixteenth of its file further than ever.

**The budget.** All retries of a process draw from ${BUDGET_TOKENS} tokens: ${retryCost} for one after an answer that said no, ${breakCost} after a time-out or a broken connection. An answer gives back what was drawn for it, or one token where nothing was; bytes that came a sixteenth further keep what they drew, and cost nothing more. When it is spent nothing is tried again: the failure is told as it is, its message says so, and \`budgetSpent\` is true. These are the figures of the standard retry mode of the AWS SDKs. A server that is down sees at most ${BUDGET_TOKENS / retryCost} retries of a process, however many uploads that has. Programs may bring a budget of their own: \`connect({ budget: createRetryBudget(100) })\`.

Nothing is drawn for cleaning up: a spent budget leaves no litter. Nor for the first question about a doubt, for asking a service that says it is still at work, or by the lease and the watch beside a transfer: they make one call at a time and would make the next one anyway, and a lease that gave up would cost the session with all its bytes. Opening another session in place of a lost one is no retry of a call; there are five at most.

**Ends.** Every wait has one, in the [last table](#every-wait). Only the bytes of a file may come or go as slowly as they like, as long as one moves every ${inSeconds(DEFAULT_TIMEOUTS.stallMs)}; \`--deadline\` bounds that, and everything else. A file of this machine whose disk or file server does not answer is given up after 60 s of reading, 10 min of writing.
`;

const FIGURES: readonly (readonly string[])[] = [
  [
    '`maxAttempts`',
    String(maxAttempts),
    'tries of a call without progress; bodies of a file; sessions of a run; times that `complete` is sent'
  ],
  ['`baseMs`, `capMs`', `${inSeconds(baseMs)}, ${inSeconds(capMs)}`, 'the first and the highest ceiling of a wait'],
  ['`retryAfterCapMs`', inSeconds(retryAfterCapMs), 'the longest Retry-After that is obeyed'],
  ['`retryCost`, `breakCost`', `${retryCost}, ${breakCost}`, `tokens a retry, of ${BUDGET_TOKENS}`],
  [
    '`patienceMs`',
    inSeconds(DEFAULT_POLICY.patienceMs),
    'how long the service may work (validate, preview, complete, prepare, fetch) without any movement'
  ],
  ['`busyMs`', inSeconds(DEFAULT_POLICY.busyMs), 'how long `--on-busy wait` waits'],
  ['`connectMs`', inSeconds(DEFAULT_TIMEOUTS.connectMs), 'looking up the name, dialling, the tunnel of a proxy, TLS'],
  [
    '`headersMs`',
    inSeconds(DEFAULT_TIMEOUTS.headersMs),
    'from the end of a call to the beginning of its answer, all headers included; of a source that is looked at, too'
  ],
  ['`stallMs`', inSeconds(DEFAULT_TIMEOUTS.stallMs), 'without a byte, either way, in every phase'],
  [
    '`answerMs`',
    inSeconds(DEFAULT_TIMEOUTS.answerMs),
    'the whole answer to a call, however it drips; after a body was sent, the beginning of the answer to it'
  ]
];

function failureRow(code: FailureCode): string[] {
  const { retry, exit } = FAILURES[code];
  // What a plan comes to by itself: no call fails with it.
  if (code === 'SESSION_LOST') return [`\`${code}\``, 'by the plan', 'yes', '', '', String(exit), WHY[code]];
  return [
    `\`${code}\``,
    retry ? 'yes' : 'no',
    retry
      ? isDoubtful(failed(code))
        ? 'yes'
        : code === 'CONNECTION'
          ? 'if the call may have arrived'
          : 'no'
      : afterDoubt(code),
    retry ? 'back-off' : '',
    retry ? String(costOf(DEFAULT_POLICY, failed(code))) : '',
    String(exit),
    WHY[code]
  ];
}

/** Whether some call, once in doubt, takes such a refusal for its own work. */
function afterDoubt(code: FailureCode): string {
  return (Object.keys(ARGS) as Op[]).some(op => mayBeOurs(op, code)) ? 'after a doubt' : '';
}

function mayBeOurs(op: Op, code: FailureCode): boolean {
  const call = callOf(op);
  return mustAsk(call, failed(code), true) && !mustAsk(call, failed(code), false);
}

function callRow(op: Op): string[][] {
  const call = callOf(op);
  const question = questionOf(call);
  const done = CODES.filter(code => isAlreadySo(call, failed(code)));
  if (question === call && done.length === 0) return [];
  const always = mustAsk(call, failed('UNAVAILABLE'), false);
  return [
    [
      `\`${op}\``,
      question === call ? '' : `\`${question.op}\``,
      question === call ? '' : always ? 'after every failure that may pass' : 'after a doubt',
      done.map(code => `\`${code}\``).join(', '),
      CODES.filter(code => mayBeOurs(op, code))
        .map(code => `\`${code}\``)
        .join(', ')
    ]
  ];
}

function callOf(op: Op): CallSpec {
  return { op, args: ARGS[op] } as CallSpec;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |\n`).join('');
}
