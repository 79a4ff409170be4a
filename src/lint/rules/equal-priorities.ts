import { preempts } from '../simulate/priorities.js';
import { found, onElections, type Rule } from './rule.js';

export const equalPriorities: Rule = {
  id: 'HA007',
  title: 'Priorities differ, or nopreempt says that they do not matter',
  level: 'warning',
  reason:
    'Between equal priorities the higher address wins when both start at once, and nothing says which node is meant to hold the VIP. Where it shall stay put, nopreempt says so.',
  source: 'keepalived.conf(5), "priority" and "nopreempt"',
  check: onElections(({ name, members }) => {
    const twin = members.find(({ instance }, index) =>
      members.slice(0, index).some((other) => other.instance.priority.value === instance.priority.value),
    );
    if (twin === undefined || !members.some(({ instance }) => preempts(instance))) return [];
    const { value, line } = twin.instance.priority;
    const twins = members.filter(({ instance }) => instance.priority.value === value);
    const message = `${twins.map(({ node }) => node.name).join(' and ')} have priority ${value} in ${name}`;
    const fix = 'Give each node a priority of its own, or write nopreempt on all.';
    return [{ ...found(twin, { line, message, fix }), nodes: twins.map(({ node }) => node.name) }];
  }),
};
