import { found, onElections, type Rule } from './rule.js';

export const vipOfANode: Rule = {
  id: 'HA022',
  title: 'No VIP is the own address of a node',
  level: 'error',
  reason: 'The node would answer for the VIP whoever holds it: two holders.',
  source: 'RFC 5798, 6.4.2: an owner does not stop answering',
  check: onElections(({ members }) =>
    members.flatMap((member) =>
      member.instance.vips.flatMap(({ value, line }) => {
        const owner = members.find(({ instance }) => instance.unicastSource?.value === value);
        if (owner === undefined) return [];
        const message = `${value} is a VIP, and the own address of ${owner.node.name}`;
        return [found(member, { line, message, fix: 'Choose a free address of the same subnet as the VIP.' })];
      }),
    ),
  ),
};
