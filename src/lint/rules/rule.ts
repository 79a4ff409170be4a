import type { HaproxyConf } from '../daemons/haproxy-model.js';
import type { Instance } from '../daemons/keepalived-model.js';
import type { Election, Member, Pair, PairNode } from '../daemons/lint-input.js';
import type { Located } from '../daemons/source.js';
import type { Found, Level } from '../judgement.js';

/**
 * One thing that a highly available pair must be, or should be. An error is what keeps the pair from starting or from failing
 * over, or gives a VIP two holders; everything else warns.
 */
export interface Rule {
  /** `HA001`; never given to another rule. */
  readonly id: string;
  /** What is so where the rule is kept, in a few words. */
  readonly title: string;
  readonly level: Level;
  /** What happens where it is broken: one or two sentences. */
  readonly reason: string;
  /** Where that is known from. */
  readonly source: string;
  readonly check: (pair: Pair) => readonly Found[];
}

/** Something about one file; which, and of which node, its caller knows. */
export type Complaint = Pick<Found, 'line' | 'message' | 'fix'>;

/** Judges every instance of every node by itself. */
export function onInstances(judge: (instance: Instance, node: PairNode) => readonly Complaint[]): Rule['check'] {
  return onKeepalived((node) => node.keepalived.instances.flatMap((instance) => judge(instance, node)));
}

/** Judges every keepalived.conf by itself. */
export function onKeepalived(judge: (node: PairNode) => readonly Complaint[]): Rule['check'] {
  return ({ nodes }) =>
    nodes.flatMap((node) =>
      judge(node).map((complaint) => ({ nodes: [node.name], file: node.keepalived.file, ...complaint })),
    );
}

/** Judges every haproxy.cfg by itself; `vips` are those that the node may hold. */
export function onHaproxy(
  judge: (conf: HaproxyConf, vips: ReadonlySet<string>, node: PairNode) => readonly Complaint[],
): Rule['check'] {
  return ({ nodes }) =>
    nodes.flatMap((node) => {
      const conf = node.haproxy;
      if (conf === undefined) return [];
      return judge(conf, vipsOf(node), node).map((complaint) => ({
        nodes: [node.name],
        file: conf.file,
        ...complaint,
      }));
    });
}

/** Judges every election of two nodes or more. */
export function onElections(judge: (election: Election) => readonly Found[]): Rule['check'] {
  return ({ elections }) => elections.filter(({ members }) => members.length > 1).flatMap(judge);
}

/** What a member has to say, at a line of its own file. */
export function found({ node }: Member, { line, message, fix }: Complaint): Found {
  return { nodes: [node.name], file: node.keepalived.file, line, message, fix };
}

/**
 * Sees that all members of an election say the same.
 * @param say a value as messages may show it, with its line
 */
export function disagreement(
  { name, members }: Election,
  what: string,
  fix: string,
  say: (instance: Instance) => Located<string>,
): Found[] {
  const said = members.map((member) => ({ member, ...say(member.instance) }));
  const other = said.find(({ value }) => value !== said[0]?.value);
  if (other === undefined) return [];
  const all = said.map(({ member, value }) => `${value} on ${member.node.name}`).join(', ');
  const nodes = members.map(({ node }) => node.name);
  return [{ ...found(other.member, { line: other.line, message: `${what} of ${name}: ${all}`, fix }), nodes }];
}

/** Whether all members of an election speak this version of VRRP. */
export function speaks({ members }: Election, version: 2 | 3): boolean {
  return members.every(({ instance }) => instance.version.value === version);
}

function vipsOf({ keepalived }: PairNode): ReadonlySet<string> {
  return new Set(
    keepalived.instances.flatMap(({ vips, excludedVips }) => [...vips, ...excludedVips].map(({ value }) => value)),
  );
}
