import { passesOnByFault } from '../simulate/detection.js';
import { preempts } from '../simulate/priorities.js';
import { onInstances, type Rule } from './rule.js';

export const weightMovesNothing: Rule = {
  id: 'HA047',
  title: 'Every weight can move the VIP',
  level: 'warning',
  reason:
    'With nopreempt a weight never moves the VIP: beside trackers that lead to FAULT it only decides which of two holders keeps it, as after a partition.',
  source:
    'https://github.com/acassen/keepalived/issues/2379, #2483, #2599; docs/facts.md, "How long clients are without service"',
  check: onInstances((instance, { host }) =>
    preempts(instance) || !passesOnByFault(instance, host)
      ? []
      : instance.trackers
          .filter(({ watcher, weight }) => weight !== 0 && host?.tieBreakers.includes(watcher.program) !== true)
          .map(({ watcher, weight, line }) => ({
            line,
            message: `${watcher.name} changes the priority by ${weight}, which moves no VIP with nopreempt`,
            fix: `Give ${watcher.name} weight 0 where the VIP should leave the node; else this is as it should be.`,
          })),
  ),
};
