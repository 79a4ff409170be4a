import { preemptDelayMs } from '../simulate/priorities.js';
import { time } from '../simulate/simulate.js';
import { onInstances, type Rule } from './rule.js';

export const weightWithPreemptDelay: Rule = {
  id: 'HA003',
  title: 'No weights together with preempt_delay',
  level: 'warning',
  reason: 'preempt_delay also holds up a failover that a weight asks for: clients wait for all of it.',
  source: 'https://github.com/acassen/keepalived/blob/v2.2.4/keepalived/vrrp/vrrp.c (vrrp_state_backup)',
  check: onInstances((instance) => {
    const delay = preemptDelayMs(instance);
    if (delay === 0) return [];
    return instance.trackers
      .filter(({ weight }) => weight !== 0)
      .map(({ watcher, line }) => ({
        line,
        message: `${watcher.name} asks for a failover by its weight, and preempt_delay puts it off by ${time(delay)}`,
        fix: `Give ${watcher.name} weight 0, or remove preempt_delay.`,
      }));
  }),
};
