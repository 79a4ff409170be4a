import { randomBytes } from 'node:crypto';
import { upPlaybook as playbook } from '../../../playbooks/up.js';
import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Secret } from '../../cluster/secrets/secret.js';
import { defaultRelease } from '../../cluster/versions/releases.js';
import { planNode } from '../../engine/plan/node-plan.js';
import type { Run } from '../../engine/run/run.js';
import { asDeployError, DeployError } from '../../errors/deploy-error.js';
import { bareHost } from '../../facts/host/bare-host.js';
import { reach } from '../../remote/tcp/reach.js';
import { every, systemClock } from './invoke.js';
import type { SshInvocation } from './over-ssh.js';
import { author } from './run-identity.js';

/**
 * A run over SSH, from this process and its environment.
 * @param needs what of the configuration it needs: all, or to `look` only what it takes to log in
 * @throws DeployError SECRET_UNAVAILABLE, TEMPLATE_FAILED, USAGE
 */
export function runOverSsh(
  { cluster, configuration, journal, signal, connector }: SshInvocation,
  needs: 'all' | 'look' = 'all',
): Run {
  // What cannot be resolved must be known before any node is contacted.
  for (const secret of cluster.nodes.flatMap(loginSecrets)) secret.reveal();
  if (needs === 'all') {
    for (const secret of cluster.secrets) secret.reveal();
    if (Object.values(cluster.templates).some((template) => template !== undefined)) renderAll(cluster);
  }
  journal.started(cluster.nodes.map(({ name }) => name));
  const token = randomBytes(16).toString('hex');
  const leaseSeconds = leaseLength(process.env['HA_DEPLOY_LEASE_SECONDS']);
  return {
    cluster,
    connector,
    reach,
    journal,
    signal,
    clock: systemClock,
    every,
    leaseSeconds,
    token,
    author: author(configuration),
  };
}

const usualLease = 60;

/**
 * How long a run may be silent before it is taken for lost. Shorter for tests, which wait for that.
 * @throws DeployError USAGE
 */
function leaseLength(given: string | undefined): number {
  if (given === undefined) return usualLease;
  const seconds = Number(given);
  if (/^\d{1,3}$/.test(given) && seconds >= 4) return seconds;
  throw new DeployError('USAGE', `HA_DEPLOY_LEASE_SECONDS is ${JSON.stringify(given)}`, {
    hint: 'It is a number of seconds from 4 to 999, or not set, which means 60.',
  });
}

/** The operator's own templates may not render at all. @throws DeployError TEMPLATE_FAILED */
function renderAll(cluster: Cluster): void {
  for (const node of cluster.nodes) planNode(playbook(cluster, node), bareHost(node, defaultRelease));
}

/** What keeps the configuration from being compared with the nodes: a secret that is not there. */
export function missingSecrets({ secrets }: Cluster): readonly DeployError[] {
  return secrets.flatMap((secret) => {
    try {
      secret.reveal();
      return [];
    } catch (error) {
      return [asDeployError(error)];
    }
  });
}

function loginSecrets({ ssh, sudoPassword }: Node): Secret[] {
  return [ssh.passphrase, ssh.password, sudoPassword].filter((secret) => secret !== undefined);
}
