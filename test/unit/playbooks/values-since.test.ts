import { expect, test } from 'vitest';
import { haproxyConfig } from '../../../playbooks/haproxy.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { nameOf, type Release, releases } from '../../../src/cluster/versions/releases.js';
import { newValues, releasesBefore } from '../../../src/cluster/versions/values-since.js';
import { bareHost } from '../../../src/facts/host/bare-host.js';
import { hostWith } from '../facts/support.js';
import { clusters } from './support.js';

const minimal = clusters['minimal']?.();
if (minimal === undefined) throw new Error('there is no minimal example');
const [node] = minimal.nodes;
if (node === undefined) throw new Error('there is no node');

const installed = ({ id, version, haproxy, keepalived }: Release) =>
  hostWith(
    {
      packages: `haproxy\t${haproxy.text}-1\tinstalled\nkeepalived\t1:${keepalived.text}-1\tinstalled\n`,
      platform: `os ID=${id}\nos VERSION_ID="${version}"\nsystemd\n`,
    },
    node.name,
  );

const balanced = (balance: string): Cluster => ({
  ...minimal,
  services: minimal.services.map((service) => ({ ...service, balance })),
});

test.each([
  ['hash path', ['debian:11', 'ubuntu:20.04', 'ubuntu:22.04']],
  ['uri path-only', ['debian:11', 'ubuntu:20.04']],
  ['uri whole depth 3', []],
  ['leastconn', []],
])('balance %s is refused on the nodes that do not know it, and on no others', (balance, refusing) => {
  const cluster = balanced(balance);
  expect(cluster.services.flatMap(newValues).flatMap(releasesBefore)).toEqual(refusing);
  for (const release of releases) {
    const render = () => haproxyConfig(cluster, node, installed(release)).content.reveal();
    if (refusing.includes(nameOf(release)))
      expect(render).toThrow(
        expect.objectContaining({
          code: 'UNFIT_VERSIONS',
          details: expect.objectContaining({ node: node.name }) as unknown,
        }),
      );
    else expect(render()).toContain(`balance ${balance}`);
    // What is to be installed is asked when it is there.
    expect(haproxyConfig(cluster, node, bareHost(node, release)).content.reveal()).toContain(`balance ${balance}`);
  }
});
