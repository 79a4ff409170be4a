import type { Cluster, Node } from '../src/cluster/cluster.js';
import type { Premise } from '../src/resources/playbook.js';
import { haproxyConfig } from './haproxy.js';
import { keepalivedConfig, renderingFacts } from './keepalived.js';
import { haproxyFacts } from './server-names.js';

/** Until its packages are installed, a node is planned with the versions of its release; it may get others, from backports. */
export function installedVersions(cluster: Cluster, node: Node): Premise {
  return {
    name: 'the versions that are installed',
    supposed: 'the versions that its release comes with',
    facts: [...new Set([...renderingFacts(cluster), ...haproxyFacts(cluster)])],
    of: (host) =>
      [haproxyConfig(cluster, node, host), keepalivedConfig(cluster, node, host)]
        .map(({ identity }) => identity)
        .join(),
  };
}
