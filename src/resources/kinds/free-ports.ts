import { endpoint } from '../../cluster/values/address.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Endpoint } from '../../facts/network/endpoints.js';
import { type TakenPort, takenPorts } from '../../facts/network/taken-ports.js';
import type { Requirement } from '../resource.js';

/**
 * That nobody else has what a service is about to listen on: its checker does not try, and its log would tell half-way through a run.
 * An API server on all addresses of a node leaves no room for the same port of a VIP.
 * A socket whose process the host does not show may be the service's own, and is left to the service.
 * @param unit whose own sockets are in nobody's way
 */
export function freePorts(unit: string, endpoints: readonly Endpoint[]): Requirement {
  const fact = takenPorts(endpoints);
  return {
    facts: [fact],
    check(host) {
      const conflicts = host.get(fact).flatMap((taken) => conflictText(taken, unit));
      if (conflicts.length === 0) return;
      throw new DeployError('PORT_TAKEN', `${unit} cannot listen on ${host.node}: ${conflicts.join(', ')}`, {
        node: host.node,
        hint: 'Choose another port, or let that program listen on an address of its own only, then run again.',
      });
    },
  };
}

function conflictText({ address, port, processes }: TakenPort, unit: string): string[] {
  const other = processes.find((process) => process.unit !== unit);
  if (other === undefined) return [];
  const where = other.unit === undefined ? '' : ` of ${other.unit}`;
  return [`${endpoint(address, port)} is taken by ${other.name} (process ${other.pid}${where})`];
}
