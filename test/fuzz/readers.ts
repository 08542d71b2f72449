// Every reader of what comes from outside.
import type { Reader } from './reader.ts';
import { answerReaders } from './readers/answers.ts';
import { commandReaders } from './readers/command.ts';
import { journalReaders } from './readers/journal.ts';
import { serviceReaders } from './readers/service.ts';
import { socketReaders } from './readers/sockets.ts';
import { sourceReaders } from './readers/sources.ts';

export const readers: readonly Reader[] = [
  ...sourceReaders,
  ...answerReaders,
  ...serviceReaders,
  ...commandReaders,
  ...journalReaders,
  ...socketReaders
];
