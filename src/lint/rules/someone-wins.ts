import type { Pair } from '../daemons/lint-input.js';
import { type FailoverRow, type SimulatedFault } from '../judgement.js';
import { detections } from '../simulate/detection.js';
import { simulate } from '../simulate/simulate.js';
import { found, type Rule } from './rule.js';

export const someoneWins: Rule = {
  id: 'HA001',
  title: 'Another node wins when HAProxy fails',
  level: 'error',
  reason:
    'A backup takes the VIP from a holder that still sends adverts only if its priority is strictly higher: a tie keeps the holder, and so the VIP stays where nothing serves it.',
  source: 'RFC 5798, 6.4.3; measured: the VIP stayed on the dead node (docs/facts.md)',
  check: (pair) => {
    const lost = simulate(pair).filter((row) => row.ms === 'never' && isNoticed(row, pair));
    return lost.flatMap((row) => complaint(row, pair));
  },
};

const ailments = { 'haproxy-kill': 'dead', 'haproxy-stop': 'dead', 'haproxy-hang': 'hung' } as const;

function isAilment(fault: SimulatedFault): fault is keyof typeof ailments {
  return fault in ailments;
}

/** Where nothing notices, other rules say so; where there is no other node, nobody can win. */
function isNoticed({ fault, holder, instance }: FailoverRow, { elections }: Pair): boolean {
  const members = elections.find(({ name }) => name === instance)?.members ?? [];
  const member = members.find(({ node }) => node.name === holder);
  if (!isAilment(fault) || member === undefined || members.length < 2) return false;
  return detections(member.instance, ailments[fault], member.node.host).length > 0;
}

function complaint({ instance, holder, why }: FailoverRow, { elections }: Pair) {
  const election = elections.find(({ name }) => name === instance);
  const member = election?.members.find(({ node }) => node.name === holder);
  if (election === undefined || member === undefined) return [];
  const line = member.instance.priority.line;
  const message = `the VIPs of ${instance} stay on ${holder} when its HAProxy fails: ${why}`;
  const fix = 'Track with weight 0, which is FAULT; or make every weight greater than the gap between the priorities.';
  return [{ ...found(member, { line, message, fix }), nodes: election.members.map(({ node }) => node.name) }];
}
