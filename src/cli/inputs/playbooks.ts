import { upPlaybook } from '../../../playbooks/up.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { PlaybookOf } from '../../engine/prepare/prepare.js';
import type { Playbook } from '../../resources/playbook.js';

/** What `up` makes of each node. It is asked for at every step, and written down once. */
export function wanted(cluster: Cluster): PlaybookOf {
  const playbooks = new Map<string, Playbook>();
  return (node) => {
    const playbook = playbooks.get(node.name) ?? upPlaybook(cluster, node);
    playbooks.set(node.name, playbook);
    return playbook;
  };
}
