import type { Cluster } from '../cluster/cluster.js';
import { mailServer } from '../facts/network/mail-server.js';
import type { Observation } from '../facts/observation.js';

/** That a node cannot send mail, which costs nobody anything else. */
export function mailWarning(cluster: Cluster, host: Observation): string[] {
  const fact = mailServer(cluster);
  if (fact === undefined || host.get(fact) !== 'unresolved') return [];
  const name = cluster.vrrp.email?.smtpServer ?? '';
  return [
    `${host.node} finds no address for ${name} (vrrp.email.smtpServer), so it sends no mail; \`ha-deploy up\` puts it in when the name resolves there`,
  ];
}
