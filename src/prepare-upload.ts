// An upload made ready for somebody else's actor system: what `uploadMachine` is told, and what its effects may use. `upload`
// (src/drive.ts) does the same for its own loop.
import type { UploadInput, UploadPolicy } from '../machines/workflow/upload-facts.ts';
import type { Means } from './effects/calls.ts';
import { plan, pullMeansOf } from './plan.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { Ports } from './ports.ts';
import { checkSpec, type UploadSpec } from './spec.ts';
import { inputOf } from './upload-input.ts';

export interface PrepareOptions {
  readonly policy?: Partial<UploadPolicy>;
  /** A UUID for the run; drawn when absent. */
  readonly run?: string;
  /** Bytes of the running attempt handed to the network, per file. */
  readonly onSent?: Means['onSent'];
}

export interface PreparedUpload extends AsyncDisposable {
  /** The input of `uploadMachine`; JSON. */
  readonly input: UploadInput;
  /** What `uploadActors` needs. */
  readonly means: Means;
  /** Releases the files, when the machine has ended. */
  close(): Promise<void>;
}

/**
 * Checks what is wanted and finds out what it means, as `upload` does. Throws `PortFailure`: INVALID_SPEC, SOURCE_UNREADABLE,
 * SOURCE_INVALID or SOURCE_DISAGREES.
 *
 * @example
 * const { input, means } = await prepareUpload(vcenter, { to: 'images/ubuntu-24.04', files: ['ubuntu.ova'] });
 * createActor(uploadMachine.provide({ actors: uploadActors(means) }), { input }).start();
 */
export async function prepareUpload(
  ports: Ports,
  spec: UploadSpec,
  { policy, run = ports.random.uuid(), onSent = () => undefined }: PrepareOptions = {}
): Promise<PreparedUpload> {
  const checked = checkSpec(spec);
  const planned = await plan(checked, ports.disk, pullMeansOf(ports));
  const close = () => planned.close();
  return {
    input: inputOf(checked, planned, ports.library.server, { ...DEFAULT_POLICY, ...policy }, run),
    means: { ...ports, files: planned.files, onSent },
    close,
    [Symbol.asyncDispose]: close
  };
}
