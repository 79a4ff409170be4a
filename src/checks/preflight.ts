import { BlockList } from 'node:net';
import type { Cluster, Node, Vip } from '../cluster/cluster.js';
import { edgeOf } from '../cluster/values/edge-of.js';
import { oldestReleases } from '../cluster/versions/releases.js';
import { DeployError } from '../errors/deploy-error.js';
import type { Fact } from '../facts/fact.js';
import { platform } from '../facts/host/platform.js';
import { ledger } from '../facts/ledger/ledger.js';
import { interfaceNamed, interfaces, interfaceWith } from '../facts/network/interfaces.js';
import type { Observation } from '../facts/observation.js';

/** What preflight must know of every node. */
export const preflightFacts: readonly Fact<unknown>[] = [platform, interfaces, ledger];

/**
 * Refuses what cannot work, before anything is changed anywhere.
 * @throws DeployError OTHER_CLUSTER, INTERFACE_MISSING, VIP_OUTSIDE_SUBNET
 */
export function preflight(cluster: Cluster, node: Node, host: Observation): void {
  refuseOtherCluster(cluster, host);
  const carrier = carrierOf(node, host);
  for (const vip of cluster.vips) checkSubnet(node, host, vip, vip.interface ?? carrier, cluster.vips);
}

/**
 * Refuses a host that cannot even be asked.
 * @throws DeployError UNSUPPORTED_HOST
 */
export function checkPlatform(host: Observation): void {
  const name = host.node;
  const { missing, systemd, id, version } = host.get(platform);
  if (missing.length === 0 && systemd) return;
  const lacking = [...missing, ...(systemd ? [] : ['a running systemd'])].join(', ');
  const system = id === '' ? 'this host' : `${id} ${version}`.trim();
  throw new DeployError(
    'UNSUPPORTED_HOST',
    `${name} is no host that ha-deploy can set up: ${system} lacks ${lacking}`,
    {
      node: name,
      hint: `ha-deploy needs ${oldestReleases()}, or later, with apt and systemd.`,
    },
  );
}

/**
 * The interface that carries a node's VIPs: the one that was named, else the one with the node's address.
 * @throws DeployError INTERFACE_MISSING
 */
export function carrierOf(node: Node, host: Observation): string {
  const found = host.get(interfaces);
  const names = found.map(({ name }) => name);
  const wanted = node.interface === undefined ? undefined : interfaceNamed(found, node.interface)?.name;
  if (node.interface !== undefined && wanted === undefined) {
    throw missingInterface(node, `${node.name} has no interface ${node.interface}`, names);
  }
  const owner = interfaceWith(found, node.address)?.name;
  const carrier = wanted ?? owner;
  // Adverts leave from this address, and ip_nonlocal_bind lets them leave from one that the host does not have.
  if (owner === undefined || carrier === undefined)
    throw missingInterface(node, `no interface of ${node.name} carries its address ${node.address}`, names);
  if (node.otherAddress !== undefined && interfaceWith(found, node.otherAddress) === undefined)
    throw missingInterface(node, `no interface of ${node.name} carries its address ${node.otherAddress}`, names);
  return carrier;
}

function missingInterface(node: Node, message: string, names: readonly string[]): DeployError {
  return new DeployError('INTERFACE_MISSING', message, {
    node: node.name,
    hint: `It has ${names.join(', ')}. Correct nodes.${node.name} (address or interface), or vip.interface.`,
  });
}

function checkSubnet(node: Node, host: Observation, vip: Vip, carrier: string, vips: readonly Vip[]): void {
  const found = host.get(interfaces);
  const target = interfaceNamed(found, carrier);
  if (target === undefined) {
    throw missingInterface(
      node,
      `${node.name} has no interface ${carrier}`,
      found.map(({ name }) => name),
    );
  }
  if (vip.routed === true) return;
  // The VIP itself, on its holder, says nothing about the subnet.
  const subnets = target.addresses.filter(({ address }) => address !== vip.address);
  const family = vip.family === 4 ? 'ipv4' : 'ipv6';
  const around = subnets.filter(({ address, prefix }) => {
    const sameFamily = (vip.family === 6) === address.includes(':');
    if (!sameFamily) return false;
    const subnet = new BlockList();
    subnet.addSubnet(address, prefix, family);
    return subnet.check(vip.address, family);
  });
  if (around.some(({ prefix }) => edgeOf(vip.address, prefix) === undefined)) return;
  const [subnet] = around;
  if (subnet !== undefined)
    throw new DeployError(
      'VIP_OUTSIDE_SUBNET',
      `${vip.address} is the ${edgeOf(vip.address, subnet.prefix)} address of the subnet of ${subnet.address}/${subnet.prefix} on ${node.name}: no host may have it`,
      { node: node.name, hint: 'Choose a free address inside that subnet.' },
    );
  const isVip = (address: string): boolean => vips.some((other) => other.address === address);
  const list = subnets
    .filter(({ address }) => !isVip(address))
    .map(({ address, prefix }) => `${address}/${prefix}`)
    .join(', ');
  throw new DeployError(
    'VIP_OUTSIDE_SUBNET',
    `${vip.address} is in no subnet of ${carrier} on ${node.name}: nobody there would ask for it`,
    {
      node: node.name,
      hint: `${carrier} has ${list === '' ? 'no address of that family' : list}. Choose a VIP inside, name another interface, or write \`routed: true\` where routers send the address here.`,
    },
  );
}

/** A host that was set up as a part of another cluster serves that one. @throws DeployError OTHER_CLUSTER */
export function refuseOtherCluster({ name }: Cluster, host: Observation): void {
  const { generation } = host.get(ledger);
  if (generation === undefined || generation.cluster === name) return;
  throw new DeployError('OTHER_CLUSTER', `${host.node} belongs to the cluster ${generation.cluster}, not to ${name}`, {
    node: host.node,
    hint: `Correct the node's address, or take it out of ${generation.cluster} first: \`ha-deploy down -c <its configuration>\`.`,
  });
}
