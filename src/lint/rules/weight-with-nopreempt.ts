import { passesOnByFault } from '../simulate/detection.js';
import { preempts } from '../simulate/priorities.js';
import { onInstances, type Rule } from './rule.js';

export const weightWithNopreempt: Rule = {
  id: 'HA002',
  title: 'No failover by weight together with nopreempt',
  level: 'error',
  reason:
    'With nopreempt a node never takes the VIP from a holder of lower priority, so a tracker that only lowers the priority never leads to a failover. Beside trackers that lead to FAULT a weight has another use: HA047.',
  source: 'https://github.com/acassen/keepalived/issues/2379, #2483, #2599',
  check: onInstances((instance, { host }) =>
    preempts(instance) || passesOnByFault(instance, host)
      ? []
      : instance.trackers
          .filter(({ weight }) => weight !== 0)
          .map(({ watcher, weight, line }) => ({
            line,
            message: `${watcher.name} changes the priority by ${weight}, and nopreempt makes priorities void`,
            fix: `Give ${watcher.name} weight 0: FAULT passes the VIP on in spite of nopreempt.`,
          })),
  ),
};
