// What must not come back from a call: the service may echo the address that it fetches from, and with it a password or a
// presigned query. Struck out before anybody hears of the answer: the machines, the log, the journal, the report.
import { type Hide, type Known, striker } from '../secret-forms.ts';
import { secretsIn, shownAddress } from '../sources/pull-address.ts';
import type { Means } from './calls.ts';

/** Takes every secret of the sources out of an answer or a failure. */
export function hiderOf(files: Means['files']): Hide {
  const hide = hiders.get(files) ?? makeHider(files);
  hiders.set(files, hide);
  return hide;
}

/** Made once a run: an item may have a thousand files. */
const hiders = new WeakMap<Means['files'], Hide>();

function makeHider(files: Means['files']): Hide {
  return striker(
    files.flatMap(file => {
      if (!('pull' in file)) return [];
      const { uri } = file.pull;
      const shown = shownAddress(uri);
      const whole = [uri, new URL(uri).href];
      return secretsIn(uri).flatMap((secret): Known[] => {
        if (whole.includes(secret)) return [[secret, shown]];
        // Its name is shown anyway, and without it the file would not be found in an answer.
        return file.name.includes(secret) ? [] : [[secret, '[hidden]']];
      });
    })
  );
}
