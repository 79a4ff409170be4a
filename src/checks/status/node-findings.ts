import type { Observation } from '../../facts/observation.js';
import { couldServe, whyNot } from '../health.js';
import { endOfMaintenance, inMaintenance, standsBack } from '../verify.js';
import type { Finding } from './finding.js';
import type { NodeStatus } from './node.js';
import type { Seen } from './seen.js';

/** Whether a node is there for the next fault, and is as the configuration wants it. */
export function nodeFindings(name: string, node: NodeStatus, { observations }: Seen): Finding[] {
  const host = observations.get(name);
  if (host === undefined) return unasked(name, node);
  return [...standingFindings(name, node, host), ...driftFindings(name, node)];
}

function unasked(name: string, { error }: NodeStatus): Finding[] {
  const { message = '', hint } = error ?? {};
  return [
    {
      code: 'CLUSTER_DEGRADED',
      message: message.includes(name) ? message : `${name} cannot be asked: ${message}`,
      ...(hint !== undefined && { hint }),
    },
  ];
}

function standingFindings(name: string, { standing }: NodeStatus, host: Observation): Finding[] {
  switch (standing) {
    case 'in maintenance':
      return [
        {
          code: 'CLUSTER_DEGRADED',
          message: inMaintenance(name),
          hint: endOfMaintenance,
        },
      ];
    case 'standing back':
      return [
        {
          code: 'CLUSTER_DEGRADED',
          message: standsBack(host),
          hint: 'It takes part again by itself as soon as it may; `ha-deploy up` brings all nodes to the same terms at once.',
        },
      ];
    default:
      return couldServe(host)
        ? []
        : [{ code: 'CLUSTER_DEGRADED', message: `${name} could not take over: ${whyNot(host)}` }];
  }
}

function driftFindings(name: string, { changes }: NodeStatus): Finding[] {
  if (changes === null || changes === 0) return [];
  return [
    {
      code: 'DRIFT',
      message: `${name} is not as the configuration wants it: ${changes === 1 ? '1 change' : `${changes} changes`}`,
      hint: '`ha-deploy plan` shows what differs, and `ha-deploy up` mends it.',
    },
  ];
}
