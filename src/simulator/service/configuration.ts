// The configuration of the service (Configuration, vSphere API 8.0). It is about synchronizing subscribed libraries, which does not
// happen here: what is set is kept and shown.
import type { WireArgs } from '../../wire/operations.ts';
import { specOf } from './arguments.ts';
import { invalid } from './refusals.ts';
import type { ConfigurationState } from './state.ts';
import type { Work } from './work.ts';

export function getConfiguration(work: Work): ConfigurationState {
  return work.state.configuration;
}

/** What is unset stays as it is. */
export function updateConfiguration(work: Work, args: WireArgs): void {
  const configuration = { ...work.state.configuration, ...(specOf(args) as Partial<ConfigurationState>) };
  const { automatic_sync_start_hour, automatic_sync_stop_hour, maximum_concurrent_item_syncs } = configuration;
  for (const hour of [automatic_sync_start_hour, automatic_sync_stop_hour]) {
    if (hour < 0 || hour > 23) throw invalid('bad_hour', `The hour ${hour} is not between 0 and 23.`, String(hour));
  }
  if (maximum_concurrent_item_syncs < 1) {
    throw invalid(
      'bad_maximum',
      'At least one item has to be synchronized at a time.',
      'maximum_concurrent_item_syncs'
    );
  }
  work.state = { ...work.state, configuration };
}
