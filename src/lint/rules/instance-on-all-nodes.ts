import { found, type Rule } from './rule.js';

export const instanceOnAllNodes: Rule = {
  id: 'HA025',
  title: 'Every instance is on more than one node',
  level: 'error',
  reason: 'Where only one node takes part in an election, nobody takes its VIPs over.',
  source: 'RFC 5798, 6.1',
  check: ({ nodes, elections }) =>
    nodes.length < 2
      ? []
      : elections
          .filter(({ members }) => members.length < 2)
          .flatMap(({ name, members }) =>
            members.map((member) =>
              found(member, {
                line: member.instance.line,
                message: `only ${member.node.name} has ${name}`,
                fix: 'Write the instance on every node, with the same VIPs.',
              }),
            ),
          ),
};
