import type { Cluster, Node } from '../src/cluster/cluster.js';
import { Content } from '../src/cluster/secrets/content.js';
import { interfaceNamed, interfaces, interfaceWith } from '../src/facts/network/interfaces.js';
import type { Observation } from '../src/facts/observation.js';
import { Shell } from '../src/remote/shell.js';
import { keptAddresses } from '../src/resources/kinds/kept-addresses.js';
import { managedFile } from '../src/resources/kinds/managed-file.js';
import { runtimeDirectory } from '../src/resources/kinds/runtime-directory.js';
import { sysctlValue } from '../src/resources/kinds/sysctl-value.js';
import { systemAccount } from '../src/resources/kinds/system-account.js';
import type { Resource } from '../src/resources/resource.js';
import { paths } from './paths.js';

/** What both daemons need of the host. */
export function hostSettings(cluster: Cluster, node: Node): readonly Resource[] {
  const settings = nonlocalBind(cluster);
  return [
    ours(paths.sysctl, settings.map((key) => `${key} = 1\n`).join('')),
    ...settings.map((key) => sysctlValue(key, '1')),
    ours(paths.sysusers, `u ${paths.scriptUser} - "keepalived health scripts"\n`),
    systemAccount(paths.scriptUser, paths.sysusers),
    ours(paths.tmpfiles, `d ${paths.runtime} 0755 root root -\n`),
    runtimeDirectory(paths.runtime, '0755', paths.tmpfiles),
    keptAddresses({ facts: [interfaces], interfaces: (observed) => carriers(cluster, node, observed) }),
  ];
}

/** The settings that let both nodes listen on the VIP, which only one has. */
export function nonlocalBind({ vips }: Cluster): readonly string[] {
  const families = [...new Set(vips.map((vip) => vip.family))].toSorted((a, b) => a - b);
  return families.map((family) => `net.ipv${family}.ip_nonlocal_bind`);
}

/** The interfaces that carry VIPs on a node. */
function carriers({ vips }: Cluster, node: Node, observed: Observation): readonly { name: string; six: boolean }[] {
  const found = observed.get(interfaces);
  const named = (name: string): string => interfaceNamed(found, name)?.name ?? name;
  const own = node.interface === undefined ? interfaceWith(found, node.address)?.name : named(node.interface);
  const on = vips.map((vip) => ({
    six: vip.family === 6,
    name: vip.interface === undefined ? own : named(vip.interface),
  }));
  const names = [...new Set(on.flatMap(({ name }) => name ?? []))];
  return names.map((name) => ({ name, six: on.some((vip) => vip.six && vip.name === name) }));
}

/** A small file of our own that everybody may read. */
export function ours(path: string, content: string, afterwards?: Shell): Resource {
  return managedFile({
    path,
    content: Content.of(`# Written by ha-deploy.\n${content}`),
    mode: '0644',
    owner: 'root:root',
    ...(afterwards && { afterwards }),
  });
}

/** For drop-ins: systemd reads them when told. */
export const daemonReload = Shell.literal('systemctl daemon-reload\n');
