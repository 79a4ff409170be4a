import { detections } from '../simulate/detection.js';
import { found, onElections, type Rule } from './rule.js';

export const hungHaproxy: Rule = {
  id: 'HA009',
  title: 'An HAProxy that hangs is noticed',
  level: 'warning',
  reason:
    'A process that is there need not work: the kernel goes on accepting connections for it. Only a script that waits for an answer notices.',
  source: 'docs/facts.md: the kernel of a frozen host completes TCP handshakes (measured)',
  check: onElections(({ members }) =>
    members
      .filter(({ instance, node: { host } }) => {
        const hasAny = detections(instance, 'dead', host).length > 0;
        return hasAny && detections(instance, 'hung', host).length === 0;
      })
      .map((member) =>
        found(member, {
          line: member.instance.line,
          message: `${member.instance.name} notices when HAProxy is gone, but not when it hangs`,
          fix: 'Add a vrrp_script of weight 0 that sends HAProxy a request and waits for the answer.',
        }),
      ),
  ),
};
