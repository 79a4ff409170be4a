import type { Node } from '../../cluster/cluster.js';
import { familyOf } from '../../cluster/values/address.js';
import type { Release } from '../../cluster/versions/releases.js';
import type { QueryOutput } from '../../remote/runner.js';
import { ledger, nothingRemembered } from '../ledger/ledger.js';
import { interfaces } from '../network/interfaces.js';
import { Observation } from '../observation.js';
import { platform } from './platform.js';

/** A host that has nothing yet but its release and its address: what `render` plans against, since it asks no real one. */
export function bareHost(node: Node, { id, version }: Release): Observation {
  const addresses = [node.address, node.otherAddress]
    .filter((address) => address !== undefined)
    .map((local) => ({ local, prefixlen: familyOf(local) === 4 ? 24 : 64 }));
  const carrier = [{ ifname: node.interface ?? '<interface>', addr_info: addresses }];
  const answers = new Map<string, QueryOutput>([
    [interfaces.id, { exitCode: 0, stdout: JSON.stringify(carrier) }],
    [ledger.id, { exitCode: 0, stdout: nothingRemembered }],
    [platform.id, { exitCode: 0, stdout: `os ID=${id}\nos VERSION_ID="${version}"\nsystemd\n` }],
  ]);
  return new Observation(node.name, { get: (fact: string) => answers.get(fact) ?? { exitCode: 1, stdout: '' } });
}
