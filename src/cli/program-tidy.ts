// The part of the tree that looks at a server and tidies it up: ls, library, item, sessions.
import type { Command } from 'commander';
import { examples, wholeNumber, withOutput, withServer } from './options.ts';
import type { Act } from './program.ts';

export function addTidying(program: Command, act: Act): void {
  program.commandsGroup('Look and tidy up:');
  addLs(program, act);
  addLibrary(program, act);
  addItem(program, act);
  addSessions(program, act);
}

function addLs(program: Command, act: Act): void {
  listed(
    program.command('ls').description('List libraries, the items of a library, or the files of an item.'),
    '[place]',
    'LIBRARY or LIBRARY/ITEM',
    ['shelver ls', 'shelver ls images', 'shelver ls images/ubuntu-24.04 --json']
  ).action((place: string | undefined, flags) =>
    act(flags, async context => (await import('./ls.ts')).lsCommand(place, flags, context))
  );
}

function addLibrary(program: Command, act: Act): void {
  const library = program.command('library').description('Create and remove libraries: create, rm.').helpCommand(false);
  listed(
    library
      .command('create')
      .description('Create an empty local library.')
      .option('--datastore <id>', 'identifier of the datastore it lies on, such as datastore-12')
      .option('--description <text>', 'what it is for'),
    '<name>',
    'name of the library',
    ['shelver library create images --datastore datastore-12']
  ).action((name: string, flags) =>
    act(flags, async context => (await import('./library.ts')).createCommand(name, flags, context))
  );
  listed(
    library
      .command('rm')
      .description('Remove a library.')
      .option('-r, --recursive', 'with all items in it; without this only an empty library goes'),
    '<library>',
    'name or id:UUID',
    ['shelver library rm images', 'shelver library rm id:8c2e9a6e-7f51-4f0c-9f0e-1d6a2b3c4d5e --recursive']
  ).action((name: string, flags) =>
    act(flags, async context => (await import('./library.ts')).removeCommand(name, flags, context))
  );
}

function addItem(program: Command, act: Act): void {
  const item = program.command('item').description('Remove items: rm.').helpCommand(false);
  listed(item.command('rm').description('Remove an item with its files.'), '<item>', 'LIBRARY/ITEM or id:UUID', [
    'shelver item rm images/ubuntu-24.04'
  ]).action((place: string, flags) =>
    act(flags, async context => (await import('./item.ts')).removeItemCommand(place, flags, context))
  );
}

function addSessions(program: Command, act: Act): void {
  const sessions = program
    .command('sessions')
    .description(
      'Look at your sessions for update and download on the server, and end them: ls, show, keep-alive, cancel, fail, rm.'
    )
    .helpCommand(false);
  listed(
    sessions.command('ls').description('List your sessions, for update and for download.'),
    '[item]',
    'only those on LIBRARY/ITEM',
    ['shelver sessions ls', 'shelver sessions ls images/ubuntu-24.04']
  ).action((place: string | undefined, flags) =>
    act(flags, async context => (await import('./sessions-list.ts')).listSessions(place, flags, context))
  );
  const id = 'id of the session, or how it begins';
  const example = '1f0b7a52-4b0e-4a54-8e0c-5d1c3a7f9b10';
  listed(sessions.command('show').description('Show a session and its files.'), '<session>', id, [
    `shelver sessions show ${example}`
  ]).action((session: string, flags) =>
    act(flags, async context => (await import('./sessions-show.ts')).showSession(session, flags, context))
  );
  listed(
    sessions
      .command('keep-alive')
      .description('Put the end of a session off, by as much as the server lets it live without activity.')
      .option('--percent <n>', 'progress to show to whoever looks at the session', wholeNumber(0, 100)),
    '<session>',
    id,
    [`shelver sessions keep-alive ${example}`, `shelver sessions keep-alive ${example} --percent 40`]
  ).action((session: string, flags) =>
    act(flags, async context => (await import('./sessions-act.ts')).keepSessionAlive(session, flags, context))
  );
  listed(
    sessions.command('cancel').description('Cancel a session: what it received is dropped, the item stays as it was.'),
    '<session>',
    id,
    [`shelver sessions cancel ${example}`]
  ).action((session: string, flags) =>
    act(flags, async context => (await import('./sessions-act.ts')).cancelSession(session, flags, context))
  );
  listed(
    sessions
      .command('fail')
      .description('End a session as failed, with a message that the server keeps with it for a while.')
      .requiredOption('--message <text>', 'why it fails'),
    '<session>',
    id,
    [`shelver sessions fail ${example} --message "the source is gone"`]
  ).action((session: string, flags) =>
    act(flags, async context => (await import('./sessions-act.ts')).failSession(session, flags, context))
  );
  listed(
    sessions
      .command('rm')
      .description('Remove a session that has ended; an active one for update is to be canceled first.'),
    '<session>',
    id,
    [`shelver sessions rm ${example}`]
  ).action((session: string, flags) =>
    act(flags, async context => (await import('./sessions-act.ts')).removeSession(session, flags, context))
  );
}

/** A command with one place or id, a server and an answer. */
function listed(command: Command, argument: string, about: string, calls: readonly string[]): Command {
  return withOutput(withServer(command.argument(argument, about))).addHelpText('after', examples(calls));
}
