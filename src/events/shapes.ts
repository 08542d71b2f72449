// How the records of a run look, as far as somebody relies on it. A journal is a file: whoever wrote into it need not have been
// Shelver, and a disk may have changed it since.
import { FAILURES } from '../../machines/vocabulary.ts';
import type { FetchKnown } from '../../machines/workflow/download-facts.ts';
import type { FileKnown } from '../../machines/workflow/upload-facts.ts';
import type { JournalRecord } from '../ports.ts';

/** Files of one run: an archive holds a thousand, a call may name more. */
const MOST_FILES = 100_000;

/** What is wrong with the records of a run, in words; `undefined` when nothing is. */
export function faultOfRecords(records: readonly JournalRecord[]): string | undefined {
  const odd = records.find(
    ({ type, data }) => Object.hasOwn(SHAPES, type) && !SHAPES[type as keyof typeof SHAPES](data)
  );
  if (odd !== undefined) return `a record of the kind ${odd.type} is not as it was written`;
  const facts = records.filter(({ type }) => type === 'facts').map(({ data }) => data as Fields);
  const known = new Set(facts.flatMap(({ files }) => Object.keys((files as Fields | undefined) ?? {}).map(Number)));
  if (![...known].every(index => index < known.size)) return 'a file is missing';
  const begun = records.find(({ type }) => type === 'begun')?.data as Fields | undefined;
  const outcomes: readonly string[] = begun?.kind === 'download' ? FETCHED : SENT;
  const files = facts.flatMap(its => Object.values((its.files as Fields | undefined) ?? {})) as Fields[];
  const strange = files.find(({ outcome }) => !outcomes.includes(outcome as string));
  return strange && 'what became of a file is none of what may become of it';
}

/** Where a file may stand in a journal. One that stands nowhere would be waited for without end. */
const SENT: readonly FileKnown['outcome'][] = ['todo', 'ready', 'failed', 'unchanged'];
const FETCHED: readonly FetchKnown['outcome'][] = ['todo', 'kept', 'unchanged', 'skipped', 'failed'];

type Fields = Readonly<Record<string, unknown>>;
type Is = (value: unknown) => boolean;

/** Never taken back. */
const LASTING = ['generation', 'opened', 'before', 'files'];

const isText: Is = value => typeof value === 'string';
const isFlag: Is = value => typeof value === 'boolean';
const isInstant: Is = value => Number.isFinite(value);
export const isCount: Is = value => Number.isSafeInteger(value) && Number(value) >= 0;
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf =
  (its: Is): Is =>
  value =>
    Array.isArray(value) && value.every(its);
const maybe =
  (its: Is): Is =>
  value =>
    value === undefined || its(value);
const fields =
  (its: Readonly<Record<string, Is>>): Is =>
  value =>
    isRecord(value) && Object.entries(its).every(([name, is]) => is(value[name]));

const isDigest = fields({ algorithm: isText, checksum: isText });
const isFailure: Is = value =>
  fields({ code: isText, message: isText })(value) && Object.hasOwn(FAILURES, String((value as Fields).code));
const isFile = fields({
  outcome: isText,
  attempts: isCount,
  digests: maybe(listOf(isDigest)),
  reported: maybe(isDigest),
  name: maybe(isText),
  size: maybe(isCount),
  digest: maybe(isDigest),
  parted: maybe(isFlag),
  naming: maybe(isCount),
  verified: maybe(isText)
});
const isFiles: Is = value =>
  isRecord(value) &&
  Object.entries(value).every(([at, file]) => /^\d{1,6}$/.test(at) && Number(at) < MOST_FILES && isFile(file));

const FACTS: Readonly<Record<string, Is>> = {
  library: fields({ id: isText, name: isText }),
  itemId: isText,
  itemMade: isFlag,
  making: isFlag,
  creatingAt: isInstant,
  itemDoubtedAt: isInstant,
  sessionDoubtedAt: isInstant,
  removing: isFlag,
  generation: isCount,
  opened: isFlag,
  sessionId: isText,
  before: listOf(isText),
  beforeDoubt: listOf(isText),
  asked: isFlag,
  done: isFlag,
  wish: isText,
  failure: isFailure,
  held: listOf(fields({ name: isText, size: maybe(isCount), digest: maybe(isDigest) })),
  versionBefore: isText,
  contentVersion: isText,
  files: isFiles
};

const begunFile = fields({ name: isText, size: maybe(isCount), version: maybe(isText) });
const SHAPES = {
  begun: (value: unknown) =>
    fields({ server: isText, place: isText, user: maybe(isText), files: listOf(begunFile), spec: maybe(isRecord) })(
      value
    ) && ['upload', 'download'].includes((value as Fields).kind as string),
  facts: (value: unknown) =>
    isRecord(value) &&
    Object.entries(value).every(([name, its]) =>
      its === null ? !LASTING.includes(name) : !Object.hasOwn(FACTS, name) || (FACTS[name] as Is)(its)
    ),
  ended: fields({ outcome: isText, left: isFlag })
};
