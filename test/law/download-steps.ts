// Steps of a scenario that are about a download session of the item.
import { type DownloadOperation, downloadRequestOf } from './download-calls.ts';
import { happens, type Stage, type Step, said, step } from './steps.ts';
import type { Answer } from './world.ts';

/** Opens a download session, which the steps after it are about. */
export function download(): Step {
  return step('download create', 'done', async stage => {
    const answer = await asked(stage, 'create');
    stage.download.session = String(answer.body);
    return said(answer);
  });
}

/** One operation on the download session. */
export function askDownload(operation: DownloadOperation, expects = 'done'): Step {
  return step(`download ${operation}`, expects, async stage => said(await asked(stage, operation)));
}

/** Asks for a link, and remembers one that comes. */
export function prepare(file: string, expects = 'PREPARED'): Step {
  return step(`prepare ${file}`, expects, stage => shown(stage, 'file prepare', file));
}

/** The status of a file of the download session, as the service shows it; `with a link` where there is one. */
export function downloadStatus(file: string, expects: string): Step {
  return step(`download file get ${file}`, expects, stage => shown(stage, 'file get', file));
}

/** The state of the download session, as the service shows it. */
export function downloadState(expects: string): Step {
  return step('download get', expects, async stage => {
    const answer = await asked(stage, 'get');
    return (answer.body as { state?: string }).state ?? said(answer);
  });
}

/** The names of the files of the download session. */
export function downloadFiles(...expects: string[]): Step {
  return step('download file list', expects.join(), async stage => {
    const answer = await asked(stage, 'file list');
    return answer.status === 200 ? (answer.body as { name: string }[]).map(({ name }) => name).join() : said(answer);
  });
}

/** What is read at the newest link of a file. */
export function read(file: string, expects: string): Step {
  return step(`GET ${file}`, expects, async ({ download }) => {
    const response = await fetch(download.links.get(file)!);
    const text = await response.text();
    return response.ok ? text : said({ status: response.status, body: JSON.parse(text) as unknown });
  });
}

export function expireDownload(): Step {
  return happens('the download session expires', ({ world, download }) => world.simulator.expire(download.session));
}

async function shown(stage: Stage, operation: 'file get' | 'file prepare', file: string): Promise<string> {
  const answer = await asked(stage, operation, file);
  if (answer.status !== 200) return said(answer);
  const { status, download_endpoint } = answer.body as { status: string; download_endpoint?: { uri: string } };
  if (download_endpoint) stage.download.links.set(file, download_endpoint.uri);
  // a link is there while the file is PREPARED, and only then
  return (status === 'PREPARED') === (download_endpoint !== undefined) ? status : `${status}, of all`;
}

function asked({ world, item, download }: Stage, operation: DownloadOperation, file = ''): Promise<Answer> {
  return world.ask(downloadRequestOf('api', operation, { item, session: download.session, file }));
}
