// The worlds of a download that the checker searches, and what must hold in every state of them.
import { downloadMachine } from '../../machines/workflow/download.ts';
import type { DownloadResult } from '../../machines/workflow/download-facts.ts';
import { downloadFactsOf } from '../../src/events/facts.ts';
import { fromWith, SERVES } from '../machines/download-samples.ts';
import { POLICY } from '../machines/samples.ts';
import { DOWNLOAD_READS, type DownloadService, FOLDER, serveDownload } from './download-service.ts';
import type { World } from './world.ts';

export interface DownloadWorld {
  readonly files: number;
  readonly maxAttempts: number;
  /** The service reports digests that can be relied on: else nothing but its name and its size tells a file. */
  readonly digests: boolean;
}

export function downloadWorld({ files, maxAttempts, digests }: DownloadWorld): World<DownloadService> {
  const names = Array.from({ length: files }, (_, index) => `f${index}`);
  return {
    machine: downloadMachine,
    input: fromWith({
      policy: { ...POLICY, maxAttempts, parallel: files },
      server: { ...SERVES, reportsDigest: digests }
    }),
    factsOf: downloadFactsOf,
    triesEnd: false,
    service: { names, sessions: [], given: 0, tokens: {}, parts: {}, kept: [] },
    tokens: true,
    serve: serveDownload,
    goesOn: () => [],
    expired: service =>
      service.sessions
        .filter(({ state }) => state === 'ACTIVE')
        .flatMap(session => {
          const others = service.sessions.filter(its => its !== session);
          const shown = [...others, { ...session, state: 'ERROR' as const }];
          return [
            [`${session.id} expires`, { ...service, sessions: others }] as const,
            [`${session.id} expires, and is shown as ERROR`, { ...service, sessions: shown }] as const
          ];
        }),
    reads: DOWNLOAD_READS,
    local: FOLDER,
    broken: () => undefined,
    brokenEnd({ output, service, canceled, unanswered, unseen }) {
      const { outcome, left, sessionId } = output as DownloadResult;
      const words = `${outcome}${left ? ', with something left' : ''}`;
      const whole = names.every(name => service.kept.includes(name));
      // A life that finds what an earlier one had just kept, before it could say so, says that it is there.
      const succeeded = outcome === 'done' || outcome === 'upToDate';
      if (succeeded && !whole) return `S1: ${words}, and not everything is in the folder`;
      if (canceled && outcome !== 'canceled' && !succeeded) return `S14: a cancel, and then ${words}`;
      if (!canceled && !succeeded) return `S13: ${words}, although nothing was wrong for good`;
      if (left && !unanswered) return `S2: ${words}`;
      if (Object.keys(service.parts).length > 0) return `S2: ${words}, and a part is left`;
      // What a request makes that lands after the last question, or of which nobody heard, is nothing that the run knows.
      const isStrange = left || unseen;
      const standing = service.sessions.filter(
        ({ id, state }) => !isStrange || id === sessionId || state === 'CANCELED'
      );
      if (standing.length === 0) return undefined;
      return `S2: ${words}, and a session is left${isStrange ? ' that it knows' : ''}`;
    }
  };
}
