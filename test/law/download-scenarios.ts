// What clients do with download sessions and what befalls them: together these take every transition of their law.
import {
  askDownload,
  download,
  downloadFiles,
  downloadState,
  downloadStatus,
  expireDownload,
  prepare,
  read
} from './download-steps.ts';
import { add, ask, deleteItem, loseStorage, put, type Scenario, type Step, wait } from './steps.ts';
import { SESSION_MS } from './world.ts';

const MINUTE_MS = 60_000;
const GONE = '404 not_found';
const WRONG_STATE = '400 operation_in_wrong_state';
const DEAD = '404 no_such_transfer';
const GRACE = { rules: { expiredGraceMs: MINUTE_MS, endedKeptMs: MINUTE_MS } };
const LATER = { rules: { preparingMs: 2 * MINUTE_MS } };

/** An item with one file, and a download session on it. */
const begun: readonly Step[] = [add('a'), put('a'), ask('complete'), download()];
const linked: readonly Step[] = [...begun, prepare('a')];

/** What may be asked of a session that has ended, and that it can be deleted. */
const epilogue = (shown: string): Step[] => [
  downloadState(shown),
  downloadFiles('a'),
  downloadStatus('a', 'UNPREPARED'),
  read('a', DEAD),
  askDownload('keep-alive', WRONG_STATE),
  prepare('a', WRONG_STATE),
  askDownload('delete'),
  downloadState(GONE)
];

export const DOWNLOAD_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a plain download',
    steps: [
      ...begun,
      downloadFiles('a'),
      downloadStatus('a', 'UNPREPARED'),
      prepare('a'),
      prepare('a'),
      read('a', 'hello'),
      read('a', 'hello'),
      askDownload('keep-alive'),
      downloadState('ACTIVE'),
      askDownload('delete'),
      downloadState(GONE),
      read('a', DEAD)
    ]
  },
  { name: 'a canceled download', steps: [...linked, askDownload('cancel'), ...epilogue('CANCELED')] },
  { name: 'a failed download', steps: [...linked, askDownload('fail'), ...epilogue('ERROR')] },
  {
    name: 'a download past its time',
    options: GRACE,
    steps: [...linked, wait(SESSION_MS + 1), ...epilogue('ERROR')]
  },
  { name: 'a download that expires now', steps: [...linked, expireDownload(), downloadState(GONE), read('a', DEAD)] },
  { name: 'an item deleted under its download', steps: [...linked, deleteItem(), ...epilogue('ERROR')] },
  ...(
    [
      ['CANCELED', askDownload('cancel')],
      ['ERROR', askDownload('fail')]
    ] as const
  ).map(([shown, end]) => ({
    name: `a download that is ${shown} and cleared away`,
    options: GRACE,
    steps: [...begun, end, wait(MINUTE_MS), downloadState(shown), wait(1), downloadState(GONE)]
  })),
  {
    name: 'an expired download that is cleared away',
    options: GRACE,
    steps: [...begun, wait(SESSION_MS + 1), downloadState('ERROR'), wait(MINUTE_MS), downloadState(GONE)]
  },
  {
    name: 'a file that takes its time to be prepared',
    options: LATER,
    steps: [
      ...begun,
      prepare('a', 'PREPARE_REQUESTED'),
      prepare('a', 'PREPARE_REQUESTED'),
      wait(MINUTE_MS),
      downloadStatus('a', 'PREPARING'),
      prepare('a', 'PREPARING'),
      wait(MINUTE_MS),
      downloadStatus('a', 'PREPARED'),
      read('a', 'hello')
    ]
  },
  {
    name: 'a file that is asked for when the session ends',
    options: LATER,
    steps: [...begun, prepare('a', 'PREPARE_REQUESTED'), askDownload('cancel'), downloadStatus('a', 'UNPREPARED')]
  },
  {
    name: 'a file that is being prepared when the session ends',
    options: LATER,
    steps: [
      ...begun,
      prepare('a', 'PREPARE_REQUESTED'),
      wait(MINUTE_MS),
      askDownload('cancel'),
      downloadStatus('a', 'UNPREPARED')
    ]
  },
  {
    name: 'a file whose storage is gone, asked for again',
    steps: [...begun, loseStorage(), prepare('a', 'ERROR'), prepare('a', 'ERROR'), downloadState('ACTIVE')]
  }
];
