import type { Node } from '../cluster/cluster.js';
import type { ProbeOutput } from '../remote/runner.js';
import { interfaces } from './addresses.js';
import { Observation } from './observation.js';

/** A host that has nothing yet but its address: what `render` plans against, since it asks no real one. */
export function bareHost(node: Node): Observation {
  const carrier = [{ ifname: node.interface ?? '<interface>', addr_info: [{ local: node.address, prefixlen: 24 }] }];
  const answers = new Map<string, ProbeOutput>([[interfaces.id, { exitCode: 0, stdout: JSON.stringify(carrier) }]]);
  return new Observation(node.name, { get: (id: string) => answers.get(id) ?? { exitCode: 1, stdout: '' } });
}
