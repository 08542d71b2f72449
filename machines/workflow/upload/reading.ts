// How the plan reads an event: the answer of an attempt, or why there is none.
import type { Failure, ItemFile, PreviewWarning, SessionFile, SessionInfo } from '../../vocabulary.ts';
import { result } from '../attempt/answer.ts';
import type { SessionOwner } from '../calls.ts';
import { isDescriptor } from '../check.ts';
import type { UploadContext, UploadInput } from '../upload-facts.ts';

export const answer = <T>(event: unknown): T | undefined => {
  const its = result(event);
  return its.ok ? (its.value as T) : undefined;
};
export const list = <T>(event: unknown): readonly T[] => (result(event) as unknown as { value: readonly T[] }).value;
export const failureOf = (event: unknown): Failure | undefined => {
  const its = result(event);
  return its.ok ? undefined : its.failure;
};
export const stamp = (event: unknown): { at: number; luck: number } => ({
  at: result(event).at,
  luck: result(event).luck
});
export const stateOf = (event: unknown): string | undefined => answer<SessionInfo>(event)?.state;
export const isGone = (failed: Failure | undefined): boolean => failed?.code === 'NOT_FOUND';
/** Whether the journal has a session as another run's. */
export function isOfAnother(run: string, event: unknown): boolean {
  return (answer<readonly SessionOwner[]>(event) ?? []).some(owner => owner.run !== run);
}

export const theItem = ({ input }: UploadContext): string =>
  `item ${JSON.stringify(input.to.item)} in library ${JSON.stringify(input.to.library)}`;

export function warningsOf(event: unknown): readonly PreviewWarning[] {
  return answer<SessionInfo>(event)?.preview?.warnings ?? [];
}

export function extras(input: UploadInput, held: readonly Pick<ItemFile, 'name'>[]): string[] {
  return held.map(({ name }) => name).filter(name => !input.files.some(file => file.name === name));
}

/** What the item held besides, before, and does not hold any more; the session of an earlier life may have lacked it already. */
export function removedFrom({ input, held, outcome }: UploadContext): string[] {
  const replaced = outcome === 'done' && input.ifExists === 'replace' && input.server.removesFiles;
  return replaced ? extras(input, held) : [];
}

/** What the session shows of each file that was pushed, by index; `undefined`: nothing, or it was not pushed. */
export function pushed({ input, files }: UploadContext, listed: readonly SessionFile[]): (SessionFile | undefined)[] {
  return input.files.map(({ name, pull }, index) =>
    files[index]?.outcome === 'ready' && pull !== true ? listed.find(its => its.name === name) : undefined
  );
}

/**
 * Files of which nothing shows that the item holds what was sent, where no session says DONE. An equal size shows nothing if
 * the item held a file of that name and size before, and has the content version that it had.
 */
export function unproven({ input, verified, held, contentVersion, versionBefore }: UploadContext): string[] {
  return input.files
    .filter(({ name, size, role }, index) => {
      const how = verified[index]?.verified;
      if (how === 'digest' || how === 'notKept') return false;
      const asBefore = held.some(its =>
        role === 'archive' ? isDescriptor(its) : its.name === name && (its.size ?? size) === (size ?? its.size)
      );
      return how === 'no' || (asBefore && contentVersion === versionBefore);
    })
    .map(({ name }) => name);
}
