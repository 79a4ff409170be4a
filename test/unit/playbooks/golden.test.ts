import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { haproxyConfig } from '../../../playbooks/haproxy.js';
import { keepalivedConfig } from '../../../playbooks/keepalived.js';
import { nameOf, releases } from '../../../src/cluster/versions/releases.js';
import { clusters, goldenRelease, hostAt, secrets } from './support.js';

/**
 * What a host is given, byte by byte, with made-up secrets; `npx vitest run --project unit -u` writes the files. Read the
 * difference before committing it, and try what changed with the daemons' own checkers: test/golden/README.md says how.
 */
function golden(name: string): string {
  return join(import.meta.dirname, '../../golden', name);
}

describe.each(Object.entries(clusters))('the files of %s', (name, load) => {
  const cluster = load();

  for (const node of cluster.nodes.slice(0, name === 'minimal' ? 2 : 1)) {
    const haproxy = haproxyConfig(cluster, node, hostAt(node));
    const keepalived = keepalivedConfig(cluster, node, hostAt(node));

    test(`haproxy.cfg of ${node.name}`, async () => {
      await expect(haproxy.content.reveal()).toMatchFileSnapshot(golden(`${name}.${node.name}.haproxy.cfg`));
    });

    test(`keepalived.conf of ${node.name}`, async () => {
      await expect(keepalived.content.reveal()).toMatchFileSnapshot(golden(`${name}.${node.name}.keepalived.conf`));
    });

    test(`what is shown of ${node.name} holds no secret`, () => {
      const shown = [haproxy.content, keepalived.content, haproxy.identity, keepalived.identity].map(String).join(' ');
      for (const secret of Object.values(secrets)) expect(shown).not.toContain(secret);
    });
  }
});

const others = releases
  .map((release) => ({ release, name: nameOf(release) }))
  .filter(({ name }) => name !== nameOf(goldenRelease));
const examples = ['minimal', 'full'] as const;

describe.each(others)('on $name,', ({ release, name }) => {
  const folder = name.replace(':', '-');

  test.each(examples)('the files of %s', async (example) => {
    const cluster = clusters[example]?.();
    const node = cluster?.nodes[0];
    if (cluster === undefined || node === undefined) throw new Error(`there is no ${example}`);
    const haproxy = haproxyConfig(cluster, node, hostAt(node, release)).content.reveal();
    await expect(haproxy).toMatchFileSnapshot(golden(`${folder}/${example}.${node.name}.haproxy.cfg`));
    const keepalived = keepalivedConfig(cluster, node, hostAt(node, release)).content.reveal();
    await expect(keepalived).toMatchFileSnapshot(golden(`${folder}/${example}.${node.name}.keepalived.conf`));
  });
});
