import type { Cluster, Node, Template, Vip, VrrpInstance } from '../src/cluster/cluster.js';
import { unicastAddresses } from '../src/cluster/peering.js';
import { Content } from '../src/cluster/secrets/content.js';
import { knowledgeOf } from '../src/cluster/versions/versions.js';
import { DeployError } from '../src/errors/deploy-error.js';
import type { Fact } from '../src/facts/fact.js';
import { haproxyProcess } from '../src/facts/haproxy/haproxy.js';
import { daemonVersions, versionFacts } from '../src/facts/host/daemon-versions.js';
import { file } from '../src/facts/host/file.js';
import { dumpKeepalived, keepalivedProcess } from '../src/facts/keepalived/keepalived.js';
import { interfaceNamed, interfaces, interfaceWith } from '../src/facts/network/interfaces.js';
import { mailNote, mailServer } from '../src/facts/network/mail-server.js';
import type { Observation } from '../src/facts/observation.js';
import { Shell, sh } from '../src/remote/shell.js';
import { type Identified, identified } from '../src/render/identity.js';
import { originOf } from '../src/render/origin.js';
import { shippedTemplate } from '../src/render/shipped.js';
import { indented, renderTemplate } from '../src/render/template.js';
import { managedFile } from '../src/resources/kinds/managed-file.js';
import { runtimeFlag } from '../src/resources/kinds/runtime-flag.js';
import { type Currency, systemdService } from '../src/resources/kinds/systemd-service.js';
import type { Resource } from '../src/resources/resource.js';
import { agreementOf, noStandingBack, takePartOn } from './agreement.js';
import { daemonReload, ours } from './host.js';
import { oncePerHost } from './once-per-host.js';
import { managedUnits, paths } from './paths.js';
import { secretLines } from './secrecy.js';
import { healthScript, serversScript, trackers } from './trackers.js';

/** keepalived: its trackers, its configuration, its place in systemd, and the service. */
export function keepalived(cluster: Cluster, node: Node): readonly Resource[] {
  const rendered = oncePerHost((host) => keepalivedConfig(cluster, node, host));
  const config = managedFile({
    path: paths.keepalivedConfig,
    content: (host) => rendered(host).content,
    facts: renderingFacts(cluster),
    mode: '0640',
    owner: 'root:root',
    checker: { program: 'keepalived', command: check },
    trial: {
      account: paths.scriptUser,
      beside,
      originOf: originOf(cluster.templates.keepalived, [{ key: 'vrrp.extra', text: cluster.vrrp.extra }]),
    },
    secretLines: secretLines.keepalived,
  });
  return [
    ours(paths.keepalivedDropIn, dropIn, daemonReload),
    ...trackers(),
    config,
    runtimeFlag({
      path: paths.servingFlag,
      facts: [haproxyProcess],
      // HAProxy's hooks write the flag from its next start on; for one that ran before they came, it is set here.
      wanted: (host) => (host.get(haproxyProcess) === undefined ? undefined : '1'),
      why: 'HAProxy serves',
    }),
    systemdService({
      unit: 'keepalived.service',
      among: managedUnits,
      reads: [config],
      facts: [keepalivedProcess, runtime, ...renderingFacts(cluster)],
      currency: (host) => currency(host, rendered(host).identity),
      noise: 'Printing (parent|VRRP) data',
      beforeReload: keptThrough(cluster),
      settled: (host) => settled(rendered(host).identity, cluster),
    }),
    noStandingBack(cluster),
  ];
}

/** What keepalived.conf names: the test looks for it. */
const beside = [
  { path: paths.healthScript, content: Content.of(healthScript) },
  { path: paths.serversScript, content: Content.of(serversScript) },
  { path: paths.servingFlag, content: Content.of('1\n') },
  { path: paths.maintenanceFlag, content: Content.of('0\n') },
];

/** Where the flags are that keepalived watches. */
const runtime = file(paths.runtime);

/** What {@link keepalivedConfig} must know of a host. */
export function renderingFacts(cluster: Cluster): readonly Fact<unknown>[] {
  const mail = mailServer(cluster);
  return [interfaces, ...versionFacts, ...(mail === undefined ? [] : [mail])];
}

/**
 * keepalived.conf of one node, and the name by which the running daemon shows that it has read exactly this.
 * @throws DeployError INTERFACE_MISSING when no interface of the host carries the node's address; UNSUPPORTED_HOST
 */
export function keepalivedConfig(cluster: Cluster, node: Node, host: Observation): Identified {
  const render = (identity: string): Content => keepalivedText(cluster, node, host, identity);
  // The subject of its alerts begins with the router id: it names the node.
  return identified(templateOf(cluster), render, {
    prefix: `${node.name}/`,
    suffix: `-${agreementOf(cluster)}`,
    salt: cluster.name,
  });
}

/**
 * keepalived.conf of one node under a given name: no secret is read for it.
 * @throws DeployError INTERFACE_MISSING when no interface of the host carries the node's address
 */
export function keepalivedText(cluster: Cluster, node: Node, host: Observation, identity: string): Content {
  const vrrp = cluster.vrrp;
  const carrier = vipInterface(node, host);
  const named = (name: string): string => interfaceNamed(host.get(interfaces), name)?.name ?? name;
  const instances = cluster.instances.map((instance) => instanceOn(instance, cluster, node, carrier, named));
  const versions = daemonVersions(host);
  return renderTemplate(templateOf(cluster), {
    cluster,
    node,
    identity,
    versions,
    knows: knowledgeOf(versions),
    paths,
    indented,
    vrrp,
    instances,
    smtpServer: smtpServerOn(cluster, host),
    mailNote,
  });
}

/** Where mail goes from a host; undefined where none can. */
function smtpServerOn(cluster: Cluster, host: Observation): string | undefined {
  const fact = mailServer(cluster);
  const found = fact && host.get(fact);
  if (found === 'unresolved') return undefined;
  return found === undefined || found === 'unasked' ? cluster.vrrp.email?.smtpServer : found.address;
}

function templateOf({ templates }: Cluster): Template {
  return templates.keepalived ?? shippedTemplate('keepalived.conf.ejs');
}

interface InstanceOnNode {
  readonly name: string;
  readonly routerId: number;
  readonly priority: number | undefined;
  /** What a node loses that no server answers, more than lies between any two; nothing where it would decide of a failover. */
  readonly tieBreak: number | undefined;
  readonly interface: string;
  /** Where adverts come from, and where they go; none is multicast. */
  readonly source: string | undefined;
  readonly peers: readonly string[];
  readonly vips: readonly Vip[];
}

function instanceOn(
  instance: VrrpInstance,
  cluster: Cluster,
  node: Node,
  carrier: string,
  named: (name: string) => string,
): InstanceOnNode {
  const vips = instance.vips.map((vip) => ({
    ...vip,
    interface: vip.interface === undefined ? carrier : named(vip.interface),
  }));
  // Adverts are of the family of the VIPs.
  const addresses = unicastAddresses(cluster, vips[0]?.family ?? 4) ?? new Map<string, string>();
  const priorities = [...instance.priorities.values()];
  const spread = Math.max(...priorities) - Math.min(...priorities);
  return {
    name: instance.name,
    routerId: instance.routerId,
    priority: instance.priorities.get(node.name),
    tieBreak: cluster.vrrp.preempt || cluster.nodes.length < 2 ? undefined : Math.max(-253, -(spread + 1)),
    interface: carrier,
    source: addresses.get(node.name),
    peers: [...addresses].flatMap(([name, address]) => (name === node.name ? [] : [address])),
    vips,
  };
}

/** The interface that carries the VIPs of a node. */
export function vipInterface(node: Node, host: Observation): string {
  const all = host.get(interfaces);
  const found =
    node.interface === undefined
      ? interfaceWith(all, node.address)?.name
      : (interfaceNamed(all, node.interface)?.name ?? node.interface);
  if (found !== undefined) return found;
  throw new DeployError('INTERFACE_MISSING', `no interface carries ${node.address}, the address of ${node.name}`, {
    node: node.name,
    hint: `Correct nodes.${node.name}, or name the interface there.`,
  });
}

const dropIn = `[Unit]
After=haproxy.service
# An interface may come minutes after a boot: without it keepalived ends, by itself and before 2.2 with success.
StartLimitIntervalSec=0
[Service]
Restart=always
RestartSec=1
TimeoutStopSec=10
OOMScoreAdjust=-900
# Where it writes what we ask it for: /tmp may be full.
Environment=TMPDIR=${paths.runtime}
# What it has in memory holds secrets: no core dump of it.
LimitCORE=0
`;

/**
 * keepalived's own test. It hides lesser errors behind greater ones and warns with an exit code of 0, so only silence counts;
 * 2.2.5 to 2.2.7 kill themselves in the test when a script runs as another user than root (acassen/keepalived#2587), so
 * what is tested runs its script as root.
 */
const check = Shell.literal(String.raw`
tested=$(mktemp "$candidate.XXXXXXXX") && sed 's/^\( *script_user \).*/\1root/' "$candidate" > "$tested" || exit 1
said=$(keepalived -t -f "$tested" 2>&1)
code=$?
rm -f "$tested"
printf '%s' "$said"
[ "$code" -eq 0 ] && [ -z "$said" ]
`);

function currency(host: Observation, identity: string): Currency {
  const running = host.get(keepalivedProcess);
  if (running === undefined) return { action: 'restart', why: 'it does not answer' };
  // Measured: a reload takes in every setting that we write, the VRRP version and the router id included.
  if (running.routerId !== identity) return { action: 'reload', why: 'it runs another configuration' };
  // A folder that comes back is another one, and it goes on watching the flags in the old one.
  if (host.get(runtime).type === 'absent') return { action: 'reload', why: `${paths.runtime} was taken away` };
  return 'current';
}

/**
 * A router id that is not running yet makes keepalived begin anew, and wait for a master that there is not: three adverts without
 * a holder (seen with 2.2.7). As an owner of the addresses (priority 255) it is master at once, and stays it
 * when its own priority comes back. A router id is what all nodes must agree on: the others stand back meanwhile.
 */
function keptThrough({ instances }: Cluster): Shell {
  const ids = instances.map(({ routerId }) => routerId);
  return sh`(
path=${paths.keepalivedConfig}
router_ids=${ids.join(' ')}
${dumpKeepalived}${beOwner})
`;
}

const beOwner = Shell.literal(String.raw`
all_run() {
  for id in $router_ids; do printf '%s\n' "$1" | grep -qx "   Virtual Router ID = $id" || return 1; done
}
state=$(dump_keepalived) && ! all_run "$state" && printf '%s\n' "$state" | grep -qx '   State = MASTER' || exit 0
folder=$(dirname "$path")
kept=$(mktemp "$folder/.ha-deploy.XXXXXXXX") && owner=$(mktemp "$folder/.ha-deploy.XXXXXXXX") || exit 0
trap 'rm -f "$kept" "$owner"' EXIT
cp -p "$path" "$kept" && sed -e 's/^\( *priority \).*/\1255/' -e 's/^\( *state \).*/\1MASTER/' "$path" >"$owner" || exit 0
trap 'rm -f "$owner"; mv -fT "$kept" "$path"' EXIT
mv -fT "$owner" "$path" && systemctl reload keepalived.service || exit 0
polls=0
until state=$(dump_keepalived) && all_run "$state" && ! printf '%s\n' "$state" | grep -qE '^   State = (INIT|BACKUP|FAULT)$'; do
  [ "$polls" -lt 20 ] || exit 0
  polls=$((polls + 1))
  sleep 0.1
done
`);

/** Up to 20 seconds of the host's own uptime: it runs this configuration, and takes part in every election. */
function settled(identity: string, cluster: Cluster): Shell {
  const takePart = takePartOn(agreementOf(cluster));
  return sh`identity=${` Router ID = ${identity}`}\ninstances=${cluster.instances.length}\nmaintenance=${paths.maintenanceFlag}\ntake_part_again() {\n${takePart}}\n${dumpKeepalived}${awaitElections}`;
}

const awaitElections = Shell.literal(String.raw`
uptime() { read -r seconds _ < /proc/uptime; echo "$(printf '%s' "$seconds" | cut -d. -f1)"; }
deadline=$(($(uptime) + 20))
while :; do
  state=$(dump_keepalived)
  taking_part=$(printf '%s\n' "$state" | grep -cE '^   State = (MASTER|BACKUP)$')
  if printf '%s\n' "$state" | grep -qxF "$identity"; then
    take_part_again
    [ "$taking_part" -eq "$instances" ] && exit 0
    # An operator keeps it out of elections: it runs what it should, and that is all there is to wait for.
    flag=; { read -r flag <"$maintenance"; } 2>/dev/null; [ "$flag" = 1 ] && exit 0
  fi
  [ "$(uptime)" -lt "$deadline" ] || break
  sleep 0.2
done
echo 'keepalived does not take part with the new configuration; it says:'
if [ "$state" ]; then printf '%s\n' "$state"
else
  echo 'nothing. An old one writes its answers to /tmp:'
  df -P /tmp
fi
exit 1
`);
