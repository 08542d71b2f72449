// How the states of the download plan call: everything goes through `attempt`.
import type { CallSpec, RetryPolicy } from '../calls.ts';
import type { DownloadContext } from '../download-facts.ts';

export const attempt = (
  id: string,
  call: (context: DownloadContext) => CallSpec,
  limits: Partial<RetryPolicy> = {}
) => ({
  id,
  src: 'attempt' as const,
  input: ({ context }: { context: DownloadContext }) => ({
    policy: { ...context.input.policy, ...limits },
    call: call(context)
  })
});
export const abandon = '#download.abandoning';
export const leave = { target: abandon, actions: 'wish' as const };
export const itemOf = ({ itemId }: DownloadContext): string => String(itemId);
export const sessionOf = ({ sessionId }: DownloadContext): string => String(sessionId);
export const asksSession = (context: DownloadContext): CallSpec => ({
  op: 'getDownloadSession',
  args: { id: sessionOf(context) }
});
export const deletesSession = (context: DownloadContext): CallSpec => ({
  op: 'deleteDownloadSession',
  args: { id: sessionOf(context) }
});
