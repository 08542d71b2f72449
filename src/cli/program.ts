// The command tree: names, options, help. It loads no more than that; each command's module comes with its action.

import { createRequire } from 'node:module';
import { Command, Option } from 'commander';
import type { Io } from './io.ts';
import {
  type CommonFlags,
  collect,
  duration,
  examples,
  limitRate,
  wholeNumber,
  withJournal,
  withOutput,
  withServer
} from './options.ts';
import type { Context } from './output.ts';
import { addDoctor } from './program-doctor.ts';
import { addLearning } from './program-learn.ts';
import { addTidying } from './program-tidy.ts';
import { addUnfinished } from './program-unfinished.ts';

/** Carries a command out; `run` gives it what it works with. */
export type Act = (flags: CommonFlags, command: (context: Context) => Promise<number>) => Promise<void>;

/** @param heard gets what Commander would say on stderr: help where a command is missing, and errors */
export function createProgram(io: Io, act: Act, heard: (text: string) => void): Command {
  const program = new Command('shelver')
    .description(
      'Puts files on the shelves of vSphere content libraries, takes them down again, and shows that they are there.'
    )
    .version(versionOf(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .usage('COMMAND [OPTION...]')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: heard,
      // Errors are told by `run`, in the form that was asked for.
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns || 100,
      getErrHelpWidth: () => io.stderr.columns || 100
    })
    .addHelpText('after', MAIN_HELP);
  program.helpCommand(false);

  program.commandsGroup('Move files:');
  withOutput(withServer(withJournal(uploadOptions(program.command('upload')))), { progress: true }).action(
    (paths: string[], flags) =>
      act(flags, async context => (await import('./upload.ts')).uploadCommand(paths, flags, context))
  );

  withOutput(withServer(withJournal(downloadOptions(program.command('download')))), { progress: true }).action(
    (place: string, folder: string, flags) =>
      act(flags, async context => (await import('./download.ts')).downloadCommand(place, folder, flags, context))
  );

  addUnfinished(program, act);
  addTidying(program, act);
  addDoctor(program, act);
  addLearning(program, act);
  return program;
}

function uploadOptions(command: Command): Command {
  return command
    .description(
      'Upload files like cp: sources first, then where they go. To LIBRARY/ITEM all files go into that item; to LIBRARY ' +
        'each file becomes an item named after it. An .ova or .ovf brings what it references. With --pull the server ' +
        'itself fetches a file from where it is.'
    )
    .usage('[OPTION...] [FILE...] [--pull URL]... LIBRARY[/ITEM]')
    .argument('<paths...>', 'files, then the library or item')
    .optionsGroup('Upload:')
    .addOption(
      new Option('--if-exists <what>', 'what becomes of an item that is there already')
        .choices(['fail', 'skip', 'update', 'replace'])
        .default('update')
    )
    .addOption(
      new Option('--on-busy <what>', 'what to do when another upload or session is open on the item')
        .choices(['fail', 'wait', 'take-over'])
        .default('fail')
    )
    .option('--force', 'with --on-busy take-over: end your own sessions, too, of which the journal knows nothing')
    .option('--type <type>', 'item type, such as ovf or iso; by default told from the files')
    .option('--accept-warning <type>', 'go on in spite of this warning of the service; repeatable', collect)
    .option('--parallel <n>', 'files of an item on the way at a time', wholeNumber(1, 16), 4)
    .option('--parallel-items <n>', 'items on the way at a time', wholeNumber(1, 64), 4)
    .option('--fail-fast', 'when an item fails, cancel the others')
    .option('--deadline <time>', 'give up after this time: 90, 30s, 15m, 2h', duration)
    .option('--limit-rate <rate>', 'bytes a second that all files together may take: 500K, 20M', limitRate)
    .option('--no-hash', 'do not hash files on the way; less can be verified then')
    .option('--dry-run', 'change nothing: read the files, ask the server, and say what would happen')
    .option('--show-path', 'add the states that the run went through, as Mermaid')
    .optionsGroup('Pull:')
    .option('--pull <url>', 'let the server fetch this: https, http, ds or file, as it sees it; repeatable', collect)
    .option('--checksum <alg:hex>', 'what the one file to pull must be, such as sha256:9f86d0...; the server compares')
    .option('--source-thumbprint <hex>', 'believe the one certificate of the source with this fingerprint')
    .option('--source-ca-file <file>', 'believe these certificate authorities for the source, too, PEM')
    .option('--no-probe', 'do not look at the source from here before: only the server can reach it')
    .addHelpText(
      'after',
      examples(
        [
          'shelver upload ubuntu.ova images                   # item "ubuntu"',
          'shelver upload ubuntu.ova images/ubuntu-24.04      # item "ubuntu-24.04"',
          'shelver upload *.iso isos --parallel-items 8 --json > report.json',
          'shelver upload a.vmdk b.vmdk id:8c2e9a6e-7f51-4f0c-9f0e-1d6a2b3c4d5e/disks',
          'shelver upload --pull https://example.com/tiny.iso --checksum sha256:$SUM isos'
        ],
        UPLOAD_NOTES
      )
    );
}

function downloadOptions(command: Command): Command {
  return command
    .description('Download the files of an item, or one of them, into a folder that is there already.')
    .usage('[OPTION...] LIBRARY/ITEM[/FILE] DIR')
    .argument('<place>', 'the item, or one file of it')
    .argument('<dir>', 'folder to put the files into')
    .optionsGroup('Download:')
    .addOption(
      new Option('--if-exists <what>', 'what becomes of a file with other bytes that is there already')
        .choices(['fail', 'skip', 'replace'])
        .default('fail')
    )
    .option('--parallel <n>', 'files on the way at a time', wholeNumber(1, 16), 4)
    .option('--deadline <time>', 'give up after this time: 90, 30s, 15m, 2h', duration)
    .option('--limit-rate <rate>', 'bytes a second that all files together may take: 500K, 20M', limitRate)
    .option('--dry-run', 'change nothing: ask the server, look into the folder, and say what would happen')
    .option('--show-path', 'add the states that the run went through, as Mermaid')
    .addHelpText(
      'after',
      examples(
        [
          'shelver download images/ubuntu-24.04 .',
          'shelver download images/ubuntu-24.04/ubuntu-disk1.vmdk /srv/disks --if-exists replace',
          'shelver download id:8c2e9a6e-7f51-4f0c-9f0e-1d6a2b3c4d5e/disks backup --json > report.json'
        ],
        DOWNLOAD_NOTES
      )
    );
}

const DOWNLOAD_NOTES = `A file gets its name only when all of it is there and compared; until then it is a hidden .part. One
with the same bytes, by digest, is not fetched again. Ctrl-C cancels and takes the parts away.`;

const UPLOAD_NOTES = `--if-exists: fail; skip (leave it alone); update (these files change, others stay); replace (it
holds exactly these files). --on-busy: fail; wait (until it has ended, half an hour at most); take-over
(end what a run of this journal left open that nobody works on any more). Others' sessions cannot be
seen. What is pulled is looked at from here first, and watched until the server has it; nothing of it
passes through here. The query of its address is never shown: it may be a signature.
Ctrl-C cancels and cleans up on the server; a second one ends at once.`;

const MAIN_HELP = `
Examples:
  $ shelver demo
  $ export SHELVER_URL=https://vc.example.com SHELVER_USERNAME=me SHELVER_PASSWORD_FILE=~/.vc
  $ shelver upload ubuntu.ova images/ubuntu-24.04
  $ shelver download images/ubuntu-24.04 .
  $ shelver ls images

Wherever a name stands, id:UUID may stand. A password is never given on the command line.
Exit codes: 0 done, 1 other, 2 wrong call, 3 local files, 4 not found, 5 may pass: try again, 6 refused by
the service, 7 login or privilege, 8 certificate, 10 deadline, 11 conflict, 12 canceled on the server,
130 and 143 by signal.
More of a command: shelver COMMAND --help`;

function versionOf(): string {
  return (createRequire(import.meta.url)('shelver/package.json') as { version: string }).version;
}
