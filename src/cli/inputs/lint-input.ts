import { basename, dirname } from 'node:path';
import { haproxyText } from '../../../playbooks/haproxy.js';
import { nonlocalBind } from '../../../playbooks/host.js';
import { keepalivedText } from '../../../playbooks/keepalived.js';
import { paths } from '../../../playbooks/paths.js';
import { healthPatienceMs } from '../../../playbooks/trackers.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Content } from '../../cluster/secrets/content.js';
import { defaultRelease } from '../../cluster/versions/releases.js';
import { DeployError } from '../../errors/deploy-error.js';
import { bareHost } from '../../facts/host/bare-host.js';
import type { Observation } from '../../facts/observation.js';
import type { LintHost, NodeFiles } from '../../lint/daemons/lint-input.js';
import { type DaemonFile, hiddenSecret } from '../../lint/daemons/source.js';

/**
 * What the nodes of a cluster would be given, without its secrets: none is read for it.
 * @param hosts what is known of them; of the others what is usual is taken for granted
 */
export function filesOfCluster(
  cluster: Cluster,
  hosts: ReadonlyMap<string, Observation> = new Map(),
): readonly NodeFiles[] {
  const host: LintHost = {
    sysctls: new Map(nonlocalBind(cluster).map((key) => [key, '1'])),
    servingFlags: [paths.servingFlag],
    tieBreakers: [paths.serversScript],
    asks: new Map([[paths.healthScript, paths.healthSocket]]),
    patience: new Map([[paths.healthScript, healthPatienceMs]]),
  };
  return cluster.nodes.map((node) => {
    const on = hosts.get(node.name) ?? bareHost(node, defaultRelease);
    return {
      name: node.name,
      keepalived: withoutSecrets(paths.keepalivedConfig, keepalivedText(cluster, node, on, 'ha-deploy')),
      haproxy: withoutSecrets(paths.haproxyConfig, haproxyText(cluster, node, on, 'ha-deploy')),
      host,
    };
  });
}

/** A label may hold braces, which would be braces of the file. */
function withoutSecrets(file: string, content: Content): DaemonFile {
  return { file, text: content.blanked.replaceAll('\0', hiddenSecret) };
}

/**
 * The nodes that hand-made files are for, the first file of each kind for the first node. One haproxy.cfg is for all.
 * @throws DeployError USAGE where the numbers of files do not fit
 */
export function filesByHand(keepalived: readonly DaemonFile[], haproxy: readonly DaemonFile[]): readonly NodeFiles[] {
  if (haproxy.length > 1 && haproxy.length !== keepalived.length) {
    throw new DeployError('USAGE', `${keepalived.length} keepalived.conf and ${haproxy.length} haproxy.cfg`, {
      hint: 'Give --haproxy one file for all nodes, or one for each file of --keepalived, in the same order.',
    });
  }
  const names = namesOf(keepalived.map(({ file }) => file));
  return keepalived.map((source, index) => ({
    name: names[index] ?? source.file,
    keepalived: source,
    haproxy: haproxy.length === 1 ? haproxy[0] : haproxy[index],
  }));
}

/** A node is named by its file, `lb-1.conf` or `lb-1.keepalived.conf`; where these are the same, by the folder. */
function namesOf(files: readonly string[]): readonly string[] {
  const byFile = files.map((file) => basename(file).replace(/(\.keepalived)?\.[^.]*$/, ''));
  if (new Set(byFile).size === files.length) return byFile;
  const byFolder = files.map((file) => basename(dirname(file)));
  return new Set(byFolder).size === files.length ? byFolder : files;
}
