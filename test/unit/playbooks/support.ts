import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Cluster, Node } from '../../../src/cluster/cluster.js';
import type { Release } from '../../../src/cluster/versions/releases.js';
import { localFiles } from '../../../src/config/expand/files.js';
import { loadCluster } from '../../../src/config/load.js';
import { Observation } from '../../../src/facts/observation.js';
import { pem } from '../../support/certificates.js';
import { printed } from '../facts/support.js';

const root = resolve(import.meta.dirname, '../../..');

export const secrets = { VRRP_PASSWORD: 'vrrp-pw1', STATS_PASSWORD: 'stats-pw' } as const;

/** A configuration file of the project's, as a cluster. */
export function clusterOf(path: string, change: (text: string) => string = (text) => text): Cluster {
  const file = resolve(root, path);
  const text = change(readFileSync(file, 'utf8'));
  const certificate = Buffer.from(pem('leaf.pem') + pem('leaf.key'));
  const { cluster } = loadCluster({
    path: file,
    cwd: root,
    env: secrets,
    home: '/home/me',
    files: {
      read: (name) => {
        if (name === file) return Buffer.from(text);
        return name.endsWith('.pem') ? certificate : localFiles.read(name);
      },
      mode: (name) => (name.endsWith('.pem') ? 0o600 : localFiles.mode(name)),
    },
  });
  return cluster;
}

/** Every configuration with golden files: how it is made, by name. */
export const clusters: Readonly<Record<string, () => Cluster>> = {
  minimal: () => clusterOf('examples/minimal.yaml'),
  memo: () => clusterOf('examples/memo.yaml'),
  'memo-version-2': () =>
    clusterOf('examples/memo.yaml', (text) => text.replaceAll(/^( {2})# (version|auth): /gm, '$1$2: ')),
  full: () =>
    clusterOf('examples/full.yaml', (text) =>
      text.replace('{ command: "pass show lb/stats" }', '{ env: STATS_PASSWORD }'),
    ),
  ipv6: () => clusterOf('test/fixtures/clusters/ipv6.yaml'),
  'dual-stack': () => clusterOf('test/fixtures/clusters/dual-stack.yaml'),
  'two-families': () => clusterOf('test/fixtures/clusters/two-families.yaml'),
  multicast: () => clusterOf('test/fixtures/clusters/multicast.yaml'),
  single: () => clusterOf('test/fixtures/clusters/single.yaml'),
};

/** A host of which nothing is known but its release, its name servers and the interface that carries its address. */
export function hostAt(node: Node, { id, version }: Pick<Release, 'id' | 'version'> = goldenRelease): Observation {
  const addresses = [{ local: node.address, prefixlen: node.address.includes(':') ? 64 : 24 }];
  const answers = new Map([
    ['interfaces', printed(JSON.stringify([{ ifname: node.interface ?? 'eth0', addr_info: addresses }]))],
    ['packages', printed('', 1)],
    ['platform', printed(`os ID=${id}\nos VERSION_ID="${version}"\nsystemd\n`)],
  ]);
  return new Observation(node.name, {
    get: (fact) =>
      fact.startsWith('server-names:') ? printed('nameserver 192.0.2.53\nnameserver 192.0.2.54\n') : answers.get(fact),
  });
}

/** The release of the golden files that are not of another one. */
export const goldenRelease = { id: 'debian', version: '12' };
