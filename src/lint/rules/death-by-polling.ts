import { detections } from '../simulate/detection.js';
import { time } from '../simulate/simulate.js';
import { onInstances, type Rule } from './rule.js';

export const deathByPolling: Rule = {
  id: 'HA010',
  title: 'The death of HAProxy is told, not asked for',
  level: 'warning',
  reason:
    'A script notices after its interval, times fall. A flag file that haproxy.service writes is noticed within 30 ms.',
  source: 'docs/facts.md, "How long clients are without service" (measured)',
  check: onInstances((instance, { host }) => {
    const [first] = detections(instance, 'dead', host);
    if (first?.tracker.watcher.kind !== 'script') return [];
    const { name, line, intervalMs, fall } = first.tracker.watcher;
    const sum = `interval ${time(intervalMs)}, fall ${fall}`;
    return [
      {
        line,
        message: `${name} notices the death of HAProxy after up to ${time(first.withinMs)} (${sum})`,
        fix: 'Track a flag file too, with weight 0, which ExecStopPost of haproxy.service writes.',
      },
    ];
  }),
};
