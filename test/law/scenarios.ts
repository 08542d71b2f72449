// What clients do and what befalls them: together these take every transition of the law.
import { DOWNLOAD_SCENARIOS } from './download-scenarios.ts';
import {
  add,
  ask,
  begin,
  breakOff,
  deleteItem,
  expire,
  files,
  goOn,
  inject,
  leave,
  loseStorage,
  pull,
  put,
  remove,
  type Scenario,
  type Step,
  state,
  status,
  visible,
  wait
} from './steps.ts';
import { descriptor, SELF_SIGNED, SESSION_MS } from './world.ts';

const MINUTE_MS = 60_000;
const GONE = '404 not_found';
const WRONG_STATE = '400 operation_in_wrong_state';
const FOR_A_REASON = '400 update_session_invalid_state_for_operation_reason';
const NOT_RECEIVED = '400 update_session_file_not_received';
const LACKING = '400 update_session_has_missing_or_invalid_files';
const UNWELCOME = '400 warning_not_ignored';
const SELF = 'SELF_SIGNED_CERTIFICATE';

/** What may be asked of a session that has ended, and that it can be deleted. */
const epilogue = (shown: string): Step[] => [
  state(shown),
  files('a'),
  status('a', shown === 'DONE' ? 'READY' : 'WAITING_FOR_TRANSFER'),
  ask('update', shown === 'ERROR' ? FOR_A_REASON : WRONG_STATE),
  ask('delete'),
  state(GONE)
];
const GRACE = { rules: { expiredGraceMs: MINUTE_MS, endedKeptMs: MINUTE_MS } };
const CHECKED_LATER = { rules: { validatingMs: MINUTE_MS } };
const HELD = {
  libraries: [
    {
      name: 'images',
      items: [
        { name: 'plain', files: [{ name: 'a', text: 'old' }] },
        { name: 'package', type: 'ovf' }
      ]
    }
  ]
};
/** A file that the session had changed is the item's again. */
const leftAlone = [leave('a'), status('a', 'READY'), ask('complete'), visible('a')];
const shortFile = { size: 4 };
const signed = [add('vm.cert'), put('vm.cert', SELF_SIGNED), add('vm.ovf'), put('vm.ovf', descriptor())];

const ENDS: readonly Scenario[] = [
  {
    name: 'a plain upload',
    steps: [
      add('a'),
      ask('update'),
      ask('keep-alive'),
      put('a'),
      status('a', 'READY'),
      ask('file validate'),
      files('a'),
      state('ACTIVE'),
      visible(),
      ask('complete'),
      visible('a'),
      ...epilogue('DONE')
    ]
  },
  { name: 'a canceled session', steps: [add('a'), ask('cancel'), ...epilogue('CANCELED')] },
  {
    name: 'a session that is gone when it is canceled',
    options: { rules: { cancelDeletes: true } },
    steps: [add('a'), put('a'), ask('cancel'), state(GONE), visible()]
  },
  { name: 'a failed session', steps: [add('a'), ask('fail'), ...epilogue('ERROR')] },
  { name: 'a session past its time', options: GRACE, steps: [add('a'), wait(SESSION_MS + 1), ...epilogue('ERROR')] },
  { name: 'a session that expires now', steps: [add('a'), expire(), state(GONE)] },
  { name: 'an item deleted under its session', steps: [add('a'), deleteItem(), ...epilogue('ERROR')] },
  ...(
    [
      ['DONE', ask('complete')],
      ['CANCELED', ask('cancel')],
      ['ERROR', ask('fail')]
    ] as const
  ).map(([shown, end]) => ({
    name: `a session that is ${shown} and cleared away`,
    options: GRACE,
    steps: [end, wait(MINUTE_MS), state(shown), wait(1), state(GONE)]
  })),
  {
    name: 'an expired session that is cleared away',
    options: GRACE,
    steps: [wait(SESSION_MS + 1), state('ERROR'), wait(MINUTE_MS), state(GONE)]
  }
];

const REFUSALS: readonly Scenario[] = [
  { name: 'storage that is gone', steps: [loseStorage(), add('a', '400 invalid_library_backing_does_not_exist')] },
  {
    name: 'a manifest after its descriptor',
    on: 'package',
    steps: [add('vm.mf'), add('vm.ovf'), add('vm.mf', '400 manifest_after_descriptor')]
  },
  {
    name: 'a file that was not sent',
    steps: [add('a'), ask('file validate', NOT_RECEIVED), ask('complete', NOT_RECEIVED), state('ACTIVE')]
  },
  {
    name: 'a disk that is missing',
    on: 'package',
    steps: [add('vm.ovf'), put('vm.ovf', descriptor('disk')), ask('complete', LACKING), state('ACTIVE')]
  },
  {
    name: 'a certificate that nobody vouches for',
    on: 'package',
    steps: [...signed, ask('complete', UNWELCOME), state('ERROR')]
  },
  {
    name: 'a certificate that is accepted',
    on: 'package',
    steps: [...signed, ask('update', 'done', [SELF]), ask('complete'), state('DONE')]
  }
];

const PULLS: readonly Scenario[] = [
  {
    name: 'a pull that complete waits for',
    steps: [
      add('a'),
      put('a'),
      pull('p'),
      ask('complete'),
      state('ACTIVE'),
      ask('complete', WRONG_STATE),
      put('a', 'other', '404 no_such_upload'),
      put('p'),
      state('DONE'),
      visible('a', 'p')
    ]
  },
  {
    name: 'two pulls that complete waits for',
    steps: [pull('p'), pull('q'), ask('complete'), put('p'), state('ACTIVE'), put('q'), state('DONE')]
  },
  {
    name: 'a pull that fails after complete',
    steps: [
      pull('p'),
      pull('q'),
      ask('complete'),
      inject({ on: 'put', do: 'transferError' }),
      put('p', 'hello', '500 transfer_failed'),
      state('ERROR')
    ]
  },
  {
    name: 'a pulled descriptor that lacks a disk',
    on: 'package',
    steps: [pull('vm.ovf'), ask('complete'), put('vm.ovf', descriptor('disks/disk')), state('ERROR')]
  },
  {
    name: 'a pulled certificate that nobody vouches for',
    on: 'package',
    steps: [
      pull('vm.cert'),
      pull('vm.ovf'),
      ask('complete'),
      put('vm.cert', SELF_SIGNED),
      put('vm.ovf', descriptor()),
      state('ERROR')
    ]
  }
];

const FILES: readonly Scenario[] = [
  { name: 'a waiting file, added again', steps: [add('a'), add('a'), put('a'), status('a', 'READY')] },
  { name: 'a waiting file, removed', steps: [add('a'), remove('a'), files()] },
  { name: 'a file on its way, added again', steps: [add('a'), begin('a', 'he', 'hello'), add('a'), files('a')] },
  { name: 'a file on its way, removed', steps: [add('a'), begin('a', 'he', 'hello'), remove('a'), files()] },
  {
    name: 'a file on its way, overtaken',
    steps: [add('a'), begin('a', 'he', 'hello'), put('a', 'other'), status('a', 'READY')]
  },
  { name: 'a file of the item, left as it is', options: HELD, steps: [status('a', 'READY'), ...leftAlone] },
  { name: 'a file of the item, to be sent and then left', options: HELD, steps: [add('a'), ...leftAlone] },
  {
    name: 'a file of the item, being sent and then left',
    options: HELD,
    steps: [add('a'), begin('a', 'he', 'hello'), leave('a'), goOn('a', 'llo', '404'), ...leftAlone]
  },
  {
    name: 'a file of the item, being checked and then left',
    options: { ...HELD, ...CHECKED_LATER },
    steps: [add('a'), put('a'), status('a', 'VALIDATING'), ...leftAlone]
  },
  {
    name: 'a file of the item, sent wrongly and then left',
    options: HELD,
    steps: [add('a', 'WAITING_FOR_TRANSFER', shortFile), put('a', 'hello', '400 size_mismatch'), ...leftAlone]
  },
  {
    name: 'a file of the item, removed and then left',
    options: HELD,
    steps: [remove('a'), files(), ...leftAlone]
  },
  {
    name: 'a file that the item has not, left',
    steps: [
      leave('a', '400 no_such_file'),
      add('a'),
      leave('a', '400 no_such_file'),
      status('a', 'WAITING_FOR_TRANSFER')
    ]
  },
  { name: 'a file being checked, added again', options: CHECKED_LATER, steps: [add('a'), put('a'), add('a')] },
  {
    name: 'a file being checked, removed',
    options: CHECKED_LATER,
    steps: [add('a'), put('a'), status('a', 'VALIDATING'), remove('a'), files()]
  },
  { name: 'a READY file, added again', steps: [add('a'), put('a'), add('a'), status('a', 'WAITING_FOR_TRANSFER')] },
  { name: 'a READY file, removed', steps: [add('a'), put('a'), remove('a'), files()] },
  { name: 'a READY file, sent again', steps: [add('a'), put('a'), put('a', 'other'), status('a', 'READY')] },
  {
    name: 'a file of the wrong size, added again',
    steps: [
      add('a', 'WAITING_FOR_TRANSFER', shortFile),
      put('a', 'hello', '400 size_mismatch'),
      status('a', 'ERROR'),
      state('ACTIVE'),
      add('a'),
      put('a'),
      status('a', 'READY')
    ]
  },
  {
    name: 'a file of the wrong size, removed',
    steps: [add('a', 'WAITING_FOR_TRANSFER', shortFile), put('a', 'hello', '400 size_mismatch'), remove('a'), files()]
  },
  {
    name: 'a body that breaks off',
    steps: [
      add('a'),
      begin('a', 'he', 'hello'),
      breakOff('a'),
      status('a', 'WAITING_FOR_TRANSFER'),
      put('a'),
      status('a', 'READY')
    ]
  },
  {
    name: 'a body that breaks off where that is an error',
    options: { rules: { dropIsError: true } },
    steps: [add('a'), begin('a', 'he', 'hello'), breakOff('a'), status('a', 'ERROR'), state('ACTIVE')]
  },
  {
    name: 'a server that fails while the bytes come',
    steps: [
      add('a'),
      inject({ on: 'put', do: 'transferError' }),
      put('a', 'hello', '500 transfer_failed'),
      status('a', 'ERROR'),
      state('ERROR')
    ]
  },
  {
    name: 'a server that fails over an overtaken body, while nothing comes',
    steps: [
      add('a'),
      inject({ on: 'put', do: 'transferError', afterBytes: 4 }),
      begin('a', 'he', 'hello', 'TRANSFERRING', 'first'),
      begin('a', 'hel', 'hello', 'TRANSFERRING', 'second'),
      breakOff('second'),
      status('a', 'WAITING_FOR_TRANSFER'),
      goOn('first', 'llo', '500'),
      status('a', 'ERROR'),
      state('ERROR')
    ]
  },
  {
    name: 'a server that fails over an overtaken body, while the newer one is checked',
    options: CHECKED_LATER,
    steps: [
      add('a'),
      inject({ on: 'put', do: 'transferError', afterBytes: 4 }),
      begin('a', 'he', 'hello'),
      put('a'),
      status('a', 'VALIDATING'),
      goOn('a', 'llo', '500'),
      status('a', 'ERROR'),
      state('ERROR')
    ]
  }
];

export const SCENARIOS: readonly Scenario[] = [...ENDS, ...REFUSALS, ...PULLS, ...FILES, ...DOWNLOAD_SCENARIOS];
