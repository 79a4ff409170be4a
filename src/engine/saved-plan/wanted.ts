import type { Cluster } from '../../cluster/cluster.js';
import { Content } from '../../cluster/secrets/content.js';
import { Secret } from '../../cluster/secrets/secret.js';
import type { Digest } from './digest.js';

/**
 * Digest of what a configuration wants of its nodes. How they are reached and where secrets and templates come from do not
 * count: a plan may be applied from another machine.
 */
export function wantedOf(cluster: Cluster, digest: Digest): string {
  const { lint: _, secrets: __, nodes, templates, ...rest } = cluster;
  const wanted = {
    ...rest,
    nodes: nodes.map(({ ssh: ___, sudoPassword: ____, ...node }) => node),
    templates: [templates.haproxy?.source, templates.keepalived?.source],
  };
  return digest(Content.of(JSON.stringify(plain(wanted, digest))));
}

/** The same as JSON knows it, each secret a digest. */
function plain(value: unknown, digest: Digest): unknown {
  if (value instanceof Secret) return digest(new Content([value]));
  if (value instanceof Content) return digest(value);
  if (value instanceof Map) return plain([...value], digest);
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, digest));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, plain(item, digest)]));
}
