import type { Cluster } from '../../cluster/cluster.js';
import { addressIn } from '../../cluster/peering.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Observation } from '../../facts/observation.js';
import { protocolOf } from './channels.js';
import { ranges } from './ranges.js';
import { type Deafness, deafnesses, type ForeignAdvert, foreignAdverts, type Hearings } from './wire.js';

/**
 * Refuses a wire on which the cluster would not elect one holder.
 * @throws DeployError VRID_TAKEN, VRRP_BLOCKED
 */
export function checkWire(cluster: Cluster, observations: readonly Observation[], hearings: Hearings): void {
  const [foreign] = foreignAdverts(cluster, observations, hearings);
  if (foreign !== undefined) throw taken(cluster, foreign, hearings);
  const blocked = deafnesses(cluster, hearings);
  const [first] = blocked;
  if (first === undefined) return;
  throw new DeployError(
    'VRRP_BLOCKED',
    `VRRP (IP protocol ${protocolOf(cluster)}) does not pass between the nodes: ${blockedText(blocked)}; more than one would hold the VIP`,
    { node: first.to.name, hint: passHint(cluster, blocked) },
  );
}

function taken(cluster: Cluster, foreign: ForeignAdvert, hearings: Hearings): DeployError {
  const used = new Set([
    ...[...hearings.values()].flatMap(({ adverts }) => adverts.map(({ routerId }) => routerId)),
    ...cluster.instances.map(({ routerId }) => routerId),
  ]);
  const free = ranges(Array.from({ length: 255 }, (_, index) => index + 1).filter((id) => !used.has(id)));
  const { routerId, source, version, priority, node } = foreign;
  return new DeployError(
    'VRID_TAKEN',
    `router id ${routerId} is in use by ${source}, which is none of the nodes: ${node} hears its adverts (VRRP version ${version}, priority ${priority})`,
    {
      node,
      hint: `Choose another vrrp.routerId: nobody was heard with ${free}. Or stop VRRP on ${source}, if it is to be no router any more.`,
    },
  );
}

/** Directions in words, by who is deaf; more than six are counted. */
export function blockedText(blocked: readonly Deafness[]): string {
  const unheard = new Map<string, string[]>();
  const disguised: string[] = [];
  for (const { from, to, channel, disguise } of blocked) {
    const how = [...(channel.cast === 'multicast' ? ['multicast'] : []), ...(channel.family === 6 ? ['IPv6'] : [])];
    const name = how.length > 0 ? `${from.name} (${how.join(', ')})` : from.name;
    if (disguise === undefined) unheard.set(to.name, [...(unheard.get(to.name) ?? []), name]);
    else
      disguised.push(`${to.name} hears ${from.name} from ${disguise} in place of ${addressIn(from, channel.family)}`);
  }
  const all = [...[...unheard].map(([to, from]) => `${to} does not hear ${from.join(' and ')}`), ...disguised];
  const others = all.length - 6;
  return [...all.slice(0, 6), ...(others > 0 ? [`and ${others} more`] : [])].join(', ');
}

/** What an operator can do so that adverts pass. */
export function passHint(cluster: Cluster, blocked: readonly Deafness[]): string {
  const number = protocolOf(cluster);
  if (blocked.every(({ disguise }) => disguise !== undefined))
    return `Something between the nodes rewrites addresses: take NAT off IP protocol ${number} between them.`;
  const nodes = [...new Set(blocked.map(({ to }) => to.name))];
  const sixes = [...new Set(blocked.map(({ channel }) => (channel.family === 6 ? '6' : '')))].toSorted();
  const nft = `nft insert rule inet filter input meta l4proto ${number} accept`;
  const tables = sixes.map((six) => `\`ip${six}tables -I INPUT -p ${number} -j ACCEPT\``);
  const ufw = sixes.map(
    (six) => `the line \`-A ufw${six}-before-input -p ${number} -j ACCEPT\` in /etc/ufw/before${six}.rules`,
  );
  return `A firewall must let IP protocol ${number} pass. On ${nodes.join(', ')}: \`${nft}\`, or ${tables.join(' and ')}, or with ufw ${ufw.join(' and ')} and \`ufw reload\`; so must firewalls and security groups between the nodes.`;
}
