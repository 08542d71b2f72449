// The part of the tree that needs no server of one's own: demo, simulate, diagram.
import { type Command, Option } from 'commander';
import { PROFILES } from '../servers/profiles.ts';
import { byteRate, collect, duration, examples, wholeNumber, withLog, withOutput } from './options.ts';
import type { Act } from './program.ts';

const SERVERS = Object.keys(PROFILES).join(', ');

export function addLearning(program: Command, act: Act): void {
  program.commandsGroup('Try and learn:');
  addDemo(program, act);
  addSimulate(program, act);
  addDiagram(program, act);
}

function addDemo(program: Command, act: Act): void {
  const demo = program
    .command('demo')
    .description('See it work, with nothing but this machine: a simulated server, a real OVA, faults on the way.')
    .addHelpText('after', examples(['shelver demo', 'shelver demo --progress plain --json']));
  withOutput(demo, { progress: true }).action(flags =>
    act(flags, async context => (await import('./demo.ts')).demoCommand(context))
  );
}

function addSimulate(program: Command, act: Act): void {
  const simulate = program
    .command('simulate')
    .description(
      'Run a simulated content library service. The first line on stdout is JSON with its address, once it listens.'
    )
    .optionsGroup('Simulator:')
    .option('--port <n>', 'port to listen on; 0 picks a free one', wholeNumber(0, 65_535), 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--tls', 'serve https with a self-signed certificate of its own')
    .option('--library <name>', 'library that is there from the beginning; repeatable (default: "images")', collect)
    .option('--session-timeout <time>', 'how long an update session lives without activity (default: 5m)', duration)
    .option('--bandwidth <rate>', 'bytes a second that one upload may have: 500K, 20M', byteRate)
    .option('--faults <file>', 'what goes wrong, and when, as JSON')
    .option('--seed <n>', 'of ids and of chance in faults', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--profile <name>', `which server to be: ${SERVERS} (default: "8.0")`)
    .option('--store <dir>', 'keep everything there across restarts')
    .option('--pull-host <host>', 'host that may be pulled from: host, host:port, *.example.com; repeatable', collect)
    .option('--pull-folder <dir>', 'where file: and ds: sources of pulls lie')
    .option('--config <file>', 'users, roles, libraries, rules, sources to pull from, as JSON; flags outweigh it')
    .option('--admin', 'open an admin door on loopback; its token is SHELVER_ADMIN_TOKEN, or made and printed')
    .addHelpText(
      'after',
      examples(
        [
          'shelver simulate --library images --library isos',
          'shelver simulate --tls --port 8443 --store ./shelves',
          'shelver simulate --faults bad-night.json --seed 7',
          'shelver simulate --config house.json --admin'
        ],
        'Log in as user with pass, unless SHELVER_USERNAME and SHELVER_PASSWORD, or users in --config, say\n' +
          'otherwise. Ctrl-C ends it.'
      )
    );
  withLog(simulate).action(flags =>
    act(flags, async context => (await import('./simulate.ts')).simulateCommand(flags, context))
  );
}

function addDiagram(program: Command, act: Act): void {
  program
    .command('diagram')
    .description('Draw a lifecycle. Without a machine: list those that there are.')
    .argument('[machine]', 'such as service/update-session or workflow/upload')
    .addOption(
      new Option('--format <format>', 'what to draw it in').choices(['mermaid', 'dot', 'json']).default('mermaid')
    )
    .addHelpText(
      'after',
      examples([
        'shelver diagram workflow/upload',
        'shelver diagram service/update-file --format dot | dot -Tsvg > a.svg'
      ])
    )
    .action((machine: string | undefined, flags) =>
      act(flags, async context => (await import('./diagram.ts')).diagramCommand(machine, flags.format, context))
    );
}
