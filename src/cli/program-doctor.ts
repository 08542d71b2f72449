// The part of the tree that tells what stands between you and an upload: doctor.
import type { Command } from 'commander';
import { examples, withJournal, withOutput, withServer } from './options.ts';
import type { Act } from './program.ts';

export function addDoctor(program: Command, act: Act): void {
  const doctor = program
    .command('doctor')
    .description('Look what stands between you and an upload: settings, network, certificate, login, library.')
    .argument('[library]', 'the library that is to be filled')
    .option('--write', 'try it: make a small item in the library, send some bytes, take everything away again')
    .addHelpText(
      'after',
      examples(
        [
          'shelver doctor',
          'shelver doctor images',
          'shelver doctor images --write',
          'shelver doctor --json | jq .checks'
        ],
        'Without --write nothing is changed on the server. Warnings are success; otherwise the exit code is\n' +
          'that of the first check that failed.'
      )
    );
  withOutput(withServer(withJournal(doctor))).action((library: string | undefined, flags) =>
    act(flags, async context => (await import('./doctor.ts')).doctorCommand(library, flags, context))
  );
}
