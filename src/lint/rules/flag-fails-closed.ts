import { detections } from '../simulate/detection.js';
import { onInstances, type Rule } from './rule.js';

export const flagFailsClosed: Rule = {
  id: 'HA046',
  title: 'A missing flag file is a fault',
  level: 'warning',
  reason:
    'A missing or empty flag file reads 0. Unless the weight is reversed that means healthy, so at boot a node without HAProxy may take the VIP.',
  source: 'measured on keepalived 2.1.5, 2.2.7 and 2.3.3 (docs/facts.md)',
  check: onInstances((instance, { host }) =>
    detections(instance, 'dead', host)
      .filter(({ tracker: { watcher, reverse } }) => watcher.kind === 'file' && !reverse)
      .map(({ tracker: { watcher, line } }) => ({
        line,
        message: `${watcher.name} takes a missing ${watcher.subject} for a healthy HAProxy`,
        fix: 'Write weight 0 reverse, and 1 into the file while HAProxy serves.',
      })),
  ),
};
