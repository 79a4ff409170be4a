import type { Cluster, Node } from '../src/cluster/cluster.js';
import { daemonPackages } from '../src/facts/host/daemon-versions.js';
import { aptPackages } from '../src/resources/kinds/apt-packages.js';
import { noHeldUnits } from '../src/resources/kinds/held-units.js';
import type { Playbook } from '../src/resources/playbook.js';
import { agreement } from './agreement.js';
import { haproxy } from './haproxy.js';
import { hostSettings } from './host.js';
import { installedVersions } from './installed-versions.js';
import { keepalived } from './keepalived.js';
import { leftovers } from './leftovers.js';
import { managedUnits } from './paths.js';

/** `ha-deploy up`: all that happens to a node, in this order. */
export function upPlaybook(cluster: Cluster, node: Node): Playbook {
  const resources = [
    noHeldUnits(managedUnits),
    ...hostSettings(cluster, node),
    ...haproxy(cluster, node),
    ...keepalived(cluster, node),
  ];
  return [
    {
      title: 'Packages',
      spread: 'together',
      resources: [
        aptPackages({
          names: daemonPackages,
          heldUnits: managedUnits,
          lockTimeout: cluster.packages.lockTimeout,
        }),
      ],
    },
    {
      title: 'Load balancer',
      spread: 'rolling',
      resources: [...resources, leftovers(resources)],
      agreement: agreement(cluster),
      premise: installedVersions(cluster, node),
    },
  ];
}
