import type { Cluster, Service } from '../../cluster/cluster.js';
import { deriveInstances } from '../../cluster/instances.js';
import type { Secret } from '../../cluster/secrets/secret.js';
import { parseDuration } from '../../cluster/values/duration.js';
import type { ClusterInput } from '../schema/cluster.js';
import { expandNodes, nodeEntries } from './nodes.js';
import { expandService, expandShares, expandStats } from './services.js';
import type { LoadContext } from './surroundings.js';
import { electedVips, vipEntries } from './vips.js';
import { expandVrrp } from './vrrp.js';

/** The cluster that a configuration without mistakes describes: short forms long, defaults filled in. */
export function expandCluster(
  input: ClusterInput,
  templates: Cluster['templates'],
  surroundings: LoadContext,
): Cluster {
  const vips = vipEntries(input.vip);
  const entries = nodeEntries(input.nodes);
  const nodes = expandNodes(entries, input, surroundings);
  const instances = deriveInstances(input.name, input.vrrp.routerId, electedVips(vips), entries);
  const vrrp = expandVrrp(input.vrrp, surroundings);
  const stats = expandStats(input.stats, surroundings);
  const shared = expandShares(input.services, input.haproxy.maxConnections);
  const services = Object.entries(input.services).flatMap(([name, service], index) => {
    const share = shared[index];
    return share === undefined ? [] : [expandService(name, service, share, vips, entries, surroundings)];
  });
  return {
    name: input.name,
    nodes,
    vips: electedVips(vips).map(({ vip }) => vip),
    instances,
    vrrp,
    services,
    stats,
    haproxy: input.haproxy,
    packages: { lockTimeout: (parseDuration(input.packages.lockTimeout) ?? 0) / 1000 },
    templates,
    lint: { ignore: new Map(Object.entries(input.lint.ignore)) },
    secrets: [...passwords(vrrp.auth, stats?.auth), ...services.flatMap(certificateSecrets)],
  };
}

function passwords(...auths: ({ readonly password: Secret } | undefined)[]): Secret[] {
  return auths.flatMap((auth) => auth?.password ?? []);
}

function certificateSecrets({ tls }: Service): readonly Secret[] {
  return tls?.certificate.secrets ?? [];
}
