import type { Cluster, Node } from '../../cluster/cluster.js';
import { DeployError } from '../../errors/deploy-error.js';
import { ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import type { Run } from '../run/run.js';
import type { PlaybookOf } from './prepare.js';

/** Which nodes a run is about. */
export interface Scope {
  /** The only ones to be changed; the others are looked at, as peers and holders. */
  readonly limit?: readonly string[] | undefined;
  /** Go on without those that cannot be reached; the next run brings them into line. */
  readonly skipUnreachable?: boolean | undefined;
  /** Nodes that were a part of the cluster, and will never come back. */
  readonly forget?: readonly string[] | undefined;
}

/** The same playbooks, with nothing wanted of the nodes outside the limit. */
export function limitedTo(scope: Scope, playbookOf: PlaybookOf): PlaybookOf {
  return (node) => {
    const playbook = playbookOf(node);
    return isInside(scope, node.name) ? playbook : playbook.map((stage) => ({ ...stage, resources: [] }));
  };
}

export function isInside({ limit }: Scope, node: string): boolean {
  return limit === undefined || limit.includes(node);
}

/** @throws DeployError USAGE for a name that the configuration does not have */
export function checkScope(cluster: Cluster, { limit = [] }: Scope): void {
  const names = cluster.nodes.map(({ name }) => name);
  const unknown = limit.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new DeployError('USAGE', `there is no node called ${unknown}`, {
      hint: `The nodes are: ${names.join(', ')}.`,
    });
}

/**
 * What all nodes must have alike changes on all of them, or not at all.
 * @param all every node of the configuration, reached or not
 * @throws DeployError LIMIT_TOO_NARROW
 */
export function refuseDisagreement(
  scope: Scope,
  playbookOf: PlaybookOf,
  all: readonly Node[],
  observations: ReadonlyMap<string, Observation>,
): void {
  const disagrees = (node: Node, how: 'runs' | 'differs'): boolean => {
    const host = observations.get(node.name);
    if (host === undefined) return how === 'runs';
    return playbookOf(node).some(
      ({ agreement }) => agreement !== undefined && (how === 'runs' ? !agreement.runs(host) : agreement.differs(host)),
    );
  };
  // What a lost run has changed of it, this one would confirm on some nodes, and the others would take back.
  const isAdopted = [...observations.values()].some((host) => host.get(ledger).together);
  if (!isAdopted && !all.some((node) => disagrees(node, 'differs'))) return;
  const left = all.filter(
    (node) =>
      !(isInside(scope, node.name) && observations.has(node.name)) &&
      (disagrees(node, 'runs') || observations.get(node.name)?.get(ledger).together === true),
  );
  const [first] = left;
  if (first === undefined) return;
  throw new DeployError(
    'LIMIT_TOO_NARROW',
    `this changes what all nodes must have alike, and would leave out ${left.map(({ name }) => name).join(' and ')}: two nodes would hold the VIP`,
    { node: first.name, hint: 'Change all nodes in one run: without --limit, and with every node reachable.' },
  );
}

/**
 * A node that the deployed configuration names as a peer, and this one does not, would go on taking part.
 * @throws DeployError NODE_MISSING
 */
export function refuseForgotten(
  { cluster }: Run,
  { forget = [] }: Scope,
  observations: ReadonlyMap<string, Observation>,
): void {
  const known = new Set(cluster.nodes.map(({ address }) => address));
  for (const host of observations.values()) {
    const gone = host
      .get(ledger)
      .generation?.nodes.find(({ name, address }) => !known.has(address) && !forget.includes(name));
    if (gone === undefined) continue;
    throw new DeployError(
      'NODE_MISSING',
      `${gone.name} (${gone.address}) is a part of this cluster, and the configuration does not name it`,
      {
        node: host.node,
        hint: `Take it out first: \`ha-deploy down -c <the configuration that names it> --limit ${gone.name}\`. If it is dead for good: \`ha-deploy up --forget ${gone.name}\`.`,
      },
    );
  }
}
