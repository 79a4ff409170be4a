import { paths } from '../../playbooks/paths.js';
import { type Fault, faults } from '../cluster/fault.js';
import { drill as strikeAll } from '../drill/drill.js';
import { DeployError, exitCodes } from '../errors/deploy-error.js';
import { knock } from '../remote/knock.js';
import { consent } from './consent.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';

export interface DrillFlags extends GlobalOptions {
  readonly fault?: readonly string[];
  readonly yes?: boolean;
}

export function drill(flags: DrillFlags): Promise<number> {
  return invoke('drill', flags, async (invocation) => {
    const chosen = chosenFaults(flags.fault);
    await consent(
      flags,
      `This breaks the holder of the VIP in ${chosen.length} ways, one after the other: ${chosen.join(', ')}.`,
    );
    const run = runOverSsh(invocation);
    await strikeAll(run, {
      faults: chosen,
      maintenanceFlag: paths.maintenanceFlag,
      knock,
      found: () => Promise.resolve(),
    });
    return exitCodes.ok;
  });
}

/** In the order of the contract, whatever the order of the flag. @throws DeployError USAGE */
function chosenFaults(named: readonly string[] | undefined): readonly Fault[] {
  const names = (named ?? faults).flatMap((list) => list.split(','));
  const unknown = names.find((name) => !faults.some((fault) => fault === name));
  if (unknown !== undefined)
    throw new DeployError('USAGE', `there is no fault ${unknown}`, { hint: `There are ${faults.join(', ')}.` });
  return faults.filter((fault) => names.includes(fault));
}
