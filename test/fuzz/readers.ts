// Every reader of what comes from outside.
import type { Reader } from './reader.ts';
import { packageReaders } from './readers/packages.ts';
import { specReaders } from './readers/specs.ts';
import { answerReaders } from './readers/answers.ts';
import { serverReaders } from './readers/server.ts';
import { secretReaders } from './readers/secrets.ts';
import { serviceReaders } from './readers/service.ts';
import { requestHeaderReaders } from './readers/request-headers.ts';
import { soapReaders } from './readers/soap.ts';
import { broughtReaders } from './readers/brought.ts';
import { configurationReaders } from './readers/configuration.ts';
import { commandReaders } from './readers/command.ts';
import { environmentReaders } from './readers/environment.ts';
import { optionReaders } from './readers/options.ts';
import { recordReaders } from './readers/records.ts';
import { journalReaders } from './readers/journal.ts';
import { socketReaders } from './readers/sockets.ts';

export const readers: readonly Reader[] = [
  ...packageReaders,
  ...specReaders,
  ...answerReaders,
  ...serverReaders,
  ...secretReaders,
  ...serviceReaders,
  ...requestHeaderReaders,
  ...soapReaders,
  ...broughtReaders,
  ...configurationReaders,
  ...commandReaders,
  ...environmentReaders,
  ...optionReaders,
  ...recordReaders,
  ...journalReaders,
  ...socketReaders
];
