// The part of the tree for what a crash leaves behind: transfers, resume, cleanup.
import type { Command } from 'commander';
import { examples, limitRate, withJournal, withOutput, withServer } from './options.ts';
import type { Act } from './program.ts';

export function addUnfinished(program: Command, act: Act): void {
  program.commandsGroup('After a crash:');
  const transfers = program
    .command('transfers')
    .description('List runs that have not ended, or left something behind. No server is asked.')
    .option('--all', 'those that are over, too, for a month')
    .addHelpText('after', examples(['shelver transfers', 'shelver transfers --all --json']));
  withOutput(withJournal(transfers)).action(flags =>
    act(flags, async context => (await import('./transfers.ts')).transfersCommand(flags, context))
  );
  const resume = program
    .command('resume')
    .description('Go on with a run that a crash broke off, or with all that nobody works on. Nothing to do is success.')
    .argument('[id]', 'the run, or how its id begins')
    .option('--force', 'take it even from a process on another machine, of which nobody here knows whether it lives')
    .option('--limit-rate <rate>', 'bytes a second that all files together may take: 500K, 20M', limitRate)
    .addHelpText(
      'after',
      examples(
        ['shelver resume', 'shelver resume 5f0c2a3e'],
        'Files that the service has taken are not sent again. A source that has changed meanwhile is refused.'
      )
    );
  withOutput(withServer(withJournal(resume)), { progress: true }).action((id: string | undefined, flags) =>
    act(flags, async context => (await import('./take-up.ts')).resumeCommand(id, flags, context))
  );
  const cleanup = program
    .command('cleanup')
    .description('End such runs instead, and take away what they left on the server and in the folder.')
    .argument('[id]', 'the run, or how its id begins')
    .option('--force', 'take it even from a process on another machine, of which nobody here knows whether it lives')
    .addHelpText('after', examples(['shelver cleanup', 'shelver cleanup 5f0c2a3e']));
  withOutput(withServer(withJournal(cleanup)), { progress: true }).action((id: string | undefined, flags) =>
    act(flags, async context => (await import('./take-up.ts')).cleanupCommand(id, flags, context))
  );
}
