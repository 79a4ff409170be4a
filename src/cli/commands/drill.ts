import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { paths } from '../../../playbooks/paths.js';
import { tenure } from '../../../playbooks/tenure.js';
import { type Fault, faults, faultsByName } from '../../cluster/fault.js';
import { drill as strikeAll } from '../../drill/drill.js';
import type { DrillRecord } from '../../drill/probe/record.js';
import { DeployError, type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { gather } from '../../remote/tcp/crowd.js';
import { ownRoom } from '../../remote/tcp/room.js';
import { knock } from '../../remote/tcp/tcp-probe.js';
import type { GlobalOptions } from '../invoke/invoke.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';
import { version } from '../invoke/version.js';
import { consent } from '../prompt/consent.js';

export interface DrillFlags extends GlobalOptions {
  readonly fault?: readonly string[];
  readonly yes?: boolean;
  /** Where a page goes that shows it all. */
  readonly report?: string;
}

export async function drillCommand(invocation: SshInvocation, flags: DrillFlags): Promise<ExitCode> {
  const chosen = chosenFaults(flags.fault);
  if (flags.report !== undefined) await refuseUnwritable(flags.report);
  await consent(flags, warningOf(chosen), invocation.signal);
  const run = runOverSsh(invocation);
  const startedAt = new Date().toISOString();
  await strikeAll(run, {
    faults: chosen,
    maintenanceFlag: paths.maintenanceFlag,
    knock,
    gather,
    room: ownRoom,
    tenure,
    found: async (found) => {
      if (flags.report === undefined) return;
      const { name, nodes, vrrp } = invocation.cluster;
      await write(flags.report, {
        ...found,
        cluster: name,
        startedAt,
        version: version(),
        advertIntervalMs: vrrp.advertIntervalMs,
        nodes: nodes.map((node) => node.name),
      });
    },
  });
  return exitCodes.ok;
}

/** What is about to be done, for whoever has to agree to it. */
function warningOf(chosen: readonly Fault[]): string {
  const blows = chosen.filter((fault) => fault !== 'saturate');
  const ways = blows.length === 1 ? 'in one way' : `in ${blows.length} ways, one after the other`;
  return [
    ...(blows.length === 0 ? [] : [`This breaks the holder of the VIP ${ways}: ${blows.join(', ')}.`]),
    ...(blows.length === chosen.length
      ? []
      : ['This fills a service with idle connections for some seconds: new clients wait meanwhile.']),
  ].join(' ');
}

/** Before anything is broken for it. @throws DeployError USAGE where it could not be written */
async function refuseUnwritable(path: string): Promise<void> {
  try {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    await access(isThere ? path : dirname(path), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause, 'Name a file in a folder that exists and that you may write to.');
  }
}

function unwritable(path: string, cause: unknown, hint: string): DeployError {
  const why = systemCode(cause) ?? 'unknown reason';
  return new DeployError('USAGE', `the report ${path} cannot be written (${why})`, { hint, cause });
}

/** @throws DeployError USAGE where it cannot be written after all */
async function write(path: string, record: DrillRecord): Promise<void> {
  const { drillPage } = await import('../../report/page/drill-page.js');
  try {
    await writeFile(path, drillPage(record));
  } catch (cause) {
    throw unwritable(path, cause, 'Name another file; the drill itself was carried out.');
  }
}

/** In the order of the contract, whatever the order of the flag. @throws DeployError USAGE */
function chosenFaults(named: readonly string[] | undefined): readonly Fault[] {
  const names: readonly string[] = named ?? faults;
  const known = [...faults, ...faultsByName];
  const unknown = names.find((name) => !known.some((fault) => fault === name));
  if (unknown !== undefined)
    throw new DeployError('USAGE', `there is no fault ${unknown}`, { hint: `The faults are: ${known.join(', ')}.` });
  return known.filter((fault) => names.includes(fault));
}
