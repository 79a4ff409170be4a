import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../cluster/values/duration.js';
import { commands } from '../engine/run/events.js';
import { asDeployError, exitCodes } from '../errors/deploy-error.js';
import type { DrillFlags } from './commands/drill.js';
import type { PlanFlags } from './commands/plan.js';
import type { RollbackFlags } from './commands/rollback.js';
import type { StatusOptions } from './commands/status.js';
import type { UpFlags } from './commands/up.js';
import type { ValidateOptions } from './commands/validate.js';
import { defaultConfig } from './invoke/default-config.js';
import type { GlobalOptions } from './invoke/invoke.js';
import type { invokeOverSsh } from './invoke/over-ssh.js';
import type { ScopeFlags } from './options/scope.js';

/**
 * The command line: names, flags and texts, and how a command is reported and ends. What it does is in its own file, loaded when it
 * is called.
 * @returns the exit code of the contract
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = new Command('ha-deploy')
    .description('Turns a short YAML file into a highly available HAProxy + keepalived load balancer, over SSH.')
    .option('-V, --version', 'print the version')
    .exitOverride()
    // The nearest word may be the last that is meant: --force is not --forget.
    .showSuggestionAfterError(habitIn(argv) === undefined)
    .configureHelp({ showGlobalOptions: true });

  const add = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .option('-c, --config <file>', 'the configuration', defaultConfig)
      .option('--json', 'print newline-delimited JSON, and nothing else')
      .option('--no-color', 'print without colour')
      .option('-v, --verbose', 'say more: every step, and stack traces of errors');

  const addOverSsh = (name: string, description: string): Command =>
    add(name, description)
      .option('--ask-ssh-password', 'ask for the password to log in with, once for all nodes')
      .option('--ask-sudo-password', 'ask for the password of sudo, once for all nodes');

  /** What a command does is loaded while it is looked up how to reach the nodes. */
  const overSsh: typeof invokeOverSsh = async (...args) => {
    const code = await (await import('./invoke/over-ssh.js')).invokeOverSsh(...args);
    exitCode = code;
    return code;
  };

  add('validate', 'check the configuration and what follows from every fault, offline')
    .option('--keepalived <file...>', 'judge hand-made keepalived.conf instead, one for each node')
    .option('--haproxy <file...>', 'with --keepalived: haproxy.cfg, one for all nodes or one for each')
    .option('--ignore <rule=reason...>', 'with --keepalived: a rule that is broken on purpose')
    .action(async (options: ValidateOptions) => {
      exitCode = await (await import('./commands/validate.js')).validateCommand(options);
    });
  add('render', "print each node's files as they would be installed, offline")
    .addOption(new Option('--out <dir>', 'write them below this folder instead of printing them'))
    .addOption(new Option('--release <name>', 'for hosts of this release, such as debian:12 (default: ubuntu:22.04)'))
    .action(async (options: GlobalOptions & { out?: string; release?: string }) => {
      exitCode = await (await import('./commands/render.js')).renderCommand(options);
    });
  addOverSsh('plan', 'say what `up` would do, as a diff per node; changes nothing')
    .option('--limit <node...>', 'only what would be done to these nodes')
    .option('--skip-unreachable', 'without nodes that cannot be reached')
    .option('--forget <node...>', 'these nodes were a part of the cluster, and will never come back')
    .option('--detailed-exitcode', 'exit with 2 when there are changes')
    .option('--out <file>', 'write the plan to a file that `up --plan` applies')
    .action(async (options: PlanFlags) => {
      await overSsh('plan', options, async () => (await import('./commands/plan.js')).planCommand);
    });
  addOverSsh('up', 'make the nodes so, one after the other, then verify; again: no changes')
    .option('--allow-outage', 'restart the holder of the VIP even where no other node could take over')
    .option('--plan <file>', 'make exactly the changes of this plan, or none where anything has changed since')
    .option('--limit <node...>', 'change only these nodes; the others are looked at')
    .option('--skip-unreachable', 'go on without nodes that cannot be reached; the next run brings them into line')
    .option('--forget <node...>', 'these nodes were a part of the cluster, and will never come back')
    .option('-m, --message <text>', 'why, for who reads `rollback --list`')
    .action(async (options: UpFlags) => {
      await overSsh('up', options, async () => (await import('./commands/up.js')).upCommand);
    });
  addOverSsh(
    'verify',
    'see that every VIP has exactly one holder and every port answers; count the servers that are up',
  ).action(async (options: GlobalOptions) => {
    await overSsh('verify', options, async () => (await import('./commands/verify.js')).verifyCommand);
  });
  addOverSsh('drill', 'break the holder of the VIP in every way, and time what clients notice; always mends')
    .option('--fault <name,...>', 'only these faults', (value: string, previous?: readonly string[]) => [
      ...(previous ?? []),
      ...value.split(','),
    ])
    .option('--yes', 'do not ask')
    .option('--report <file>', 'write a page that shows every probe, for a browser or a printer')
    .action(async (options: DrillFlags) => {
      await overSsh('drill', options, async () => (await import('./commands/drill.js')).drillCommand);
    });
  addOverSsh('rollback', 'back to an earlier generation of what `up` has made, on all nodes, then verify')
    .option('--to <generation>', 'the one to go back to; 0 is what was there before (default: the one before the last)')
    .option('--list', 'say which there are, whose and why; changes nothing')
    .option('--preview', 'say what would become of the files, as a diff; changes nothing')
    .option('-m, --message <text>', 'why, for who reads `rollback --list`')
    .action(async (options: RollbackFlags) => {
      await overSsh('rollback', options, async () => (await import('./commands/rollback.js')).rollbackCommand);
    });
  addOverSsh('down', 'remove what `up` has made; what it had replaced comes back')
    .option('--limit <node...>', 'only these nodes leave; the others stay, and serve')
    .option('--purge', 'remove the packages too that came with it')
    .option('--yes', 'do not ask')
    .action(async (options: GlobalOptions & ScopeFlags & { purge?: boolean; yes?: boolean }) => {
      await overSsh('down', options, async () => (await import('./commands/down.js')).downCommand);
    });
  addOverSsh('unlock', 'take the nodes from the run that holds them')
    .option('--yes', 'do not ask')
    .action(async (options: GlobalOptions & { yes?: boolean }) => {
      await overSsh('unlock', options, async () => (await import('./commands/unlock.js')).unlockCommand);
    });
  addOverSsh('failover', 'move the VIP to another node, without losing a connection attempt')
    .option('--to <node>', 'this one')
    .action(async (options: GlobalOptions & { to?: string }) => {
      await overSsh('failover', options, async () => (await import('./commands/failover.js')).failoverCommand);
    });
  addOverSsh('maintenance', 'put nodes aside, so that they hold no VIP and take none (on), or end that (off)')
    .addArgument(new Argument('<on|off>').choices(['on', 'off']))
    .argument('<node...>', 'these nodes')
    .action(async (to: 'on' | 'off', nodes: readonly string[], options: GlobalOptions) => {
      await overSsh('maintenance', options, async () => {
        const { maintenanceCommand } = await import('./commands/maintenance.js');
        return async (invocation) => maintenanceCommand(invocation, to, nodes);
      });
    });
  addOverSsh('status', 'who holds the VIP, every node, every server, drift; touches nothing')
    .option('--watch', 'look again and again, until Ctrl-C; outside a terminal one JSON object a look')
    .addOption(
      new Option('--interval <duration>', 'the pause between two looks').default(2000, '2s').argParser(interval),
    )
    .action(async (options: StatusOptions) => {
      // Where nothing can be drawn over, looks are for programs.
      const json = options.json === true || (options.watch === true && !process.stdout.isTTY);
      const manner = { isEndedByInterruption: options.watch === true };
      await overSsh(
        'status',
        { ...options, json },
        async () => (await import('./commands/status.js')).statusCommand,
        manner,
      );
    });
  program
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .exitOverride()
    .action(async () => {
      exitCode = await (await import('./commands/schema.js')).schemaCommand();
    });

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      // Commander has said it to people; who reads JSON waits for a result.
      const hint = hintAt(error, argv);
      if (!argv.includes('--json')) {
        if (hint !== undefined) process.stderr.write(`${hint}\n`);
        return exitCodes.invalid;
      }
      const { refuse } = await import('./invoke/invoke.js');
      return await refuse(
        commands.find((name) => argv.includes(name)),
        error.message,
        hint,
      );
    }
    const { message, details, exitCode: code } = asDeployError(error);
    process.stderr.write(`error  ${message}\n${details.hint ?? ''}\n`);
    return code;
  }
  return exitCode;
}

/** What a command line wanted that is written as in other tools. */
function hintAt({ code }: CommanderError, argv: readonly string[]): string | undefined {
  if (code === 'commander.excessArguments')
    return 'The configuration is named with `-c <file>`; `--help` lists what there is.';
  return code === 'commander.unknownOption' || code === 'commander.unknownCommand' ? habitIn(argv) : undefined;
}

function habitIn(argv: readonly string[]): string | undefined {
  const words = argv.map((word) => word.split('=')[0] ?? '');
  const known = words.includes('rollback') ? [goingBack, ...habits] : habits;
  return known.find(({ names }) =>
    names.some((name) => (name.startsWith('-') ? words.includes(name) : words[0] === name)),
  )?.hint;
}

interface Habit {
  /** Options, or commands. */
  readonly names: readonly string[];
  readonly hint: string;
}

const trying = ['--dry-run', '--check', '--diff', '-n'];

const goingBack: Habit = {
  names: trying,
  hint: '`ha-deploy rollback --preview` shows what would change, and changes nothing.',
};

const habits: readonly Habit[] = [
  { names: [...trying, 'diff'], hint: '`ha-deploy plan` says what `up` would do, as a diff, and changes nothing.' },
  {
    names: ['--node', '--nodes', '--host', '--hosts', '-l'],
    hint: 'Nodes are named with `--limit <node>`, by `plan`, `up` and `down`.',
  },
  { names: ['-f', '--file', '-i', '--inventory'], hint: 'The configuration is named with `-c <file>`.' },
  {
    names: ['--force', '-y', '--assume-yes', '--auto-approve'],
    hint: 'What asks first takes `--yes`; `up` does not ask.',
  },
  { names: ['apply', 'deploy', 'install'], hint: '`ha-deploy up` does that.' },
  { names: ['destroy', 'uninstall', 'remove'], hint: '`ha-deploy down` does that.' },
  { names: ['history', 'log', 'generations'], hint: '`ha-deploy rollback --list` shows the runs that there were.' },
  { names: ['check', 'lint', 'test'], hint: '`ha-deploy validate` checks the configuration, `verify` the cluster.' },
];

/** Milliseconds of a duration such as `500ms`, `2s` or `1m`. */
function interval(text: string): number {
  const milliseconds = parseDuration(text) ?? 0;
  if (milliseconds < 100 || milliseconds > 86_400_000)
    throw new InvalidArgumentError(
      'It is a number and a unit, such as 500ms, 2s or 1m: 100ms at least, a day at most.',
    );
  return milliseconds;
}
