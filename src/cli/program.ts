import { Command, CommanderError, Option } from 'commander';
import { commands } from '../engine/events.js';
import { asDeployError, exitCodes } from '../errors/deploy-error.js';
import type { GlobalOptions } from './context.js';
import type { DrillFlags } from './drill.js';

/**
 * The command line: names, flags and texts. What a command does is in its own file, loaded when it is called.
 * @returns the exit code of the contract
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = new Command('ha-deploy')
    .description('Turns a short YAML file into a highly available HAProxy + keepalived load balancer, over SSH.')
    .option('-V, --version', 'print the version')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true });

  const add = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .option('-c, --config <file>', 'the configuration', 'ha-deploy.yaml')
      .option('--json', 'print newline-delimited JSON, and nothing else')
      .option('--no-color', 'print without colour')
      .option('-v, --verbose', 'say more: every step, and stack traces of errors');

  add('validate', 'check the configuration, offline').action(async (options: GlobalOptions) => {
    exitCode = await (await import('./validate.js')).validate(options);
  });
  add('render', "write each node's files as they would be installed, offline")
    .addOption(new Option('--out <dir>', 'write them below this folder instead of printing them'))
    .addOption(new Option('--release <name>', 'for hosts of this release, such as debian:12 (default: ubuntu:22.04)'))
    .action(async (options: GlobalOptions & { out?: string; release?: string }) => {
      exitCode = await (await import('./render.js')).render(options);
    });
  add('plan', 'say what `up` would do, as a diff per node; touches nothing')
    .option('--detailed-exitcode', 'exit with 2 when there are changes')
    .action(async (options: GlobalOptions & { detailedExitcode?: boolean }) => {
      exitCode = await (await import('./plan.js')).plan(options);
    });
  add('up', 'make the nodes so, one after the other, then verify; again: no changes')
    .option('--allow-outage', 'restart the holder of the VIP even where no other node could take over')
    .action(async (options: GlobalOptions & { allowOutage?: boolean }) => {
      exitCode = await (await import('./up.js')).up(options);
    });
  add('verify', 'exactly one holder of every VIP, every service port answers, backends').action(
    async (options: GlobalOptions) => {
      exitCode = await (await import('./verify.js')).verify(options);
    },
  );
  add('drill', 'break the holder of the VIP in every way, and time what clients notice; always mends')
    .option('--fault <name,...>', 'only these faults', (value: string) => value.split(','))
    .option('--yes', 'do not ask')
    .action(async (options: DrillFlags) => {
      exitCode = await (await import('./drill.js')).drill(options);
    });
  add('failover', 'move the VIP to another node, without losing a connection attempt')
    .option('--to <node>', 'this one')
    .action(async (options: GlobalOptions & { to?: string }) => {
      exitCode = await (await import('./failover.js')).failover(options);
    });
  program
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .exitOverride()
    .action(async () => {
      exitCode = await (await import('./schema.js')).schema();
    });

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      // Commander has said it to people; who reads JSON waits for a result.
      if (!argv.includes('--json')) return exitCodes.invalid;
      const { refuse } = await import('./context.js');
      return await refuse(
        commands.find((name) => argv.includes(name)),
        error.message,
      );
    }
    const { message, details, exitCode: code } = asDeployError(error);
    process.stderr.write(`error  ${message}\n${details.hint ?? ''}\n`);
    return code;
  }
  return exitCode;
}
