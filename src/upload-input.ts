// From what was checked and planned to the input of the upload machine: JSON, without sources or streams.
import type { Known, UploadInput, UploadPolicy } from '../machines/workflow/upload-facts.ts';
import { isPulled, type Plan } from './plan.ts';
import type { ServerProfile } from './ports.ts';
import type { CheckedSpec } from './spec.ts';

export function inputOf(
  spec: CheckedSpec,
  plan: Plan,
  server: ServerProfile,
  policy: UploadPolicy,
  run: string,
  known?: Known,
  rehearse?: UploadInput['rehearse']
): UploadInput {
  return {
    run,
    to: {
      library: spec.library.id ?? spec.library.name,
      libraryById: spec.library.id !== undefined,
      item: spec.item?.id ?? spec.item?.name ?? plan.itemName,
      itemById: spec.item?.id !== undefined
    },
    itemType: spec.itemType ?? plan.itemType,
    files: plan.files.map(file => {
      const { name, size, role, digest } = file;
      return { name, size, role, digest, ...(isPulled(file) && { pull: true as const }) };
    }),
    ifExists: spec.ifExists,
    onBusy: spec.onBusy,
    force: spec.force,
    acceptWarnings: spec.acceptWarnings,
    hash: spec.hash,
    server: {
      reportsReady: server.reportsReady,
      reportsSize: server.reportsSize,
      reportsDigest: server.reportsDigest,
      removesFiles: server.removesFiles,
      ...(server.sharesItems && { sharesItems: true }),
      previews: server.previews,
      sessionTimeoutMs: server.sessionTimeoutMs,
      algorithms: server.algorithms
    },
    policy: { ...policy, parallel: spec.parallel },
    ...(rehearse === undefined ? { known } : { rehearse })
  };
}
