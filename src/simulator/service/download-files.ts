// The operations on the files of a download session (DownloadSession.File, vSphere API 8.0).
import { wordOf } from '../../../machines/law.ts';
import { Refusal } from '../../wire/errors.ts';
import type { WireArgs } from '../../wire/operations.ts';
import { needed } from './arguments.ts';
import { keepDownload, prepareOn, replaceFile } from './download-work.ts';
import { allowedDownload } from './downloads.ts';
import { judgeDownloadFile } from './law.ts';
import { downloadFileModel } from './present.ts';
import { invalid, noSuchFile, wrongState } from './refusals.ts';
import type { DownloadFileState, DownloadState } from './state.ts';
import { find } from './table.ts';
import type { Work } from './work.ts';

export function listDownloadFiles(work: Work, args: WireArgs): unknown {
  const session = allowedDownload(work, args, { type: 'file.list' }, 'list');
  return session.files.map(file => downloadFileModel(work.state, session, file));
}

export function getDownloadFile(work: Work, args: WireArgs): unknown {
  const session = allowedDownload(work, args, { type: 'file.get' }, 'get');
  return downloadFileModel(work.state, session, fileIn(session, args));
}

/** Asks for a link. Of a file that is prepared, or is being, the present state is answered, whatever the endpoint type. */
export function prepareFile(work: Work, args: WireArgs): unknown {
  const type = args.endpoint_type ?? 'HTTPS';
  if (type !== 'HTTPS' && type !== 'DIRECT') {
    throw invalid('bad_endpoint_type', `The endpoint type ${String(type)} is not HTTPS or DIRECT.`, String(type));
  }
  const session = allowedDownload(work, args, { type: 'file.prepare' }, 'prepare');
  const file = fileIn(session, args);
  const judgement = judgeDownloadFile(work.law, file.state, { type: 'prepare' });
  if (!judgement.allowed) throw new Refusal(wrongState('prepare', wordOf(file.state), ''));
  if (judgement.state !== file.state) request(work, session, file, judgement.state, type === 'DIRECT');
  return downloadFileModel(work.state, session, fileIn(find(work.state.downloads, session.id)!, args));
}

function request(
  work: Work,
  session: DownloadState,
  file: DownloadFileState,
  state: DownloadFileState['state'],
  direct: boolean
): void {
  const { at } = work.context;
  const { preparingMs } = work.state.settings.rules;
  const { error: _, ...rest } = file;
  // half of the time it waits for its turn
  const preparing = { beginsAt: at + preparingMs / 2, endsAt: at + preparingMs };
  keepDownload(work, replaceFile(session, { ...rest, state, direct, preparing }));
  if (preparingMs === 0) prepareOn(work, session.id, file.name);
}

function fileIn(session: DownloadState, args: WireArgs): DownloadFileState {
  const name = needed(args, 'file_name');
  const file = session.files.find(other => other.name === name);
  if (file === undefined) throw noSuchFile(name, 'download session');
  return file;
}
