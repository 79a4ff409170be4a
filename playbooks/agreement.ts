import { createHash, scryptSync } from 'node:crypto';
import type { Cluster } from '../src/cluster/cluster.js';
import { file } from '../src/facts/file.js';
import { agreementShown, dumpKeepalived, keepalivedProcess } from '../src/facts/keepalived.js';
import type { Observation } from '../src/facts/observation.js';
import { Shell, sh } from '../src/remote/shell.js';
import type { Agreement } from '../src/resources/playbook.js';
import { replaced } from '../src/resources/replaced.js';
import type { Resource } from '../src/resources/resource.js';
import { paths } from './paths.js';

/**
 * What all nodes must have alike: a node drops the adverts of one that has it otherwise, takes the other for dead, and both
 * hold the VIP.
 */
export function agreement(cluster: Cluster): Agreement {
  const wanted = agreementOf(cluster);
  const shownBy = (host: Observation): string | undefined => {
    const running = host.get(keepalivedProcess);
    return running && agreementShown(running);
  };
  return {
    facts: [keepalivedProcess],
    runs: (host) => shownBy(host) === wanted,
    differs(host) {
      const shown = shownBy(host);
      // What was not rendered by us does not look at our flags: it cannot be told to stand back.
      return shown !== undefined && shown !== wanted;
    },
    standBack,
    release,
  };
}

/** 8 hexadecimal digits that name it, shown by the running daemon as a part of its router id. */
export function agreementOf({ vrrp, instances, nodes }: Cluster): string {
  const parts = {
    version: vrrp.version,
    advertIntervalMs: vrrp.advertIntervalMs,
    peering: vrrp.peering,
    nodes: nodes.map(({ address }) => address).toSorted(),
    instances: instances.map(({ routerId, vips }) => [routerId, vips.map(({ address }) => address).toSorted()]),
    auth: vrrp.auth && [vrrp.auth.type, scryptSync(vrrp.auth.password.reveal(), 'agreement', 16).toString('hex')],
  };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** Where a node was told to stand back. A mark beside the flag, so that a node which an operator has in maintenance stays there. */
export const release = sh`
if [ -e ${paths.standingBack} ]; then echo 0 > ${paths.maintenanceFlag} && rm -f ${paths.standingBack}; fi
`;

const awaitFault = Shell.literal(String.raw`
polls=0
while dump_keepalived | grep -qE '^   State = (MASTER|BACKUP)$'; do
  [ "$polls" -lt 50 ] || { echo 'keepalived does not stand back'; exit 1; }
  polls=$((polls + 1))
  sleep 0.1
done
`);

/** A node that joins stands back before it has anything of ours. */
const standBack = sh`
mkdir -p ${paths.runtime}
if [ "$(cat ${paths.maintenanceFlag} 2>/dev/null)" != 1 ]; then
  : > ${paths.standingBack} && echo 1 > ${paths.maintenanceFlag} || exit 1
fi
${dumpKeepalived}${awaitFault}`;

/** What a lost run leaves; it comes after the service, which takes part again when it runs what is wanted. */
export function noStandingBack(): Resource {
  const mark = file(paths.standingBack);
  return {
    id: `flag:${paths.standingBack}`,
    facts: [mark],
    plan: (host) =>
      host.get(mark).type === 'absent'
        ? []
        : [
            {
              resource: `flag:${paths.standingBack}`,
              action: 'remove',
              summary: 'a run was lost while this node stood back',
              replaces: replaced(host.get(mark)),
              interrupts: false,
              step: { script: release, failures: {} },
            },
          ],
  };
}
