import type { Election, Member } from '../daemons/lint-input.js';
import type { Found } from '../judgement.js';
import { found, onElections, type Rule } from './rule.js';

export const peersHearEachOther: Rule = {
  id: 'HA018',
  title: 'Every node sends its adverts to every other',
  level: 'error',
  reason: 'A node that hears no adverts becomes a second holder.',
  source: 'keepalived.conf(5), "unicast_peer"',
  check: onElections((election) => [...mixed(election), ...unheard(election), ...sameSource(election)]),
};

function isUnicast({ instance }: Member): boolean {
  return (instance.peers?.value.length ?? 0) > 0;
}

function mixed({ name, members }: Election): Found[] {
  const lone = members.find((member) => !isUnicast(member));
  if (lone === undefined || !members.some(isUnicast)) return [];
  const message = `${lone.node.name} sends the adverts of ${name} by multicast, and others send them by unicast`;
  const line = lone.instance.peers?.line ?? lone.instance.line;
  const fix = 'Write unicast_peer on every node, or on none.';
  return [{ ...found(lone, { line, message, fix }), nodes: members.map(({ node }) => node.name) }];
}

function unheard({ name, members }: Election): Found[] {
  return members.filter(isUnicast).flatMap((sender) =>
    members.flatMap((hearer) => {
      const address = hearer.instance.unicastSource?.value;
      const peers = sender.instance.peers?.value.map(({ value }) => value) ?? [];
      if (hearer === sender || address === undefined || peers.includes(address)) return [];
      const line = sender.instance.peers?.line ?? sender.instance.line;
      const message = `${sender.node.name} does not send the adverts of ${name} to ${address}, the address of ${hearer.node.name}`;
      const fix = `Add ${address} to unicast_peer on ${sender.node.name}, or correct unicast_src_ip on ${hearer.node.name}.`;
      return [{ ...found(sender, { line, message, fix }), nodes: [sender.node.name, hearer.node.name] }];
    }),
  );
}

function sameSource({ name, members }: Election): Found[] {
  const twin = members.find(({ instance: { unicastSource } }, index) =>
    members.slice(0, index).some((other) => sameAddress(other.instance.unicastSource?.value, unicastSource?.value)),
  );
  if (twin === undefined) return [];
  const line = twin.instance.unicastSource?.line ?? twin.instance.line;
  const message = `two nodes send the adverts of ${name} from ${twin.instance.unicastSource?.value}`;
  const fix = 'Give each node its own address as unicast_src_ip.';
  return [{ ...found(twin, { line, message, fix }), nodes: members.map(({ node }) => node.name) }];
}

function sameAddress(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other;
}
