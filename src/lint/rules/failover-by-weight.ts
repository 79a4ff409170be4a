import { detections } from '../simulate/detection.js';
import { time } from '../simulate/simulate.js';
import { onInstances, type Rule } from './rule.js';

export const failoverByWeight: Rule = {
  id: 'HA004',
  title: 'The death of HAProxy is a FAULT, not a lower priority',
  level: 'warning',
  reason:
    'After FAULT the holder says goodbye, and a backup waits only for its skew. After a lower priority the backup has to ignore adverts until its timer runs out: three intervals more.',
  source: 'https://github.com/acassen/keepalived/issues/2599; docs/facts.md',
  check: onInstances((instance, { host }) => {
    const [first] = detections(instance, 'dead', host);
    if (first === undefined || first.tracker.weight === 0) return [];
    const { watcher, weight, line } = first.tracker;
    const wait = time(instance.downTimerAdverts.value * instance.advertIntervalMs.value);
    return [
      {
        line,
        message: `${watcher.name} answers the death of HAProxy by a weight of ${weight}: ${wait} more without service`,
        fix: `Give ${watcher.name} weight 0.`,
      },
    ];
  }),
};
