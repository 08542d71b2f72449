import type { Wording } from '../../src/wire/codec.ts';
import { contract } from './contract.ts';
import { overHttp } from './subjects.ts';

contract('our client over HTTP in /api', { open: overHttp('9.0', 'api'), gaps: {} });
contract('our client over HTTP in /api of 8.0, which takes tokens in the query', {
  open: overHttp('8.0', 'api'),
  gaps: {}
});
contract('our client over HTTP in /rest', { open: overHttp('8.0', 'rest'), gaps: {} });

const BEFORE_UPDATE_1 = {
  'check digests by SHA-2': 'SHA-256 and SHA-512 came with 6.7 Update 1',
  'preview a signed package, and warn of its certificate': 'previews came with 6.7 Update 1',
  'end in ERROR over a warning that nobody ignores': 'warnings came with 6.7 Update 1',
  'complete over a warning that is ignored, from the beginning or later': 'warnings came with 6.7 Update 1',
  'end in ERROR again where a warning is ignored no longer': 'warnings came with 6.7 Update 1'
};
/** The wire has it nowhere: its address is that of nothing. */
const WITHOUT_UPDATE = {
  'be canceled, and then only be read and deleted': 'sessions can be updated since 6.7 Update 1',
  'say that there is no such session, whatever is asked of it': 'sessions can be updated since 6.7 Update 1'
};
contract('our client over HTTP in /rest of 6.5', {
  open: overHttp('6.5', 'rest'),
  gaps: { ...BEFORE_UPDATE_1, ...WITHOUT_UPDATE }
});

// Every form, every encoding and both mounts of the dialect of 2014, though not each with each.
const of2014 = (wording: Wording) => ({
  open: overHttp('6.0', '2014', undefined, wording),
  gaps: {
    ...BEFORE_UPDATE_1,
    'be canceled, and then only be read and deleted': 'a canceled session is gone in 6.0',
    'be the only one that is ACTIVE on its item': 'a canceled session is gone in 6.0',
    'stand beside sessions on other items': 'a canceled session is gone in 6.0',
    'say that there is no such session, whatever is asked of it': 'sessions cannot be updated in 6.0'
  }
});
contract('our client over HTTP in the dialect of 2014, in JSON', of2014({ encoding: 'json', form: 1 }));
contract(
  'our client over HTTP in the dialect of 2014, in XML and bare',
  of2014({ encoding: 'xml', form: 2, bare: true })
);
contract('our client over HTTP in the dialect of 2014, in forms', of2014({ encoding: 'form', form: 3 }));
