import { detections } from '../simulate/detection.js';
import { found, onElections, type Rule } from './rule.js';

export const haproxyIsWatched: Rule = {
  id: 'HA008',
  title: 'Something watches HAProxy',
  level: 'error',
  reason: 'Without a tracker keepalived knows nothing of HAProxy: the VIP stays on a node whose HAProxy is gone.',
  source: 'keepalived.conf(5), "track_script", "track_process", "track_file"',
  check: onElections(({ members }) =>
    members
      .filter(({ instance, node }) => detections(instance, 'dead', node.host).length === 0)
      .map((member) =>
        found(member, {
          line: member.instance.line,
          message: `${member.instance.name} tracks nothing that notices when HAProxy is gone`,
          fix: 'Track a flag file that haproxy.service writes, or a script that asks HAProxy; docs/facts.md has both.',
        }),
      ),
  ),
};
