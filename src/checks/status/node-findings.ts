import { standing } from '../../facts/keepalived/participation.js';
import { type Generation, ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import { couldServe, whyNot } from '../health.js';
import type { Finding } from './finding.js';
import type { NodeError, Seen } from './seen.js';

/** Whether a node is there for the next fault, and is as the configuration wants it. */
export function nodeFindings(name: string, { observations, failures, changes }: Seen): Finding[] {
  const failure = failures?.get(name);
  const host = observations.get(name);
  return [
    ...(failure === undefined ? [] : [unasked(name, failure)]),
    ...(host === undefined ? [] : standingFindings(host)),
    ...driftFindings(name, changes?.get(name) ?? 0, host?.get(ledger).generation),
  ];
}

function unasked(name: string, { message, hint }: NodeError): Finding {
  return {
    code: 'CLUSTER_DEGRADED',
    message: message.includes(name) ? message : `${name} cannot be asked: ${message}`,
    ...(hint !== undefined && { hint }),
  };
}

function standingFindings(host: Observation): Finding[] {
  const { node } = host;
  switch (host.get(standing)) {
    case 'in maintenance':
      return [
        {
          code: 'CLUSTER_DEGRADED',
          message: `${node} is in maintenance: it takes over from nobody`,
          hint: `When the maintenance is over: \`ha-deploy maintenance off ${node}\`.`,
          aside: 'maintenance',
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
    case 'taking part':
      return couldServe(host)
        ? []
        : [
            {
              code: 'CLUSTER_DEGRADED',
              message: `${node} could not take over: ${whyNot(host)}`,
              hint: `\`ha-deploy up\` starts what is stopped; \`journalctl -u keepalived -u haproxy\` on ${node} says more.`,
            },
          ];
  }
}

/** With what it waits for. */
function standsBack(host: Observation): string {
  const [due = 'a run is under way, or was lost a moment ago'] = host.get(ledger).due;
  return `${host.node} stands back: ${due}`;
}

function driftFindings(name: string, changes: number, made: Generation | undefined): Finding[] {
  if (changes === 0) return [];
  if (made?.back !== undefined) {
    const { from, to } = made.back;
    const why = made.note === undefined ? '' : `: ${made.note}`;
    return [
      {
        code: 'DRIFT',
        message: `${name} was put back from generation ${from} to ${to === 0 ? 'before the first run' : to} on purpose, by ${made.by}${why}`,
        hint: 'Correct the configuration first: `ha-deploy up` would make again what was gone back from; `ha-deploy plan` shows it.',
      },
    ];
  }
  return [
    {
      code: 'DRIFT',
      message: `${name} is not as the configuration wants it: ${changes === 1 ? '1 change' : `${changes} changes`}`,
      hint: '`ha-deploy plan` shows what differs, and `ha-deploy up` mends it.',
    },
  ];
}
