import { expect, test } from 'vitest';
import { haproxyConfig } from '../../../playbooks/haproxy.js';
import { keepalivedConfig } from '../../../playbooks/keepalived.js';
import { countedDerivations } from '../../support/derivations.js';
import { clusterOf, hostAt } from './support.js';

const derivations = countedDerivations();

const nodes = Array.from({ length: 20 }, (_, index) => `  lb-${index}: 192.168.8.${index + 1}\n`);

const extra = `vrrp: { version: 2, auth: { type: PASS, password: { command: printf many-1 } } }
stats: { auth: { user: ops, password: { command: printf many-2 } } }
`;

test('the files of many nodes take as many slow keys as those of one', () => {
  const cluster = clusterOf('examples/minimal.yaml', (text) =>
    text.replace(/^nodes:\n(?: +.*\n)+/m, `nodes:\n${nodes.join('')}`).concat(extra),
  );
  expect(cluster.nodes).toHaveLength(20);
  const identities = cluster.nodes.flatMap((node) => [
    haproxyConfig(cluster, node, hostAt(node)).identity,
    keepalivedConfig(cluster, node, hostAt(node)).identity,
  ]);
  // One for each file with a secret, and one for what all nodes must agree on.
  expect(derivations()).toBe(3);
  expect(new Set(identities).size).toBe(2 * 20);
});
