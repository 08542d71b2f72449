// The operations on the files of an update session (UpdateSession.File, vSphere API 8.0).
import type { StateValue } from 'xstate';
import { wordOf } from '../../../machines/law.ts';
import { Refusal } from '../../wire/errors.ts';
import type { WireArgs } from '../../wire/operations.ts';
import { digestOf, fileNameOf, needed, sizeOf, specOf } from './arguments.ts';
import { addSummaryOf, findingsOf, isOvf, keepsInStorage, roleOf } from './content.ts';
import { beginning, judgeFile } from './law.ts';
import { fileModel } from './present.ts';
import { invalid, noSuchFile, tooMany, wrongState } from './refusals.ts';
import { allowed, entryOf, named } from './sessions.ts';
import type { Endpoint, SessionFileState, SessionState } from './state.ts';
import { put } from './table.ts';
import { itemOf, keep, release, replaceFile, summary, type Work } from './work.ts';

/**
 * Adds a file, or begins one anew: the old upload URL dies, and what was received is dropped. With source NONE the item's file
 * is left as it is, or taken back when the session had changed or removed it (our judgement; no documentation says).
 */
export function addFile(work: Work, args: WireArgs): unknown {
  const before = named(work, args);
  const spec = specOf(args);
  const name = fileNameOf(spec);
  const source = sourceOf(spec);
  const size = sizeOf(spec);
  const digest = digestOf(spec, work.state.settings.algorithms);
  const endpoint = source === 'PULL' ? endpointOf(spec) : undefined;
  if (digest && isOvf(work.state, before) && roleOf(name) === 'archive') {
    throw invalid('checksum_of_archive', `The archive ${name} cannot be given with a checksum.`, name);
  }
  const event = { type: 'file.add', summary: addSummaryOf(work.state, before, name) } as const;
  const session = allowed(work, args, event, 'add', name);
  const existing = session.files.find(file => file.name === name);
  const { maxFilesPerSession } = work.state.settings.rules;
  if (!existing && session.files.length >= maxFilesPerSession) throw tooMany('files', maxFilesPerSession);
  const transfer = work.context.uuid();
  const file: SessionFileState =
    source === 'NONE'
      ? left(work, session, name, existing)
      : {
          name,
          source,
          state: existing ? step(work, existing.state, 'add') : beginning(work.law.updateFile),
          transfer,
          attempt: 0,
          expected: { ...(size !== undefined && { size }), ...(digest && { digest }) },
          ...(endpoint && { endpoint }),
          received: 0,
          keep: keepsInStorage(work.state, session, name)
        };
  if (existing) release(work, existing);
  keep(work, existing ? replaceFile(session, file) : { ...session, files: [...session.files, file] });
  if (file.transfer !== undefined) {
    work.state = { ...work.state, transfers: put(work.state.transfers, transfer, { session: session.id, file: name }) };
  }
  return fileModel(file, work.state.settings);
}

/** The entry of a file that stays what the item has. */
function left(work: Work, session: SessionState, name: string, existing?: SessionFileState): SessionFileState {
  const stored = itemOf(work, session.itemId).files.find(other => other.name === name);
  if (stored === undefined) throw noSuchFile(name, 'item');
  return { ...entryOf(stored), state: step(work, existing?.state ?? beginning(work.law.updateFile), 'leave') };
}

export function listFiles(work: Work, args: WireArgs): unknown {
  const session = allowed(work, args, { type: 'file.list' }, 'list');
  return session.files.map(file => fileModel(file, work.state.settings));
}

export function getFile(work: Work, args: WireArgs): unknown {
  const session = allowed(work, args, { type: 'file.get' }, 'get');
  return fileModel(fileIn(session, args), work.state.settings);
}

/** The file leaves the session at once, and the item when the session completes. */
export function removeFile(work: Work, args: WireArgs): void {
  const session = allowed(work, args, { type: 'file.remove' }, 'remove');
  const file = fileIn(session, args);
  step(work, file.state, 'remove');
  release(work, file);
  keep(work, { ...session, files: session.files.filter(other => other !== file) });
}

export function validate(work: Work, args: WireArgs): unknown {
  const event = { type: 'file.validate', summary: summary(work, named(work, args)) } as const;
  const session = allowed(work, args, event, 'validate');
  const { missing, invalid } = findingsOf(work.state, session);
  return { has_errors: missing.length + invalid.length > 0, missing_files: missing, invalid_files: invalid };
}

function fileIn(session: SessionState, args: WireArgs): SessionFileState {
  const name = needed(args, 'file_name');
  const file = session.files.find(other => other.name === name);
  if (file === undefined) throw noSuchFile(name);
  return file;
}

/** Asks the law of the file. */
function step(work: Work, state: StateValue, type: 'add' | 'leave' | 'remove'): StateValue {
  const judgement = judgeFile(work.law, state, { type });
  if (judgement.allowed) return judgement.state;
  throw new Refusal(wrongState(type, wordOf(state), ''));
}

function sourceOf(spec: Readonly<Record<string, unknown>>): SessionFileState['source'] {
  const source = needed(spec, 'source_type');
  if (source === 'PUSH' || source === 'PULL' || source === 'NONE') return source;
  throw invalid('bad_source_type', `The source type ${source} is not PUSH, PULL or NONE.`, source);
}

function endpointOf(spec: Readonly<Record<string, unknown>>): Endpoint {
  const endpoint = (spec.source_endpoint ?? {}) as Readonly<Record<string, unknown>>;
  const uri = needed(endpoint, 'uri');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  if (!['http', 'https', 'file', 'ds'].includes(scheme)) {
    throw invalid('unsupported_uri_scheme', `The source ${uri} is not http, https, file or ds.`, uri);
  }
  return { ...endpoint, uri };
}
