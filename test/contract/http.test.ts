import { contract } from './contract.ts';
import { overHttp } from './subjects.ts';

contract('our client over HTTP in /api', { open: overHttp('9.0', 'api'), gaps: {} });
contract('our client over HTTP in /api of 8.0, which takes tokens in the query', {
  open: overHttp('8.0', 'api'),
  gaps: {}
});
contract('our client over HTTP in /rest', { open: overHttp('8.0', 'rest'), gaps: {} });
contract('our client over HTTP in /rest of 6.5', {
  open: overHttp('6.5', 'rest'),
  gaps: {
    'check digests by SHA-2': 'SHA-256 and SHA-512 came with 6.7 Update 1',
    'preview a signed package, and warn of its certificate': 'previews came with 6.7 Update 1',
    'end in ERROR over a warning that nobody ignores': 'warnings came with 6.7 Update 1',
    'complete over a warning that is ignored, from the beginning or later': 'warnings came with 6.7 Update 1',
    'end in ERROR again where a warning is ignored no longer': 'warnings came with 6.7 Update 1'
  }
});
