// What the service tells inside an answer is shown to people like a refusal of it: an upload URI in it is not.
import { expect, it } from 'vitest';
import { sessionFile, sessionInfo, validation } from '../../src/wire/models.ts';

const said = { id: 'x', default_message: 'PUT https://vc:443/cls/data/5b1d-secret/a.iso failed', args: [] };

it('should never tell an upload URI in the words of a session, a file, a warning or a validation', () => {
  const told = [
    sessionInfo('u', { error_message: said, preview_info: { warnings: [{ type: 'X', message: said }] } }),
    sessionFile({ name: 'a.iso', error_message: said }),
    validation({ has_errors: true, invalid_files: [{ name: 'a.iso', error_message: said }] })
  ];
  expect(JSON.stringify(told)).not.toContain('secret');
  expect(JSON.stringify(told).match(/\/cls\/data\/…\/a\.iso failed/g)).toHaveLength(4);
});
